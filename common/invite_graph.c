#include "invite_graph.h"

#include "invite_value.h"

#include <string.h>

static bool
is_message(struct json object)
{
	return json_kind(json_get(object, "meetingMessageType")) == JSON_IS_STRING;
}

bool
graph_is(struct json object)
{
	bool start = json_kind(json_get(object, "start")) == JSON_IS_OBJECT;
	bool subject = json_kind(json_get(object, "subject")) != JSON_IS_ABSENT;

	return is_message(object) || json_kind(json_get(object, "iCalUId")) == JSON_IS_STRING ||
	       json_is(json_get(object, "@odata.type"), "#microsoft.graph.event") ||
	       json_has(json_get(object, "@removed")) || (start && subject) ||
	       (start && json_has(json_get(object, "@odata.etag"))) ||
	       (start && json_has(json_get(object, "seriesMasterId")));
}

static struct invitee *
person_of(struct invite_run *run, struct json recipient)
{
	struct json address = json_get(recipient, "emailAddress");

	return invitee_new(run, value_text(run, json_get(address, "address")),
	    value_text(run, json_get(address, "name")));
}

static void
take_attendees(struct invite_run *run, struct invite *invite, struct json attendees)
{
	static const char *const responses[][2] = {{"organizer", "accepted"},
	    {"accepted", "accepted"}, {"declined", "declined"},
	    {"tentativelyAccepted", "tentative"}, {"notResponded", "needs-action"}, {NULL, NULL}};
	struct json_each each = json_each(attendees);

	for (struct json_member item; json_next(&each, &item);) {
		struct invitee *person = person_of(run, item.value);
		if (!person) {
			invite_skip(run, invite->line, "attendee without address and name");
			continue;
		}
		if (json_is(json_get(item.value, "type"), "resource"))
			person->type = "resource";
		struct json status = json_get(item.value, "status");
		person->response = value_one_of(json_get(status, "response"), responses);
		invite_add(invite, person);
	}
}

/* uid is one for the whole series, as in iCalendar; iCalUId is another for each occurrence. */
static int
take_id(struct invite_run *run, struct invite *invite, struct json event)
{
	const char *uid = value_text(run, json_get(event, "uid"));
	const char *occurrence = value_text(run, json_get(event, "iCalUId"));
	bool in_series = json_has(json_get(event, "seriesMasterId"));
	struct invite_time original = {0};

	if (value_time(run, invite->line, json_get(event, "originalStart"), "UTC", &original) != 0)
		return -1;
	if (uid && in_series && original.known)
		invite->instance = invite_instance(run, original);
	else if (in_series || !uid)
		uid = occurrence;
	invite->graph_id = value_text(run, json_get(event, "id"));
	invite->uid = uid ? uid : invite->graph_id;
	if (in_series && !uid && !json_has(json_get(event, "organizer")))
		invite->master = value_text(run, json_get(event, "seriesMasterId"));
	return 0;
}

static void
take_conference(struct invite_run *run, struct invite *invite, struct json event)
{
	value_conference(run, invite, json_get(json_get(event, "onlineMeeting"), "joinUrl"));
	value_conference(run, invite, json_get(event, "onlineMeetingUrl"));
	value_conference(run, invite, json_get(json_get(event, "location"), "displayName"));
	value_conference(run, invite, json_get(event, "bodyPreview"));
	value_conference(run, invite, json_get(json_get(event, "body"), "content"));
}

static void
read_event(struct invite_run *run, uint64_t line, struct json event, bool cancelled)
{
	struct invite *invite = invite_new(run, line);

	if (take_id(run, invite, event) != 0 ||
	    value_time(run, line, json_get(event, "start"), NULL, &invite->start) != 0 ||
	    value_time(run, line, json_get(event, "end"), NULL, &invite->end) != 0)
		return;
	invite->start.date = json_kind(json_get(event, "isAllDay")) == JSON_IS_TRUE;
	invite->cancelled = cancelled || json_kind(json_get(event, "isCancelled")) == JSON_IS_TRUE;
	invite->stamp_ms = value_stamp(json_get(event, "lastModifiedDateTime"));
	invite->subject = value_text(run, json_get(event, "subject"));
	invite->recurs = json_has(json_get(event, "recurrence"));
	invite->invitees_omitted = json_kind(json_get(event, "hideAttendees")) == JSON_IS_TRUE;
	struct invitee *organizer = person_of(run, json_get(event, "organizer"));
	invite->organizer = organizer && !organizer->type ? organizer : NULL;
	take_attendees(run, invite, json_get(event, "attendees"));
	take_conference(run, invite, event);
	invite_collect(run, invite);
}

void
graph_read(struct invite_run *run, uint64_t line, struct json object)
{
	struct json event = json_get(object, "event");
	bool message = is_message(object);

	if (json_has(json_get(object, "@removed")))
		invite_skip(run, line, "removed event: Graph does not say which meeting it was");
	else if (message && json_kind(event) != JSON_IS_OBJECT)
		invite_reject(run, line,
		    "eventMessage without its event (ask for "
		    "$expand=microsoft.graph.eventMessage/event)");
	else
		read_event(run, line, message ? event : object,
		    json_is(json_get(object, "meetingMessageType"), "meetingCancelled"));
}

#include "invite_google.h"

#include "invite_value.h"

#include <string.h>

bool
google_is(struct json object)
{
	struct json kind = json_get(object, "kind");

	if (json_has(kind))
		return json_is(kind, "calendar#event");
	bool event = json_has(json_get(object, "creator")) || json_has(json_get(object, "summary"));
	return json_kind(json_get(object, "iCalUID")) == JSON_IS_STRING ||
	       (event && json_kind(json_get(object, "start")) == JSON_IS_OBJECT);
}

static int
base32_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'v' ? c - 'a' + 10 : -1;
}

/* The id of an event that came from elsewhere is "_" and its UID in base32hex; NULL if this is no
 * such id. */
static const char *
decode_uid(struct invite_run *run, const char *id)
{
	size_t size = strlen(id), out = 0;
	char *uid = arena_alloc(run->arena, size + 1);
	unsigned bits = 0, n_bits = 0;

	if (*id++ != '_')
		return NULL;
	for (; *id; id++) {
		int digit = base32_digit(*id);
		if (digit < 0)
			return NULL;
		bits = (bits << 5 | (unsigned)digit) & 0xfff;
		n_bits += 5;
		if (n_bits < 8)
			continue;
		n_bits -= 8;
		char c = (char)(bits >> n_bits & 0xff);
		if (c <= ' ' || c > '~')
			return NULL;
		uid[out++] = c;
	}
	return out > 0 ? uid : NULL;
}

/* A cancelled instance lacks the iCalUID, but it follows from the id of its series. */
static const char *
uid_of(struct invite_run *run, struct json event)
{
	const char *uid = value_text(run, json_get(event, "iCalUID"));
	const char *series = value_text(run, json_get(event, "recurringEventId"));
	const char *id = series ? series : value_text(run, json_get(event, "id"));

	if (!uid && id)
		uid = decode_uid(run, id);
	if (!uid && id)
		uid = arena_printf(run->arena, "%s@google.com", id);
	return uid;
}

static struct invitee *
person_of(struct invite_run *run, struct json person)
{
	return invitee_new(run, value_text(run, json_get(person, "email")),
	    value_text(run, json_get(person, "displayName")));
}

static void
take_attendees(struct invite_run *run, struct invite *invite, struct json attendees)
{
	static const char *const responses[][2] = {{"needsAction", "needs-action"},
	    {"declined", "declined"}, {"tentative", "tentative"}, {"accepted", "accepted"},
	    {NULL, NULL}};
	struct json_each each = json_each(attendees);

	for (struct json_member item; json_next(&each, &item);) {
		struct invitee *person = person_of(run, item.value);
		if (!person) {
			invite_skip(run, invite->line, "attendee without email and name");
			continue;
		}
		if (json_kind(json_get(item.value, "resource")) == JSON_IS_TRUE)
			person->type = "resource";
		person->response = value_one_of(json_get(item.value, "responseStatus"), responses);
		invite_add(invite, person);
	}
}

/* A meeting on a calendar of its own is that calendar's; who made it is the person. */
static void
take_organizer(struct invite_run *run, struct invite *invite, struct json event)
{
	struct invitee *organizer = person_of(run, json_get(event, "organizer"));

	if (!organizer || organizer->type)
		organizer = person_of(run, json_get(event, "creator"));
	if (organizer && !organizer->type)
		invite->organizer = organizer;
}

static void
take_conference(struct invite_run *run, struct invite *invite, struct json event)
{
	struct json_each each =
	    json_each(json_get(json_get(event, "conferenceData"), "entryPoints"));

	for (struct json_member entry; json_next(&each, &entry);)
		value_conference(run, invite, json_get(entry.value, "uri"));
	value_conference(run, invite, json_get(event, "hangoutLink"));
	value_conference(run, invite, json_get(event, "location"));
	value_conference(run, invite, json_get(event, "description"));
}

static int
take_times(struct invite_run *run, struct invite *invite, struct json event, const char *zone)
{
	struct json original = json_get(event, "originalStartTime");
	struct json date = json_get(original, "date");
	struct invite_time instance = {0};

	if (value_time(run, invite->line, json_get(event, "start"), zone, &invite->start) != 0 ||
	    value_time(run, invite->line, json_get(event, "end"), zone, &invite->end) != 0 ||
	    value_time(run, invite->line, original, zone, &instance) != 0)
		return -1;
	if (json_kind(json_get(event, "endTimeUnspecified")) == JSON_IS_TRUE)
		invite->end.known = false;
	if (instance.known && instance.date) /* the day itself, in no zone */
		invite->instance =
		    arena_printf(run->arena, "%.4s%.2s%.2s", date.at + 1, date.at + 6, date.at + 9);
	else if (instance.known)
		invite->instance = invite_instance(run, instance);
	return 0;
}

void
google_read(struct invite_run *run, uint64_t line, struct json event, const char *zone)
{
	struct invite *invite = invite_new(run, line);

	invite->uid = uid_of(run, event);
	invite->cancelled = json_is(json_get(event, "status"), "cancelled");
	invite->sequence = value_count(json_get(event, "sequence"));
	invite->stamp_ms = value_stamp(json_get(event, "updated"));
	invite->subject = value_text(run, json_get(event, "summary"));
	invite->recurs = json_kind(json_get(event, "recurrence")) == JSON_IS_ARRAY;
	invite->invitees_omitted =
	    json_kind(json_get(event, "attendeesOmitted")) == JSON_IS_TRUE ||
	    json_kind(json_get(event, "guestsCanSeeOtherGuests")) == JSON_IS_FALSE ||
	    json_kind(json_get(event, "privateCopy")) == JSON_IS_TRUE;
	if (take_times(run, invite, event, zone) != 0)
		return;
	take_organizer(run, invite, event);
	take_attendees(run, invite, json_get(event, "attendees"));
	take_conference(run, invite, event);
	invite_collect(run, invite);
}

#include "invite_ics_event.h"

#include "diag.h"
#include "fold.h"
#include "rfc3339.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_LINK_TEXT = 256 * 1024, NO_LINK = 9 };

static void
take_time(struct ics_event *event, const struct content_line *line, struct stated_time *stated)
{
	char shown[80];

	if (ics_time(line->value, &stated->time) == 0) {
		stated->known = true;
		stated->line = line->number;
		stated->zone = content_param(line, "TZID", event->run->scratch);
	} else if (stated == &event->end) {
		invite_skip(event->run, line->number, "DTEND is no time");
	} else {
		diag_escape(shown, sizeof shown, line->value, line->value_size);
		invite_reject(event->run, line->number, "%s is no time: \"%s\"", line->name, shown);
		event->broken = true;
	}
}

static void
take_start(struct ics_event *event, const struct content_line *line)
{
	take_time(event, line, &event->start);
}

static void
take_end(struct ics_event *event, const struct content_line *line)
{
	take_time(event, line, &event->end);
}

static void
take_recurrence(struct ics_event *event, const struct content_line *line)
{
	const char *range = content_param(line, "RANGE", event->run->scratch);

	take_time(event, line, &event->recurrence);
	if (range && strcasecmp(range, "THISANDFUTURE") == 0)
		event->range = true;
}

static void
take_duration(struct ics_event *event, const struct content_line *line)
{
	event->has_duration = ics_duration(line->value, &event->days, &event->duration_ms) == 0;
}

static void
take_stamp(struct ics_event *event, const struct content_line *line)
{
	struct ics_time time;

	if (ics_time(line->value, &time) == 0)
		event->invite->stamp_ms = time.ms;
}

static void
take_sequence(struct ics_event *event, const struct content_line *line)
{
	char *end;
	long long sequence = strtoll(line->value, &end, 10);

	if (end != line->value && sequence >= 0)
		event->invite->sequence = sequence;
}

static void
take_uid(struct ics_event *event, const struct content_line *line)
{
	if (!event->invite->uid)
		event->invite->uid = fold_trim(line->value, line->value_size, event->run->arena);
}

static void
take_subject(struct ics_event *event, const struct content_line *line)
{
	char *text = content_text(line->value, event->run->scratch);

	if (!event->invite->subject)
		event->invite->subject = fold_trim(text, strlen(text), event->run->arena);
}

static void
take_status(struct ics_event *event, const struct content_line *line)
{
	if (strcasecmp(line->value, "CANCELLED") == 0)
		event->invite->cancelled = true;
}

static void
take_rule(struct ics_event *event, const struct content_line *line)
{
	(void)line;
	event->invite->recurs = true;
}

/* The email or phone that a calendar address stands for; NULL if it is another kind of URI. */
static const char *
address_of(const char *value, struct arena *arena)
{
	size_t size = strlen(value);

	fold_trim_span(&value, &size);
	char *address = arena_dup(arena, value, size);
	if (strncasecmp(address, "mailto:", 7) == 0) {
		size = strcspn(address, "?");
		address[percent_decode(address, size)] = '\0';
	} else if (strncasecmp(address, "tel:", 4) != 0 && strpbrk(address, ":/")) {
		return NULL;
	}
	return address;
}

/* Who an ATTENDEE or ORGANIZER is; NULL if neither address nor name is known. */
static struct invitee *
person_of(struct invite_run *run, const struct content_line *line)
{
	struct arena *scratch = run->scratch;
	const char *address = address_of(line->value, scratch);
	const char *name = content_param(line, "CN", scratch);
	const char *email = content_param(line, "EMAIL", scratch);
	struct invitee *person = address ? invitee_new(run, address, name) : NULL;

	if (email && (!person || (!person->email && !person->phone)))
		person = invitee_new(run, email, name);
	return person ? person : invitee_new(run, NULL, name);
}

static void
take_organizer(struct ics_event *event, const struct content_line *line)
{
	struct invitee *person = person_of(event->run, line);

	if (person && person->type) { /* a calendar: perhaps somebody sent it */
		const char *by = content_param(line, "SENT-BY", event->run->scratch);
		by = by ? address_of(by, event->run->scratch) : NULL;
		person = by ? invitee_new(event->run, by, NULL) : NULL;
	}
	if (!event->invite->organizer)
		event->invite->organizer = person;
}

static const char *
one_of(const char *word, const char *const table[][2])
{
	for (; word && (*table)[0]; table++)
		if (strcasecmp(word, (*table)[0]) == 0)
			return (*table)[1];
	return NULL;
}

static void
take_attendee(struct ics_event *event, const struct content_line *line)
{
	static const char *const responses[][2] = {{"ACCEPTED", "accepted"},
	    {"DECLINED", "declined"}, {"TENTATIVE", "tentative"}, {"DELEGATED", "delegated"},
	    {"NEEDS-ACTION", "needs-action"}, {NULL, NULL}};
	static const char *const types[][2] = {
	    {"ROOM", "room"}, {"RESOURCE", "resource"}, {"GROUP", "group"}, {NULL, NULL}};
	struct arena *scratch = event->run->scratch;
	struct invitee *person = person_of(event->run, line);

	if (!person) {
		invite_skip(event->run, line->number, "ATTENDEE without address and name");
		return;
	}
	const char *type = one_of(content_param(line, "CUTYPE", scratch), types);
	if (type)
		person->type = type;
	person->response = one_of(content_param(line, "PARTSTAT", scratch), responses);
	invite_add(event->invite, person);
}

static void
take_link(struct ics_event *event, const struct content_line *line, int rank)
{
	if (rank >= event->link_rank)
		return;
	char *text = content_text(line->value, event->run->scratch);
	size_t size = strlen(text);
	if (conference_find(text, size < MAX_LINK_TEXT ? size : MAX_LINK_TEXT, event->run->arena,
		&event->invite->conference))
		event->link_rank = rank;
}

static void
take_conference(struct ics_event *event, const struct content_line *line)
{
	take_link(event, line, 0);
}

static void
take_url(struct ics_event *event, const struct content_line *line)
{
	take_link(event, line, 1);
}

static void
take_location(struct ics_event *event, const struct content_line *line)
{
	take_link(event, line, 2);
}

static void
take_description(struct ics_event *event, const struct content_line *line)
{
	take_link(event, line, 3);
}

static const struct property {
	const char *name;
	void (*take)(struct ics_event *, const struct content_line *);
	bool needed; /* without it nobody knows which event it is, or when */
	bool people;
} properties[] = {
    {"ATTENDEE", take_attendee, false, true},
    {"CONFERENCE", take_conference, false, false},
    {"DESCRIPTION", take_description, false, false},
    {"DTEND", take_end, false, false},
    {"DTSTAMP", take_stamp, false, false},
    {"DTSTART", take_start, true, false},
    {"DURATION", take_duration, false, false},
    {"LOCATION", take_location, false, false},
    {"ORGANIZER", take_organizer, false, true},
    {"RDATE", take_rule, false, false},
    {"RECURRENCE-ID", take_recurrence, true, false},
    {"RRULE", take_rule, false, false},
    {"SEQUENCE", take_sequence, false, false},
    {"STATUS", take_status, false, false},
    {"SUMMARY", take_subject, false, false},
    {"UID", take_uid, true, false},
    {"URL", take_url, false, false},
    {"X-GOOGLE-CONFERENCE", take_conference, false, false},
    {"X-MICROSOFT-ONLINEMEETINGCONFLINK", take_conference, false, false},
    {"X-MICROSOFT-SKYPETEAMSMEETINGURL", take_conference, false, false},
};

static const struct property *
find_property(const char *name)
{
	for (size_t i = 0; i < sizeof properties / sizeof properties[0]; i++)
		if (strcmp(properties[i].name, name) == 0)
			return &properties[i];
	return NULL;
}

/* A day is one in the run's zone; a floating time, one in the calendar's. */
static int
resolve(const struct ics_event *event, const struct stated_time *stated, struct invite_time *time)
{
	int64_t ms = stated->time.ms;

	if (stated->time.date)
		ms = zone_to_utc(event->run->zone, ms);
	else if (!stated->time.utc && !(stated->zone && *stated->zone))
		ms = zone_to_utc(event->zone, ms);
	else if (!stated->time.utc &&
		 invite_local_time(event->run, stated->line, stated->zone, ms, &ms) != 0)
		return -1;
	*time = (struct invite_time){true, stated->time.date, ms};
	return 0;
}

/* Start, end and which instance; -1 said. An end that nobody knows is left out. */
static int
settle_times(struct ics_event *event)
{
	struct invite *invite = event->invite;
	struct stated_time end = event->end.known ? event->end : event->start;
	struct invite_time instance;

	if (event->start.known && resolve(event, &event->start, &invite->start) != 0)
		return -1;
	if (!event->end.known && event->has_duration)
		end.time.ms += event->days * RFC3339_DAY_MS;
	else if (!event->end.known && event->start.time.date)
		end.time.ms += RFC3339_DAY_MS;
	bool ends = event->end.known || event->has_duration || event->start.time.date;
	if (ends && event->start.known && resolve(event, &end, &invite->end) != 0)
		return -1;
	if (!event->end.known && event->has_duration)
		invite->end.ms += event->duration_ms;
	if (event->recurrence.known) {
		if (resolve(event, &event->recurrence, &instance) != 0)
			return -1;
		if (instance.date)
			instance.ms = event->recurrence.time.ms;
		invite->instance = invite_instance(event->run, instance);
	}
	invite->recurs = event->recurrence.known ? event->range : invite->recurs;
	return 0;
}

/* What the calendar's METHOD makes of the event; false if it tells nothing of the call itself. */
static bool
apply_method(const struct ics_event *event, const char *method)
{
	struct invite *invite = event->invite;

	if (strcasecmp(method, "REPLY") == 0) {
		invite->method = INVITE_REPLY;
	} else if (strcasecmp(method, "COUNTER") == 0) {
		invite->method = INVITE_COUNTER;
	} else if (strcasecmp(method, "CANCEL") == 0) {
		/* RFC 5546, 3.2.5: without STATUS only those whom it names are let go */
		if (!invite->cancelled && invite->invitees)
			invite->method = INVITE_CANCEL;
		else
			invite->cancelled = true;
	} else if (strcasecmp(method, "ADD") == 0) {
		if (!invite->instance && invite->start.known)
			invite->instance = invite_instance(event->run, invite->start);
	} else if (strcasecmp(method, "REFRESH") == 0 ||
		   strcasecmp(method, "DECLINECOUNTER") == 0) {
		invite_skip(event->run, invite->line, "%s: no news of the call", method);
		return false;
	}
	if (invite->method != INVITE_WHOLE)
		invite->cancelled = false;
	return true;
}

void
ics_event_begin(
    struct ics_event *event, struct invite_run *run, const struct zone *zone, uint64_t line)
{
	*event = (struct ics_event){.run = run, .zone = zone, .link_rank = NO_LINK};
	event->invite = invite_new(run, line);
}

void
ics_event_take(struct ics_event *event, const struct content_line *line)
{
	const struct property *property = find_property(line->name);

	if (property)
		property->take(event, line);
}

void
ics_event_refuse(struct ics_event *event, const struct content_line *line, const char *why)
{
	const struct property *property = find_property(line->name);

	if (property && (property->needed || property->people)) {
		invite_reject(event->run, line->number, "%s: %s", line->name, why);
		event->broken |= property->needed;
	} else {
		invite_skip(event->run, line->number, "%s", why);
	}
}

void
ics_event_end(struct ics_event *event, const char *method)
{
	if (!event->broken && settle_times(event) == 0 && apply_method(event, method))
		invite_collect(event->run, event->invite);
	arena_reset(event->run->scratch);
}

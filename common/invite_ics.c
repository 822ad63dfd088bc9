#include "invite_ics.h"

#include "diag.h"
#include "invite_ics_event.h"
#include "invite_line.h"

#include <string.h>
#include <strings.h>

struct ics {
	struct invite_run *run;
	struct content_lines lines;
	struct content_line line;
	struct ics_event event;
	bool in_event;
	unsigned inner; /* components that are open within it: alarms */
	char method[16];
	const struct zone *zone; /* for floating times */
	unsigned depth;          /* open outside of events */
	bool open;               /* a calendar is */
	uint64_t begin;          /* its line */
	size_t n_events;         /* in it */
	bool found;              /* something: a calendar or an event */
	char other[24];          /* what it holds instead */
};

/* Before a component begins or ends that cannot be within an event. */
static void
drop_event(struct ics *ics)
{
	if (ics->in_event)
		invite_reject(ics->run, ics->event.invite->line, "event that does not end");
	ics->in_event = false;
}

static void
begin_event(struct ics *ics)
{
	drop_event(ics);
	ics_event_begin(&ics->event, ics->run, ics->zone, ics->line.number);
	ics->in_event = ics->found = true;
	ics->inner = ics->depth = 0;
	ics->n_events++;
}

/* The zones of the calendar, which may stand behind the events that need them. */
static void
read_zones(struct ics *ics)
{
	struct content_lines ahead = {
	    .at = ics->lines.at, .end = ics->lines.end, .number = ics->lines.number};
	struct content_line line;
	const char *why;
	bool zone = false;

	zones_forget(ics->run->zones);
	ics->zone = ics->run->zone;
	for (int got; (got = content_next(&ahead, &line, &why)) != 0;) {
		bool begin = got > 0 && content_is(&line, "BEGIN");
		bool end = got > 0 && content_is(&line, "END");
		if ((begin || end) && strcasecmp(line.value, "VCALENDAR") == 0)
			break;
		if (begin && strcasecmp(line.value, "VTIMEZONE") == 0)
			zone = true;
		if (zone && got > 0)
			zones_line(ics->run->zones, line.name, line.value);
		if (end && strcasecmp(line.value, "VTIMEZONE") == 0)
			zone = false;
		if (got > 0 && content_is(&line, "X-WR-TIMEZONE") && !ics->run->zone_given) {
			const struct zone *named = zones_find(ics->run->zones, line.value);
			ics->zone = named ? named : ics->zone;
		}
	}
	content_free(&ahead);
}

static void
end_calendar(struct ics *ics)
{
	drop_event(ics);
	if (ics->open && ics->n_events == 0)
		invite_reject(ics->run, ics->begin, "calendar without an event%s%s",
		    *ics->other ? ", only " : "", ics->other);
	ics->open = false;
	ics->n_events = 0;
}

static void
begin_calendar(struct ics *ics)
{
	end_calendar(ics);
	ics->open = ics->found = true;
	ics->begin = ics->line.number;
	ics->depth = 0;
	ics->method[0] = ics->other[0] = '\0';
	read_zones(ics);
}

static void
begin(struct ics *ics)
{
	const char *what = ics->line.value;

	if (strcasecmp(what, "VCALENDAR") == 0) {
		begin_calendar(ics);
	} else if (strcasecmp(what, "VEVENT") == 0) {
		begin_event(ics);
	} else if (ics->in_event) {
		ics->inner++;
	} else {
		if (ics->depth++ == 0)
			diag_escape(ics->other, sizeof ics->other, what, ics->line.value_size);
	}
}

static void
end(struct ics *ics)
{
	const char *what = ics->line.value;

	if (strcasecmp(what, "VCALENDAR") == 0) {
		end_calendar(ics);
	} else if (strcasecmp(what, "VEVENT") == 0 && ics->in_event) {
		ics_event_end(&ics->event, ics->method);
		ics->in_event = false;
	} else if (ics->in_event && ics->inner > 0) {
		ics->inner--;
	} else if (!ics->in_event && ics->depth > 0) {
		ics->depth--;
	}
}

static void
take_line(struct ics *ics)
{
	const struct content_line *line = &ics->line;

	if (content_is(line, "BEGIN"))
		begin(ics);
	else if (content_is(line, "END"))
		end(ics);
	else if (ics->in_event && ics->inner == 0)
		ics_event_take(&ics->event, line);
	else if (!ics->in_event && ics->depth == 0 && content_is(line, "METHOD"))
		diag_escape(ics->method, sizeof ics->method, line->value, line->value_size);
}

static void
refuse_line(struct ics *ics, const char *why)
{
	if (ics->in_event && ics->inner == 0)
		ics_event_refuse(&ics->event, &ics->line, why);
	else
		invite_skip(ics->run, ics->line.number, "%s", why);
}

bool
ics_is(const char *text, size_t size)
{
	struct content_lines lines = content_open(text, size);
	struct content_line line;
	const char *why;
	bool is = content_next(&lines, &line, &why) > 0 && content_is(&line, "BEGIN");

	content_free(&lines);
	return is;
}

void
ics_read(struct invite_run *run, const char *text, size_t size)
{
	struct ics ics = {.run = run, .lines = content_open(text, size), .zone = run->zone};
	const char *why = "";

	for (int got; (got = content_next(&ics.lines, &ics.line, &why)) != 0;) {
		if (got > 0)
			take_line(&ics);
		else
			refuse_line(&ics, why);
	}
	end_calendar(&ics);
	if (!ics.found)
		invite_reject(run, 1, "no calendar");
	zones_forget(run->zones);
	content_free(&ics.lines);
}

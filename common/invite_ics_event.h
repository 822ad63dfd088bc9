/*
 * invite_ics_event: one VEVENT, property by property (RFC 5545, 3.6.1), and what the METHOD of its
 * calendar makes of it (RFC 5546).
 *
 * A property that cannot be read costs what it says, not the event, unless it says which event it
 * is or when.
 */
#ifndef SFPIPE_INVITE_ICS_EVENT_H
#define SFPIPE_INVITE_ICS_EVENT_H

#include "invite_event.h"
#include "invite_ics_time.h"
#include "invite_line.h"

#include <stdbool.h>
#include <stdint.h>

/* A time as it stands in the event, until all of it is read. */
struct stated_time {
	bool known;
	struct ics_time time;
	const char *zone;
	uint64_t line;
};

struct ics_event {
	struct invite_run *run;
	const struct zone *zone; /* for floating times */
	struct invite *invite;
	struct stated_time start, end, recurrence;
	int64_t days, duration_ms;
	bool has_duration;
	bool range;  /* RECURRENCE-ID with RANGE: the later instances too */
	bool broken; /* it lacks what an event must have; said already */
	int link_rank;
};

void ics_event_begin(
    struct ics_event *event, struct invite_run *run, const struct zone *zone, uint64_t line);

/* A property of the event; any other is passed over. */
void ics_event_take(struct ics_event *event, const struct content_line *line);

/* A line of the event that content_next() could not read. */
void ics_event_refuse(struct ics_event *event, const struct content_line *line, const char *why);

/* Collects or rejects it. */
void ics_event_end(struct ics_event *event, const char *method);

#endif

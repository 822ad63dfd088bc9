/*
 * invite_ics_time: iCalendar's dates, times and durations (RFC 5545, 3.3.4 to 3.3.6).
 *
 * Units:   milliseconds since 1970; a local time as if it were UTC.
 * Errors:  -1: the text is none; the out parameter is then untouched.
 */
#ifndef SFPIPE_INVITE_ICS_TIME_H
#define SFPIPE_INVITE_ICS_TIME_H

#include <stdbool.h>
#include <stdint.h>

struct ics_time {
	bool date; /* a day, its midnight in ms */
	bool utc;
	int64_t ms;
};

/* 20261120, 20261120T150000, 20261120T150000Z; seconds may be missing. */
int ics_time(const char *text, struct ics_time *time);

/* P1W, P1DT2H, PT30M: days are those of the calendar, the rest is exact. Negative ones are none. */
int ics_duration(const char *text, int64_t *days, int64_t *ms);

#endif

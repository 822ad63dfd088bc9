/*
 * invite_value: values of the events that Google and Microsoft write as JSON.
 *
 * Owner:   texts live in the run's arena.
 */
#ifndef SFPIPE_INVITE_VALUE_H
#define SFPIPE_INVITE_VALUE_H

#include "invite_event.h"
#include "json.h"

#include <stdint.h>

/* A string, trimmed; NULL if it is none or empty: both mean that nothing is known. */
const char *value_text(struct invite_run *run, struct json value);

/* {"dateTime":"...","timeZone":"..."} or {"date":"..."}, also a string alone; a dateTime without
 * an offset is one in its timeZone, else in zone (may be NULL), else in the run's. Nothing known if
 * value is absent or null; -1 said if it is no time. */
int value_time(struct invite_run *run, uint64_t line, struct json value, const char *zone,
    struct invite_time *time);

/* Milliseconds of an RFC 3339 time, INT64_MIN if it is none. */
int64_t value_stamp(struct json value);

/* A whole number, -1 if it is none. */
int64_t value_count(struct json value);

/* value as a key of a table that ends with NULL; NULL if it is not there. */
const char *value_one_of(struct json value, const char *const table[][2]);

/* Looks for the join link in a string, if the event has none yet. */
void value_conference(struct invite_run *run, struct invite *invite, struct json value);

#endif

/*
 * invite_zone: time zones: local times -> UTC. A zone is defined by a calendar itself (VTIMEZONE),
 * or known by its name in the tz database or in Windows. Wraps libical, which reads both.
 *
 * Of a VTIMEZONE only what real zones consist of is taken, so that no rule of an attacker's makes
 * libical count for hours: observances with DTSTART, offsets, RDATE and yearly rules.
 *
 * Owner:   zones_open()'s caller; a zone of a calendar lives until zones_forget(), others as long.
 * Units:   milliseconds since 1970; a local time as if it were UTC.
 * Errors:  NULL: no such zone.
 * Threads: one: libical's own zones are global.
 */
#ifndef SFPIPE_INVITE_ZONE_H
#define SFPIPE_INVITE_ZONE_H

#include <stddef.h>
#include <stdint.h>

struct zones; /* opaque */
struct zone;  /* opaque */

struct zones *zones_open(void);
void zones_close(struct zones *zones);

/* The content lines of a VTIMEZONE in their order, from its BEGIN to its END, both included. */
void zones_line(struct zones *zones, const char *name, const char *value);

/* The end of a calendar: its zones are no longer known. */
void zones_forget(struct zones *zones);

/* The zone that the calendar defines by this name, else the one with this name in the tz database
 * (also behind a prefix, as in /example.org/20260101/Europe/Paris), else in Windows. */
const struct zone *zones_find(struct zones *zones, const char *name);

/* A local time that a change of the clock leaves out or repeats is one of those it may be. */
int64_t zone_to_utc(const struct zone *zone, int64_t local_ms);

#endif

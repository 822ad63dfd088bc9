/*
 * people_read: a list of invitees or attendees, as it stands in a line, read.
 *
 * What is merely no email or no number counts as not there. Rooms and resources are left out.
 *
 * Owner:   all that is read lives in the arena, or in the line.
 * Errors:  ST_REJECTED: the list is no array or too long, an entry is no object, a member is of a
 *          wrong type, a time is none; err names the entry.
 * Threads: any; an arena belongs to one.
 */
#ifndef SFPIPE_PEOPLE_READ_H
#define SFPIPE_PEOPLE_READ_H

#include "arena.h"
#include "diag.h"
#include "line.h"
#include "people.h"

enum people_kind { PEOPLE_INVITEES, PEOPLE_ATTENDEES };

/* list: of the line; absent or null: nobody. region: of phones in national form, or NULL. */
int people_read(enum people_kind kind, const struct line *line, struct json list,
    const char *region, struct people *people, struct err *err);

#endif

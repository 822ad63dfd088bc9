/*
 * people_line: the participants of a call line, from its invitees and attendees (design 4).
 *
 * Errors:  ST_REJECTED, as people_read.h.
 * Threads: any; rules are read alone.
 */
#ifndef SFPIPE_PEOPLE_LINE_H
#define SFPIPE_PEOPLE_LINE_H

#include "diag.h"
#include "line.h"
#include "rules.h"

/* Gives the line its participants, in place of those that it has. A line that has participants, but
 * neither invitees nor attendees, keeps them. */
int people_line_merge(struct line *line, const struct rules *rules, struct err *err);

#endif

/*
 * calls_merge: a line that tells only a part of an invitation (read-invite's "method" reply, counter
 * or cancel, or a cancellation that says no start) over the stored call: it changes the invitees
 * whom it names, or takes them away, and nothing else (design 4).
 *
 * Owner:   all lives in the line's arena.
 * Errors:  ST_REJECTED: it names too many.
 * Threads: any.
 */
#ifndef SFPIPE_CALLS_MERGE_H
#define SFPIPE_CALLS_MERGE_H

#include "line.h"

/* Whether the line is of this kind. */
bool calls_is_part(const struct line *line);

/* Whether it is a cancellation that says no start: of a call that is not there it says nothing. */
bool calls_is_bare(const struct line *line);

/* The stored call with what the line says; *people tells whether participants came or went. */
int calls_merge(
    struct json stored, const struct line *line, struct json *text, bool *people, struct err *err);

#endif

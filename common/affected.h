/*
 * affected: change lines in, the calls and emails whose associations they change out: the inverse of
 * associate.h (design 5).
 *
 * A change leads to keys, a key to calls by one index probe (reach.h). Of the calls that it reaches
 * those are named whose stored associations are not what associate_line() gives now; a call that has
 * kept entries is compared with what --keep gives. So a call is named by a change only if it was in
 * step with all changes before it, or is named by one of those.
 *
 * Owner:   affected_open()'s caller; the store, the rules and warm must outlive it.
 * Errors:  ST_REJECTED: the line lacks what is needed, err says what. Any other status: the store.
 */
#ifndef SFPIPE_AFFECTED_H
#define SFPIPE_AFFECTED_H

#include "line.h"
#include "rules.h"
#include "store.h"
#include "warm.h"

#include <stdbool.h>
#include <stdint.h>

struct affected; /* opaque */

/* warm may be NULL. */
struct affected *affected_open(struct store *store, const struct rules *rules, struct warm *warm);
void affected_close(struct affected *affected);

/* Whether this line is for affected_line(): a change of a record, or a call that is owed. */
bool affected_takes(const struct line *line);

/* Writes the stored lines of the calls that the change affects, each with "stored", the seq of its
 * last change; each once until affected_forget(), or until a change that is newer than what the store
 * held then. What is owed is taken as changed in all there is. */
int affected_line(
    struct affected *affected, const struct line *line, struct line_stream *out, struct err *err);
void affected_forget(struct affected *affected);

/* Ends the read transaction. */
void affected_wait(struct affected *affected);

struct affected_counts {
	uint64_t changes, reached, named;
};
struct affected_counts affected_counts(const struct affected *affected);

#endif

/*
 * settle: the ops of the two-way sync as they come to the store (design 6).
 *
 * An op whose result is ok makes the link, sets the bases that the line carries, and writes the
 * values sent into the store's copy of the record that they were written to. An op for the local
 * side without a result is a decision: it waits for its importer in the place of an older one of
 * the pair, unless the pair's op for Salesforce, the line before it, did not succeed.
 *
 * Owner:   settle_open()'s caller; all that it is given must outlive it.
 * Errors:  ST_REJECTED this line; anything else the store's.
 */
#ifndef SFPIPE_SETTLE_H
#define SFPIPE_SETTLE_H

#include "line.h"
#include "local.h"
#include "mirror.h"
#include "queue.h"
#include "store.h"

struct settle; /* opaque */

struct settle *settle_open(
    struct store *store, struct queue *queue, struct mirror *mirror, struct local *local);
void settle_close(struct settle *settle);

/* Whether an op line is one of the sync, and no other's (queue_op.h). */
bool settle_is(const struct line *line);

int settle_op(struct settle *settle, const struct line *line, struct err *err);

#endif

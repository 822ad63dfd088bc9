/*
 * calls: calls and emails in the store (design 7): the line whole, and beside it the columns and rows
 * that are looked for: participants by address, associations by record, what is named by hand,
 * virtual records.
 *
 * A line takes the stored one's place, but one that tells only a part of an invitation changes that
 * part (calls_merge.h). as_of is taken off: a call whose associations may be out of date already is
 * owed to the consumer "calls". A line with "stored":SEQ was made from the stored one as of that
 * change: if that has changed since, the line is dropped and the call owed; if it was destroyed since,
 * the line is dropped.
 *
 * Owner:   calls_open()'s caller; store and queue must outlive it.
 * Errors:  ST_REJECTED this line: the store is then untouched; anything else the store's.
 */
#ifndef SFPIPE_CALLS_H
#define SFPIPE_CALLS_H

#include "line.h"
#include "queue.h"
#include "store.h"

#include <stdint.h>

struct calls; /* opaque */

struct calls_counts {
	uint64_t added, changed, unchanged;
};

struct calls *calls_open(struct store *store, struct queue *queue);
void calls_close(struct calls *calls);

/* Applies a line of kind call or email; a transaction must be open. */
int calls_put(struct calls *calls, const struct line *line, struct err *err);

struct calls_counts calls_counts(const struct calls *calls);

#endif

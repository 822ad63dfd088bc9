/*
 * queue_pending: what a consumer has still to hear of, as lines: what it is owed, the changes since
 * its last checkpoint, and the checkpoint that settles them.
 *
 * What is owed is a change line without fields, before or after, with "owed":true. A consumer that
 * never asked, or not for so long that changes were pruned, hears of all that the store holds, as
 * if it were new; "calls" of each call, as any record may have changed for it. Reading goes in batches, each in a short transaction of its own: a slow reader
 * downstream holds nothing.
 *
 * Errors:  ST_USAGE no such consumer; ST_LATER changes were pruned in the meantime; else the store's.
 */
#ifndef SFPIPE_QUEUE_PENDING_H
#define SFPIPE_QUEUE_PENDING_H

#include "line.h"
#include "store.h"

#include <stdbool.h>
#include <stdint.h>

/* all: as if it had never asked. */
int pending_write(
    struct store *store, const char *consumer, bool all, struct line_stream *out, struct err *err);

/* The changes behind seq, of all sides, without a checkpoint. */
int pending_look(struct store *store, int64_t seq, struct line_stream *out, struct err *err);

#endif

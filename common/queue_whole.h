/*
 * queue_whole: all that the store holds, as change lines of what is new, or is deleted: for a consumer
 * that asks for the first time, after changes were pruned, or for all. Deleted records are among it,
 * as those may have been deleted in what the consumer never heard of.
 *
 * Read in batches, each in a short transaction of its own.
 *
 * Errors:  the store's; -1 without err: the output, which its stream knows.
 */
#ifndef SFPIPE_QUEUE_WHOLE_H
#define SFPIPE_QUEUE_WHOLE_H

#include "line.h"
#include "store.h"

#include <stdint.h>

/* The line of what is owed. */
void whole_owed(struct buf *line, int64_t seq, const char *side, const char *object, const char *id,
    const char *why);

/* side: some of salesforce, local, calls, or "" for all. The lines carry seq. */
int whole_write(
    struct store *store, const char *side, int64_t seq, struct line_stream *out, struct err *err);

/* For who works on calls and hears of records: each call and email as owed, which is to say that any
 * record may have changed. */
int whole_write_calls(struct store *store, int64_t seq, struct line_stream *out, struct err *err);

#endif

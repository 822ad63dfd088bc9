/*
 * queue_whole: all that the store holds, as change lines of what is new: for a consumer that asks
 * for the first time, or for all. Deleted records are left out.
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

/* side: salesforce, calls, or "" for both. The lines carry seq. */
int whole_write(
    struct store *store, const char *side, int64_t seq, struct line_stream *out, struct err *err);

#endif

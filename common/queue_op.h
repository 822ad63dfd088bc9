/*
 * queue_op: ops with their results (design 2), as they come back to the store. A result that is
 * final is kept, and what was made of a call (its Task) remembered; an op that was not done, or is
 * to be done again, stays pending (queue.h).
 *
 * Errors:  ST_REJECTED this line, naming what is wrong; anything else the store's.
 */
#ifndef SFPIPE_QUEUE_OP_H
#define SFPIPE_QUEUE_OP_H

#include "line.h"
#include "queue.h"
#include "store.h"

/* An op line, with a result or without one. */
int queue_op(struct queue *queue, struct store *store, const struct line *line, struct err *err);

/* The ops that are kept, oldest first, as they came; or those that failed. */
int queue_op_list(struct store *store, bool failed, struct line_stream *out, struct err *err);

#endif

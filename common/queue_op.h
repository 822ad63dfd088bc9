/*
 * queue_op: ops with their results (design 2), as they come back to the store. A result that is
 * final is kept, and what was made of a call (its Task) remembered; an op that was not done, or is
 * to be done again, stays pending (queue_consumer.h).
 *
 * Errors:  ST_REJECTED this line, naming what is wrong; anything else the store's.
 */
#ifndef SFPIPE_QUEUE_OP_H
#define SFPIPE_QUEUE_OP_H

#include "line.h"
#include "queue.h"
#include "store.h"

/* An op as its line says it. */
struct queue_op {
	const char *to, *op, *object;
	const char *id;   /* of the record, widened; the result's, if it says one; or NULL */
	const char *kind; /* call or email, if the op is of one */
	const char *call; /* its id, or NULL */
	const char *local_object, *local_id; /* or NULL */
	struct json fields;                  /* or absent */
	bool settled, ok;
};

int queue_op_read(const struct line *line, struct queue_op *op, struct err *err);

/* Whether the very line was kept before: the run that brought it is repeated. */
int queue_op_is_kept(
    struct store *store, const struct line *line, const struct queue_op *op, struct err *err);

/* Keeps a final result. */
int queue_op_keep(struct queue *queue, struct store *store, const struct line *line,
    const struct queue_op *op, struct err *err);

/* An op line, with a result or without one. */
int queue_op(struct queue *queue, struct store *store, const struct line *line, struct err *err);

/* The ops that are kept, oldest first, as they came; or those that failed. */
int queue_op_list(struct store *store, bool failed, struct line_stream *out, struct err *err);

#endif

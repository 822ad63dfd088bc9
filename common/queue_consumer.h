/*
 * queue_consumer: who has still to hear of what changed (design 6, "Pending is a set"): consumers,
 * how far each has settled, and what is owed to it besides; as store-apply writes it.
 *
 * A consumer's checkpoint settles all changes up to its seq and what was owed when they were handed
 * out, except what came unsettled in the same stream since the checkpoint before it: that is owed
 * from then on.
 *
 * Errors:  ST_REJECTED this line; anything else the store's.
 */
#ifndef SFPIPE_QUEUE_CONSUMER_H
#define SFPIPE_QUEUE_CONSUMER_H

#include "line.h"
#include "queue.h"

/* consumer will hear of this record or call, whatever its seq. */
int queue_owe(struct queue *queue, const char *consumer, const char *side, const char *object,
    const char *id, const char *why, struct err *err);

/* This came unsettled: it is owed to the consumer whose checkpoint comes next in the stream. */
void queue_unsettled(
    struct queue *queue, const char *side, const char *object, const char *id, const char *why);

/* A checkpoint line of a consumer. */
int queue_checkpoint(struct queue *queue, const struct line *line, struct err *err);

/* Registers a consumer (--add); one that is there stays as it is. */
int queue_add_consumer(struct queue *queue, const char *name, struct err *err);

#endif

/*
 * settle_wait: local ops that wait for their importer; for settle.c alone.
 *
 * Errors:  the store's.
 */
#ifndef SFPIPE_SETTLE_WAIT_H
#define SFPIPE_SETTLE_WAIT_H

#include "queue.h"
#include "queue_op.h"
#include "store.h"

#include <stdint.h>

int settle_wait(struct store *store, struct queue *queue, const struct line *line,
    const struct queue_op *op, struct err *err);

/* 1: the very line waits already, as *n. */
int settle_wait_find(struct store *store, const struct line *line, const struct queue_op *op,
    int64_t *n, struct err *err);

/* 1: number seq is done, 0: it waits, 2: there is none any more. */
int settle_wait_state(struct store *store, int64_t seq, struct err *err);

/* Number seq has its result. */
int settle_wait_end(struct store *store, struct queue *queue, const struct line *line,
    const struct queue_op *op, int64_t seq, struct err *err);

#endif

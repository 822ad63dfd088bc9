/*
 * queue_status: how the store stands: its org, what each object holds and when it was pulled, what
 * consumers have still to hear of, what failed. For a person, or as one line.
 *
 * Errors:  the store's.
 */
#ifndef SFPIPE_QUEUE_STATUS_H
#define SFPIPE_QUEUE_STATUS_H

#include "buf.h"
#include "store.h"

#include <stdbool.h>
#include <stdint.h>

/* Appends a table, or with json one line, both with a newline. ages are as of now_ms. brief: only what
 * was pulled when; counting reads much of a large store. */
int status_write(
    struct store *store, int64_t now_ms, bool json, bool brief, struct buf *out, struct err *err);

/* err is ST_UNAVAILABLE, naming the objects, if one was pulled longer than max_age_ms ago, or
 * nothing was ever pulled. */
int status_check(struct store *store, int64_t now_ms, int64_t max_age_ms, struct err *err);

#endif

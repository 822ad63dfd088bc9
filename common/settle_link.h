/*
 * settle_link: lines of the two-way sync that are no ops (design 6): links made, moved and ended,
 * by hand or by pair-records; what a map says of creation; conflicts that are held.
 *
 * A link line without "why" is a person's: it ends other links of the two, and the pair is decided
 * by the next run.
 *
 * Errors:  ST_REJECTED this line; anything else the store's.
 */
#ifndef SFPIPE_SETTLE_LINK_H
#define SFPIPE_SETTLE_LINK_H

#include "line.h"
#include "queue.h"
#include "store.h"

int settle_link(struct store *store, struct queue *queue, const struct line *line, struct err *err);
int settle_map(struct store *store, const struct line *line, struct err *err);
int settle_conflict(
    struct store *store, struct queue *queue, const struct line *line, struct err *err);

#endif

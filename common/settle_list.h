/*
 * settle_list: what the two-way sync left in the store, as lines: links, conflicts, and the ops
 * that wait for an importer.
 *
 * Ops are read in batches, each in a short transaction of its own.
 *
 * Errors:  ST_USAGE no such consumer; else the store's.
 */
#ifndef SFPIPE_SETTLE_LIST_H
#define SFPIPE_SETTLE_LIST_H

#include "line.h"
#include "store.h"

/* Link lines, with made, by, and, of those that are no more, ended and why. */
int settle_list_links(struct store *store, struct line_stream *out, struct err *err);

/* Conflicts that are held, as they came, with at. */
int settle_list_conflicts(struct store *store, struct line_stream *out, struct err *err);

/* The local ops that wait, each with its seq, and the consumer's checkpoint behind them. */
int settle_list_ops(
    struct store *store, const char *consumer, struct line_stream *out, struct err *err);

#endif

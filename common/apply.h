/*
 * apply: lines of every kind into the store (design 7), in transactions: one ends after 10,000 lines,
 * 100,000 of a first load, at the end of input, and before a read that would block. A checkpoint is
 * in that of the lines before it; while more is there to read it ends none, as each commit waits for
 * the disk.
 *
 * Errors:  in err what stopped the run: the store (the transaction is then undone), another org's
 *          lines, the output. Lines that are merely bad are rejected, and kept in the store.
 */
#ifndef SFPIPE_APPLY_H
#define SFPIPE_APPLY_H

#include "line.h"
#include "store.h"

#include <stdbool.h>
#include <stdint.h>

struct apply_options {
	const char *region; /* of phones in national form, or NULL */
	int64_t now_ms;
	int in;      /* the descriptor that lines reads, to tell when a feed is idle */
	int changes; /* a descriptor that change lines go to, each after its commit; or -1 */
};

/* Applies all lines. If the output of changes breaks, the rest is applied all the same. */
int apply_lines(struct store *store, struct line_stream *lines, const struct apply_options *options,
    struct err *err);

/* Registers a consumer; one that is there stays as it is. */
int apply_consumer(struct store *store, const char *name, struct err *err);

#endif

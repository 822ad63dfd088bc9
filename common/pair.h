/*
 * pair: change lines of both sides -> pair lines, and link lines where a link ends or moves
 * (design 6, Pairing). Each record comes once until the next checkpoint.
 *
 * The store is read in a transaction a line.
 *
 * Owner:   pair_open()'s caller; store and map must outlive it.
 * Errors:  ST_REJECTED this line; ST_CONFIG a switch of the map that is refused; else the store's.
 */
#ifndef SFPIPE_PAIR_H
#define SFPIPE_PAIR_H

#include "fieldmap.h"
#include "line.h"
#include "store.h"

#include <stdbool.h>
#include <stdint.h>

struct pair; /* opaque */

struct pair_options {
	bool accept_switch; /* whatever the map says anew of what is created in Salesforce */
	const char *const
	    *only; /* what changed of other objects than these stays pending; n 0: all */
	size_t n_only;
};

/* The options must outlive it. NULL with err set. */
struct pair *pair_open(struct store *store, const struct fieldmap *map,
    const struct pair_options *options, struct err *err);
void pair_close(struct pair *pair);

/* What comes of a change line, with a map line before an object's first, each with a newline. */
int pair_change(struct pair *pair, const struct line *line, struct buf *out, struct err *err);

/* A checkpoint went by: what changes from here on is paired again. */
void pair_forget(struct pair *pair);

/* Person accounts that were left out. */
uint64_t pair_persons(const struct pair *pair);

#endif

/*
 * associate: a call or email, the store and the rules in; the line with its associations out
 * (design 5). The rest of design 5 in order: identify.h, activity.h, choose.h.
 *
 * Owner:   associate_close() frees; the store and the rules are the caller's and outlive it, as does warm.
 * Errors:  ST_REJECTED: this line lacks what is needed, err says what. Any other status: the store.
 * Threads: a struct associate belongs to one thread, as its store does.
 */
#ifndef SFPIPE_ASSOCIATE_H
#define SFPIPE_ASSOCIATE_H

#include "line.h"
#include "rules.h"
#include "store.h"
#include "warm.h"

enum associate_mode {
	ASSOCIATE_ANEW,
	ASSOCIATE_KEEP, /* --keep: takes away no account, contact, lead or virtual record */
	ASSOCIATE_FILL, /* --fill: people and accounts only where there are none */
};

struct associate; /* opaque */

/* warm is shared by all workers, or NULL. */
struct associate *associate_open(
    struct store *store, const struct rules *rules, enum associate_mode mode, struct warm *warm);
void associate_close(struct associate *associate);

/* Sets associations, primary, unmatched and as_of of a line of kind call or email, lent until the
 * next line. With
 * explanation not NULL the reasoning is appended to it, for a person. */
int associate_line(
    struct associate *associate, struct line *line, struct buf *explanation, struct err *err);

/* Ends the read transaction: what comes next is answered from what the store then holds. */
void associate_wait(struct associate *associate);

#endif

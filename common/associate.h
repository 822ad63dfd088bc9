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

#include "associate_input.h"
#include "keys.h"
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

/* From the next line on. */
void associate_set_mode(struct associate *associate, enum associate_mode mode);

/* A line on its way. */
struct associate_work {
	struct line line; /* the caller's to set, as is whether it is to be associated */
	bool wanted;
	struct associate_input input; /* this and the rest is associate_ahead()'s */
	struct keys_view keys;
	struct err err;
};

/* Reads the lines that are wanted, and asks for what all of them look up: some lines together wait for
 * memory as long as one. associate_finish() of each must follow before anything else is called: what was
 * found lies in keys that a transaction gives back at its end. */
void associate_ahead(struct associate *associate, struct associate_work *works, size_t n);

/* Sets associations, primary, unmatched and as_of of a line of kind call or email, lent until the next
 * line. With explanation not NULL the reasoning is appended to it, for a person. */
int associate_finish(struct associate *associate, struct associate_work *work,
    struct buf *explanation, struct err *err);

/* Both, of one line. */
int associate_line(struct associate *associate, struct line *line, struct err *err);

/* Ends the read transaction: what comes next is answered from what the store then holds. */
void associate_wait(struct associate *associate);

#endif

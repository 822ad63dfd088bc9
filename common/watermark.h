/*
 * watermark: how far an object has been pulled, and one run's walk on from there (design 3).
 *
 * Rows come in the order of (stamp, Id). A run begins at the earlier of the watermark and its `read`
 * less the overlap, so that what committed late is found: rows up to the watermark are then read
 * again, and are not new. While it is among those, a checkpoint keeps the old `read`: if the run
 * ends there, the next must begin as early as this one did.
 *
 * Units:   milliseconds since 1970, UTC.
 * Threads: any.
 */
#ifndef SFPIPE_WATERMARK_H
#define SFPIPE_WATERMARK_H

#include "arena.h"
#include "buf.h"
#include "diag.h"
#include "sfid.h"
#include "store.h"

#include <stdbool.h>
#include <stdint.h>

struct position {
	bool set;
	int64_t ms;
	char id[SFID_SIZE]; /* empty: before every row of that stamp */
};

/* The store's row; fields and missing are JSON texts in the arena, missing may be NULL. */
struct watermark {
	bool known;         /* there is one */
	struct position at; /* not set: the object had no rows */
	int64_t read_ms;
	const char *fields;
	const char *missing;
};

/* One run over one object. */
struct walk {
	struct position old; /* the watermark; not set: all rows are new */
	int64_t old_read_ms;
	struct position from; /* not set: from the beginning */
	struct position last; /* the last row taken */
};

/* The object's row; known is false if there is none. store NULL: an empty one. */
int watermark_read(struct store *store, const char *object, struct arena *arena,
    struct watermark *watermark, struct err *err);

/* A walk on from the watermark, or from the beginning if it is not set. */
struct walk walk_begin(const struct watermark *watermark, int64_t overlap_ms);

/* "stamp >= T AND (stamp > T OR Id > 'I')", from the last row taken or the beginning of the walk;
 * nothing at all if it begins with the first row. */
void walk_put_where(const struct walk *walk, const char *stamp, struct buf *soql);

/* Takes a row; whether it is new: behind the old watermark. */
bool walk_is_new(const struct walk *walk, int64_t ms, const char *id);
void walk_take(struct walk *walk, int64_t ms, const char *id);

/* What a checkpoint after the last row says; complete: there are no more rows. */
struct position walk_mark(
    const struct walk *walk, bool complete, int64_t clock_ms, int64_t *read_ms);

#endif

/*
 * pair_out: what pair.h writes, and what it remembers of it until the next checkpoint; for pair.c,
 * pair_anew.c and pair_link.c alone.
 *
 * Errors:  the store's.
 */
#ifndef SFPIPE_PAIR_OUT_H
#define SFPIPE_PAIR_OUT_H

#include "pair_find.h"
#include "pair_line.h"
#include "table.h"

struct pair_options; /* pair.h */

/* A record that came since the checkpoint, by "side object id". */
struct seen {
	const char *key;
	const char *partner; /* the id of what it was paired with, or NULL */
};

struct pair {
	struct store *store;
	const struct fieldmap *map;
	const struct pair_options *options;
	struct pair_reader *reader;
	struct pair_finder *finder;
	bool *told; /* of each object of the map: its map line is out */
	struct arena *seen_arena;
	struct seen *seen;
	size_t n_seen, seen_room;
	struct table by_key;
	uint64_t persons;
	/* of the line that is under way */
	struct arena *arena;
	struct buf *out;
};

/* side: S or L. NULL: it has not come yet. */
struct seen *pair_seen(const struct pair *pair, char side, const char *object, const char *id);
void pair_mark(
    struct pair *pair, char side, const char *object, const char *id, const char *partner);
void pair_mark_record(struct pair *pair, const struct pair_record *record, const char *partner);

/* The pair line, with the map line before an object's first; both records are then done with. */
int pair_put(struct pair *pair, const struct pair_line *line, struct err *err);

/* Two that were found, by a link with its bases or (link NULL) otherwise. */
int pair_put_found(struct pair *pair, const struct pair_record *record,
    const struct pair_local *local, const char *by, const struct link *link, const char *why,
    struct err *err);

/* One without a counterpart. With why it is not created on the other side. */
int pair_put_alone(
    struct pair *pair, const struct pair_record *record, const char *why, struct err *err);
int pair_put_local_alone(struct pair *pair, const struct fieldmap_object *object,
    const struct pair_local *local, const char *why, struct err *err);

/* It stays pending: an op that store-apply takes for one that is still to be done. Of a local record local
 * is its object. */
void pair_put_off(struct pair *pair, const char *object, const char *local, const char *id,
    const char *code, const char *why);

/* The link ends. */
void pair_put_unlink(struct pair *pair, const struct link *link, const char *why);

/* The link of a record (or, if that is NULL, of a local one) that was ended last: 1, 0. */
int pair_had_link(struct pair *pair, const struct pair_record *record,
    const struct pair_local *local, struct link *link, struct err *err);

#endif

/*
 * link: which record of Salesforce and which local record are one (design 6), and the base of each
 * field: the value of each side that was settled last. A link is ended, with when and why, never
 * deleted; one that is made again is the old one revived, with its bases.
 *
 * Owner:   what is read lives in the arena.
 * Errors:  the store's; ST_REJECTED where a line is at fault.
 */
#ifndef SFPIPE_LINK_H
#define SFPIPE_LINK_H

#include "arena.h"
#include "json.h"
#include "store.h"

#include <stdbool.h>
#include <stdint.h>

#define LINK_BY_HAND "by hand" /* why a person's unlink ends one */
#define LINK_DELETED "deleted in Salesforce"
#define LINK_DELETED_LOCALLY "deleted locally"

struct link {
	int64_t n;
	const char *object, *salesforce_id, *local_object, *local_id;
	const char *by;       /* link (by hand), op, salesforce_id, email */
	const char *ended;    /* when, or NULL: it lives */
	const char *why;      /* it was ended */
	const char *own;      /* see link_wrote(), or NULL */
	const char *modified; /* or NULL */
	bool told;            /* see link_told() */
};

/* What a link is between. */
struct link_pair {
	const char *object, *salesforce_id, *local_object, *local_id;
};

/* The link of a record that lives, or with ended the one that was ended last,
 * of those of one second what a deletion ended: 1; 0: there is none. */
int link_of_record(struct store *store, const char *object, const char *salesforce_id, bool ended,
    struct arena *arena, struct link *link, struct err *err);
int link_of_local(struct store *store, const char *local_object, const char *local_id, bool ended,
    struct arena *arena, struct link *link, struct err *err);

/* The newest link between just these two, alive or ended. */
int link_between(struct store *store, const struct link_pair *pair, struct arena *arena,
    struct link *link, struct err *err);

/* Whether a person ended it: then no rule makes it again. */
bool link_is_parted(const struct link *link);

/* Makes or revives it. 1 if one of the two is linked to another, and nothing is done: *other is
 * that link. at is when. */
int link_make(struct store *store, const struct link_pair *pair, const char *by, const char *at,
    struct arena *arena, struct link *other, struct err *err);

int link_end(
    struct store *store, const struct link *link, const char *at, const char *why, struct err *err);

/* The link to another record of Salesforce, with its bases, those of fields alone if that is an
 * array; what it was is ended. Whoever calls has seen that the other record has no link. */
int link_move(struct store *store, const struct link *link, const char *object,
    const char *salesforce_id, struct json fields, const char *at, const char *why,
    struct err *err);

/* We wrote to the record of Salesforce, whose LastModifiedDate was modified (or NULL). The next
 * change of it that link_pulled() hears of, and that is only_stamps, is that write. */
int link_wrote(struct store *store, const struct link *link, const char *modified, struct err *err);
int link_pulled(struct store *store, const char *object, const char *salesforce_id,
    bool only_stamps, const char *modified, struct err *err);

/* An op of the pair for Salesforce has succeeded: it knows of the link. */
int link_told(struct store *store, const struct link *link, struct err *err);

/* Sets bases, {"Email":{"salesforce":..,"local":..}}; they are read back the same way, of these
 * fields alone if that is an array. */
int link_put_bases(
    struct store *store, int64_t n, struct json bases, struct arena *arena, struct err *err);
int link_get_bases(
    struct store *store, int64_t n, struct json fields, struct buf *out, struct err *err);

/* One of them, a field's value on one side as JSON: 1, 0: it has none. */
int link_get_base(struct store *store, int64_t n, const char *field, bool local,
    struct arena *arena, struct json *value, struct err *err);

#endif

/*
 * pair_find: what the store knows of the records of a pair (design 6, Pairing), and by what a record
 * finds its counterpart on the other side. Reads only.
 *
 * Owner:   pair_finder_open()'s caller; what is found lives in the arena.
 * Errors:  the store's. 1: found, 0: there is none.
 */
#ifndef SFPIPE_PAIR_FIND_H
#define SFPIPE_PAIR_FIND_H

#include "arena.h"
#include "fieldmap.h"
#include "json.h"
#include "link.h"
#include "store.h"

struct pair_finder; /* opaque */

/* A record of Salesforce. */
struct pair_record {
	const struct fieldmap_object *object;
	const char *id;
	struct json json;
	bool deleted, converted, person;
	const char *master;   /* of a merged one, or NULL */
	const char *contact;  /* that a converted lead became, or NULL */
	const char *email;    /* normal form, or NULL; likewise below */
	const char *modified; /* LastModifiedDate, or NULL */
};

struct pair_local {
	const char *object, *id;
	const char *salesforce_id, *modified, *changed; /* or NULL */
	bool deleted;
	struct json fields;
};

struct pair_finder *pair_finder_open(struct store *store, const struct fieldmap *map);
void pair_finder_close(struct pair_finder *finder);

int pair_find_record(struct pair_finder *finder, const struct fieldmap_object *object,
    const char *id, struct arena *arena, struct pair_record *record, struct err *err);
int pair_find_local(struct pair_finder *finder, const char *object, const char *id,
    struct arena *arena, struct pair_local *local, struct err *err);

/* The local record's email by the map, in normal form; NULL: it has none, or the map matches by none. */
const char *pair_local_email(
    const struct fieldmap_object *object, const struct pair_local *local, struct arena *arena);

/* The id of the local record that a record without a link goes with, and by what it was found. */
int pair_find_partner(struct pair_finder *finder, const struct pair_record *record,
    struct arena *arena, const char **id, const char **by, struct err *err);

/* The other way: of this object. The two agree: of records and local records that are found by one
 * email the first goes with the first, the second with the second. */
int pair_find_record_of(struct pair_finder *finder, const struct fieldmap_object *object,
    const struct pair_local *local, struct arena *arena, const char **id, const char **by,
    struct err *err);

/* The first record without a link, first local record without one, that has this email. */
int pair_find_email(struct pair_finder *finder, const struct fieldmap_object *object, bool local,
    const char *email, struct arena *arena, const char **id, struct err *err);

/* All records without one, local records without one, that have this email. */
int pair_find_emails(struct pair_finder *finder, const struct fieldmap_object *object, bool local,
    const char *email, struct arena *arena, const char ***ids, size_t *n, struct err *err);

/* The first record, local record, of this email that has a link; for one of that email that has no
 * link: the link may be at its end. */
int pair_find_namesake(struct pair_finder *finder, const struct fieldmap_object *object, bool local,
    const char *email, struct arena *arena, const char **id, struct err *err);

/* The record, and its link, that was merged into this one or (of a contact) became it. */
int pair_find_former(struct pair_finder *finder, const char *id, struct arena *arena,
    struct link *link, struct err *err);

/* A contact with this email; the name of an active user. */
int pair_find_contact(struct pair_finder *finder, const char *email, struct arena *arena,
    const char **id, struct err *err);
int pair_find_user(struct pair_finder *finder, const char *id, struct arena *arena,
    const char **username, struct err *err);

#endif

/*
 * pair_read: what the store knows of the records of a pair (design 6, Pairing). Reads only.
 *
 * Owner:   pair_reader_open()'s caller; what is read lives in the arena.
 * Errors:  the store's. 1: it is there, 0: it is not.
 */
#ifndef SFPIPE_PAIR_READ_H
#define SFPIPE_PAIR_READ_H

#include "arena.h"
#include "fieldmap.h"
#include "json.h"
#include "link.h"
#include "store.h"

struct pair_reader; /* opaque */

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

struct pair_reader *pair_reader_open(struct store *store);
void pair_reader_close(struct pair_reader *reader);

int pair_read_record(struct pair_reader *reader, const struct fieldmap_object *object,
    const char *id, struct arena *arena, struct pair_record *record, struct err *err);
int pair_read_local(struct pair_reader *reader, const char *object, const char *id,
    struct arena *arena, struct pair_local *local, struct err *err);

/* The local record's email by the map, in normal form; NULL: it has none, or the map matches by none. */
const char *pair_local_email(
    const struct fieldmap_object *object, const struct pair_local *local, struct arena *arena);

/* The record, and its link, that was merged into this one or (of a contact) became it. */
int pair_read_former(struct pair_reader *reader, const char *id, struct arena *arena,
    struct link *link, struct err *err);

/* A contact with this email; the name of an active user. */
int pair_read_contact(struct pair_reader *reader, const char *email, struct arena *arena,
    const char **id, struct err *err);
int pair_read_user(struct pair_reader *reader, const char *id, struct arena *arena,
    const char **username, struct err *err);

#endif

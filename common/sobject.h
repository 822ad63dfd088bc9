/*
 * sobject: the one table of sObjects (design 7): which fields are pulled, which become columns of
 * what type, and which changes matter to a rule. sf-pull's queries, the store's schema, change
 * detection and sfpipe-store(5) follow from it; a new object or field is a line in sobject.c.
 *
 * Threads: constant data.
 */
#ifndef SFPIPE_SOBJECT_H
#define SFPIPE_SOBJECT_H

#include <stdbool.h>
#include <stddef.h>

/* How a field's value becomes its column's. */
enum sobject_type {
	SOBJECT_TEXT,    /* as it is, trimmed; empty is null */
	SOBJECT_ID,      /* widened to 18 */
	SOBJECT_BOOL,    /* 0 or 1 */
	SOBJECT_TIME,    /* RFC 3339 in UTC, milliseconds only if there are any */
	SOBJECT_TIME_MS, /* the same; as a number too, in a column NAME_ms: rules choose by it */
	SOBJECT_DATE,    /* YYYY-MM-DD; in a column "at": its midnight UTC, as a time */
	SOBJECT_EMAIL,   /* normal form; a column NAME_domain holds its domain */
	SOBJECT_PHONE,   /* E.164; also a row in person_phone */
};

/* What a change of a field can change of a call's associations (design 5); affected.h. */
enum sobject_matter {
	SOBJECT_MATCHED = 1,      /* who is found by an address or a number: 5.1 to 5.3 */
	SOBJECT_DOMAIN = 2,       /* what is found by a domain: 5.4 and 5.5 */
	SOBJECT_BROUGHT = 4,      /* what it brings along or shows, where it is associated */
	SOBJECT_OLDEST = 8,       /* --duplicates oldest-modified */
	SOBJECT_NEWEST = 16,      /* --duplicates newest-created */
	SOBJECT_CLOSEST = 32,     /* --opportunity closest-activity */
	SOBJECT_PRIORITY = 64,    /* --opportunity priority */
	SOBJECT_OWNER = 128,      /* --owned-by-organizer */
	SOBJECT_ACTIVITY = 256,   /* --activities */
	SOBJECT_INTERNAL = 512,   /* who is internal */
	SOBJECT_ORGANIZER = 1024, /* who a call's organizer is */
	SOBJECT_STATE = 2048,     /* whether it is there or deleted: everything */
};

struct sobject_field {
	const char *name;
	const char *column; /* NULL: pulled and kept in the record alone */
	enum sobject_type type;
	unsigned matters; /* enum sobject_matter */
	bool optional;    /* not in every org: left out without a notice where it is missing */
};

struct sobject {
	const char *name;
	const char *prefix; /* of its Ids */
	const char *table;  /* two objects may share one: it then has a column "object" */
	const char *stamp;  /* SystemModstamp, or CreatedDate where there is none (design 3) */
	bool by_default;    /* pulled when no object is named */
	bool keeps_deleted; /* has IsDeleted, so that queryAll shows deletions */
	const struct sobject_field *fields;
	size_t n_fields;
};

extern const struct sobject sobjects[];
extern const size_t n_sobjects;

/* By API name, in any case; NULL if there is none. */
const struct sobject *sobject_find(const char *name);

/* By API name exactly as a record's attributes.type has it; size bytes. */
const struct sobject *sobject_find_exact(const char *name, size_t size);

/* The one whose table it is; the first of them if two share it. */
const struct sobject *sobject_find_table(const char *table);

/* The one that an Id's prefix names; NULL if it is none of the table. */
const struct sobject *sobject_find_id(const char *id);

/* A field's second column is named as its own, and this behind it; NULL if it has none. */
const char *sobject_second(const struct sobject_field *field);

/* By API name, in any case; NULL if there is none. */
const struct sobject_field *sobject_field(const struct sobject *sobject, const char *name);

#endif

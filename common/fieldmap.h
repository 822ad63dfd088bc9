/*
 * fieldmap: the --map file of the two-way sync (design 6, sfpipe-map(5)): which objects and fields are
 * kept in step with which local ones, and by what rules. Read and checked whole, then only read.
 *
 * Owner:   fieldmap_close() frees all; strings and JSON spans live as long.
 * Errors:  ST_CONFIG. All that is wrong with a map is said at once, as path:LINE:COLUMN: what, all but
 *          the last word by diag_say(); that is in err. Columns are characters, counted from 1.
 * Threads: read-only once opened.
 */
#ifndef SFPIPE_FIELDMAP_H
#define SFPIPE_FIELDMAP_H

#include "describe.h"
#include "diag.h"
#include "json.h"
#include "sfid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FIELDMAP_MAX_FIELDS 700 /* of an object; a pull adds its own */

enum fieldmap_direction { FIELDMAP_TWO_WAY, FIELDMAP_PULL, FIELDMAP_PUSH };
enum fieldmap_conflict {
	FIELDMAP_SALESFORCE,
	FIELDMAP_LOCAL,
	FIELDMAP_NEWEST,
	FIELDMAP_HOLD,
};
enum fieldmap_match { FIELDMAP_LINK, FIELDMAP_SALESFORCE_ID, FIELDMAP_EMAIL };
enum fieldmap_duplicates { FIELDMAP_OLDEST_MODIFIED, FIELDMAP_NEWEST_CREATED };
enum fieldmap_run_as { FIELDMAP_AS_INTEGRATION, FIELDMAP_AS_OWNER };

/* Their names in a map: fieldmap_direction_names[FIELDMAP_PULL]; NULL at the end. */
extern const char *const fieldmap_direction_names[];
extern const char *const fieldmap_conflict_names[];
extern const char *const fieldmap_match_names[];
extern const char *const fieldmap_duplicates_names[];

/* Where a field's value in Salesforce comes from. */
enum fieldmap_value {
	FIELDMAP_FIELD,    /* the local field */
	FIELDMAP_LOCAL_ID, /* the local record's id */
	FIELDMAP_NOW,      /* the time of the run */
	FIELDMAP_TODAY,    /* its date; of a default only */
	FIELDMAP_TEXT,     /* the JSON value; of a default only */
};

struct fieldmap_field {
	const char *salesforce; /* API name, in the table's spelling where that has it */
	const char *local;      /* NULL unless value is FIELDMAP_FIELD */
	enum fieldmap_value value;
	enum fieldmap_direction direction;
	enum fieldmap_conflict conflict;
	bool enforce;     /* drift on the other side is overwritten */
	bool clear;       /* a blank may win, and moves */
	bool external_id; /* of a local_id: the org has marked the field as an external ID */
	const char *at;   /* in the map's text */
};

/* A field of create.salesforce.fields: what a new record gets where the mapping gives nothing. */
struct fieldmap_default {
	const char *salesforce;
	enum fieldmap_value value;
	const char *local; /* of FIELDMAP_FIELD */
	struct json text;  /* of FIELDMAP_TEXT */
	const char *at;
};

/* A condition of create.salesforce.when: the local field has this value, or one of this array. */
struct fieldmap_when {
	const char *local;
	struct json value;
};

struct fieldmap_create {
	bool local;           /* what is new in Salesforce is created locally */
	bool salesforce;      /* what is new locally is created in Salesforce; the rest says how */
	const char **require; /* Salesforce fields that must not be blank; Salesforce's own added */
	size_t n_require;
	struct fieldmap_when *when;
	size_t n_when;
	const char *as;              /* the object that is created */
	char record_type[SFID_SIZE]; /* or empty */
	struct fieldmap_default *defaults;
	size_t n_defaults;
	enum fieldmap_run_as run_as;
};

struct fieldmap_object {
	const char *name;  /* the sObject, in the table's spelling */
	const char *local; /* the local object */
	enum fieldmap_direction direction;
	enum fieldmap_conflict conflict;
	enum fieldmap_match
	    match[3]; /* how a pair is found, in this order; a link always comes first */
	size_t n_match;
	enum fieldmap_duplicates duplicates;
	uint64_t limit; /* updates a run */
	struct fieldmap_create create;
	struct fieldmap_field *fields;
	size_t n_fields;
	const char *at;
};

struct fieldmap {
	char *path; /* in messages */
	struct fieldmap_object *objects;
	size_t n_objects;
	const char *text;
	size_t size;
	struct arena *arena;
};

/* NULL with err set if the file cannot be read or is no good map. */
struct fieldmap *fieldmap_open(const char *path, struct err *err);
void fieldmap_close(struct fieldmap *map);

/* The same of a text; path is for messages. */
struct fieldmap *fieldmap_parse(const char *path, const char *text, size_t size, struct err *err);

/* What the org says of an object; NULL if that is not known. */
typedef const struct describe *fieldmap_describe(void *arg, const char *object);

/* The map against the org: unknown fields, and fields to be written that cannot be. */
int fieldmap_check(
    const struct fieldmap *map, fieldmap_describe *describe, void *arg, struct err *err);

/* By sObject name, in any case; NULL if it is not mapped. */
const struct fieldmap_object *fieldmap_object(const struct fieldmap *map, const char *name);

/* By the name of either side: Salesforce's in any case, the local one as it is; NULL if not mapped. */
const struct fieldmap_field *fieldmap_salesforce(
    const struct fieldmap_object *object, const char *name);
const struct fieldmap_field *fieldmap_local(const struct fieldmap_object *object, const char *name);

/* The field that holds the local record's id as an external ID; NULL if there is none. */
const struct fieldmap_field *fieldmap_external_id(const struct fieldmap_object *object);

#endif

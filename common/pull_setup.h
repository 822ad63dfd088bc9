/*
 * pull_setup: the objects of a pull as they stand before its first request: fields, watermark, range.
 *
 * Errors:  ST_USAGE a bad field name; ST_CONFIG as store.h.
 */
#ifndef SFPIPE_PULL_SETUP_H
#define SFPIPE_PULL_SETUP_H

#include "arena.h"
#include "diag.h"
#include "fieldmap.h"
#include "pull_object.h"
#include "sobject.h"
#include "store.h"

#include <stdbool.h>
#include <stdint.h>

#define PULL_MAX_OBJECTS 32

struct pull_options {
	const char *org; /* 18 characters */
	const struct sobject *objects[PULL_MAX_OBJECTS];
	size_t n_objects;
	bool named;                 /* they were given by name */
	const char *fields;         /* "+A,+B", "A,B"; an item may say OBJECT:FIELD; or NULL */
	const struct fieldmap *map; /* its fields are pulled too; or NULL */
	const char *where;
	const char *soql;
	const char *reset[PULL_MAX_OBJECTS];
	size_t n_reset;
	bool has_since;
	int64_t since_ms;
	uint64_t max_rows;
	int64_t overlap_ms;
	int64_t now_ms;
};

/* design 3: another org's store is refused before the first query. */
int pull_check_org(const char *org, struct store *store, struct err *err);

/* Fills objects, options->n_objects of them; all that they need lives in the arena. */
int pull_setup(const struct pull_options *options, struct store *store, struct arena *arena,
    struct pull_object *objects, struct err *err);

#endif

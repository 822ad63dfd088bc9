/*
 * plan: what resolve-conflicts makes of pairs: a run's state, and what is decided about one pair.
 *
 * Owner:   plan_run_open()'s caller; a struct plan lives as long as its line.
 * Errors:  ST_REJECTED this line.
 */
#ifndef SFPIPE_PLAN_H
#define SFPIPE_PLAN_H

#include "conflict.h"
#include "fieldmap.h"
#include "fieldvalue.h"
#include "line.h"
#include "rfc3339.h"
#include "sfid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum plan_side { PLAN_SALESFORCE, PLAN_LOCAL, PLAN_SIDES };

/* An object of the map in this run: what its map line says, and what the plan does to it. */
struct plan_object {
	const struct fieldmap_object *map;
	enum fieldvalue_type *types; /* of map->fields */
	uint64_t linked;             /* its live links */
	uint64_t updates;            /* pairs with an op update: limit */
	uint64_t changed;            /* linked pairs with one: --max-share */
	uint64_t waits;              /* pairs over limit */
};

struct plan_run {
	const struct fieldmap *map;
	struct plan_object *objects; /* as map->objects */
	char now[RFC3339_SIZE];
	char org[SFID_SIZE];            /* empty: not known */
	struct conflict_sides sides;    /* take and taken */
	const char *const *take_fields; /* only these, NULL at the end; or NULL: all */
	struct arena *arena;
};

enum plan_write { PLAN_NOTHING, PLAN_UPDATE, PLAN_CREATE };

/* A field of the map, and what is decided about it. */
struct plan_field {
	const struct fieldmap_field *field;
	enum fieldvalue_type type;
	struct conflict_values values;
	struct conflict_outcome outcome;
	const char *value; /* of a value field that is written: its JSON; else NULL */
};

struct plan {
	const struct plan_run *run;
	struct plan_object *object;
	enum plan_write writes[PLAN_SIDES];
	bool settles;        /* writes or not, there are bases to be settled or a link to be made */
	bool holds;          /* a field is held */
	bool linked;         /* by a link, not found just now */
	bool told;           /* Salesforce knows of the link */
	bool unseen;         /* no pull has brought the record yet */
	const char *nothing; /* why no field is decided at all; else NULL */
	const char *refused; /* why its op cannot go out, so that it fails; else NULL */
	char id[SFID_SIZE];  /* empty: no record there */
	const char *local_id; /* NULL: no record there */
	const char *local_object;
	const char *paired_by;
	struct json salesforce, local_fields;
	const char *owner;         /* whom run_as owner writes as; or NULL */
	struct plan_field *fields; /* as object->map->fields */
	struct arena *arena;       /* the line's */
};

struct plan_run *plan_run_open(const struct fieldmap *map, int64_t now_ms);
void plan_run_close(struct plan_run *run);

/* Takes what an org line or a map line says. */
int plan_run_take(struct plan_run *run, const struct line *line, struct err *err);

/* By the object's name; NULL if the map does not have it. */
struct plan_object *plan_run_object(const struct plan_run *run, const char *name);

#endif

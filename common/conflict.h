/*
 * conflict: who wins a field of a pair (design 6, "What decides a field"). Pure: values in, outcome out.
 *
 * base holds the last settled value of each side; a side has changed if it differs from its own.
 * A value that is JSON_IS_ABSENT is unknown: a base that is unknown is none; of a side, no rule
 * decides. After an outcome that moves a value, once it is written, both bases are that value; after
 * one that settles, each base is its side's value.
 *
 * Threads: any.
 */
#ifndef SFPIPE_CONFLICT_H
#define SFPIPE_CONFLICT_H

#include "arena.h"
#include "fieldmap.h"
#include "fieldvalue.h"
#include "json.h"

#include <stdbool.h>
#include <stdint.h>

struct conflict_values {
	struct json salesforce, local;
	struct json base_salesforce, base_local;
};

/* What a field's policy newest and a person's choice need to know. */
struct conflict_sides {
	bool local_newer; /* than Salesforce's record; false also if that cannot be told */
	bool take;        /* a held field goes to taken */
	enum fieldmap_conflict taken; /* FIELDMAP_SALESFORCE or FIELDMAP_LOCAL */
};

enum conflict_move {
	CONFLICT_STAYS,
	CONFLICT_TO_LOCAL,
	CONFLICT_TO_SALESFORCE,
	CONFLICT_HELD,
};

struct conflict_outcome {
	enum conflict_move move;
	bool settles; /* STAYS: the bases are to become the two values, and differ from them yet */
	const char *rule; /* why, in a few words */
};

struct conflict_outcome conflict_decide(const struct fieldmap_field *field,
    enum fieldvalue_type type, const struct conflict_values *values,
    const struct conflict_sides *sides, struct arena *arena);

#endif

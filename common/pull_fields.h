/*
 * pull_fields: which fields of an object a pull asks for: the table's, those of --fields, and those
 * that its watermark has; less those that the org does not have, or that the user may not see.
 *
 * What is missing is remembered in the watermark, and asked for again a day later:
 *   [{"field":"Region__c","at":"2026-11-20T15:00:00Z","edition":"Professional Edition"}]
 *
 * Owner:   the arena's; strings from outside must live as long.
 */
#ifndef SFPIPE_PULL_FIELDS_H
#define SFPIPE_PULL_FIELDS_H

#include "arena.h"
#include "buf.h"
#include "describe.h"
#include "diag.h"
#include "sobject.h"
#include "watermark.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PULL_MAX_FIELDS 800 /* of an object; Salesforce's own limit */

struct pull_field {
	const char *name;
	bool missing;
	bool optional;      /* no notice when it is missing */
	int64_t checked_ms; /* when the org said that it is missing */
};

struct pull_fields {
	const struct sobject *sobject;
	struct pull_field *fields;
	size_t n;
	const char *edition; /* Organization.OrganizationType if known */
};

struct pull_fields pull_fields_begin(const struct sobject *sobject, struct arena *arena);

/* Adds one, unless it is there. -1: too many. */
int pull_fields_add(struct pull_fields *fields, const char *name, bool optional, struct err *err);

/* The table's fields, or, narrow, those without which a record is none. */
void pull_fields_add_table(struct pull_fields *fields, bool narrow);

/* What a watermark knows: its fields are wanted too, what it misses is missing if that was found
 * less than a day before now. */
int pull_fields_add_watermark(struct pull_fields *fields, const struct watermark *watermark,
    int64_t now_ms, struct arena *arena, struct err *err);

/* Whether a field is wanted of which the watermark does not say that it is there or missing. */
bool pull_fields_unknown(
    const struct pull_fields *fields, const struct watermark *watermark, struct arena *arena);

/* Whether a field is asked for that the watermark did not have. */
bool pull_fields_grew(
    const struct pull_fields *fields, const struct watermark *watermark, struct arena *arena);

/* Marks what describe does not list. -1: the object cannot be pulled without it. */
int pull_fields_check(
    struct pull_fields *fields, const struct describe *describe, int64_t now_ms, struct err *err);

/* What orders the records: the table's SystemModstamp or, where the org has none and rows never change,
 * CreatedDate. */
const char *pull_fields_stamp(const struct pull_fields *fields);

/* Marks the one that an INVALID_FIELD message names; false if it names none of ours. */
bool pull_fields_drop(struct pull_fields *fields, const char *message, int64_t now_ms);

/* SELECT ... FROM object, without what is missing. */
void pull_fields_put_select(const struct pull_fields *fields, struct buf *soql);

/* ,"fields":[...] and ,"missing":[...] of a checkpoint. */
void pull_fields_put_json(const struct pull_fields *fields, struct buf *json);

/* The notice of design 3 for what is missing and not optional. */
void pull_fields_notice(const struct pull_fields *fields);

#endif

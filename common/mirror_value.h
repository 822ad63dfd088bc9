/*
 * mirror_value: a field of a record's JSON as its column has it (sobject.h says of which type).
 *
 * Owner:   text points into the JSON or the arena.
 * Errors:  ST_REJECTED, naming the field and why. What is no email or no phone is null, not bad:
 *          Salesforce lets anything into a phone field.
 * Threads: any.
 */
#ifndef SFPIPE_MIRROR_VALUE_H
#define SFPIPE_MIRROR_VALUE_H

#include "arena.h"
#include "json.h"
#include "sobject.h"
#include "store.h"

/* Zeroed it is null. */
struct mirror_value {
	const char *text;
	size_t size;
	const char *domain; /* of an email */
	int64_t number;     /* of a bool: text is NULL; of a time: its milliseconds */
	bool is_number;
};

/* The field that a member of a record is, or NULL. Records have them in much the same order: field
 * number *next is looked at first, and *next set to the one behind what was found. */
const struct sobject_field *mirror_field(
    const struct sobject *sobject, struct json name, size_t *next);

/* region: for phones in national form, or NULL. */
int mirror_value(const struct sobject_field *field, struct json json, const char *region,
    struct arena *arena, struct mirror_value *value, struct err *err);

/* Whether both are the same to the column. */
bool mirror_value_same(const struct mirror_value *a, const struct mirror_value *b);

/* Binds the value to the n-th parameter, and what its second column holds to the one after it; gives
 * the number of the next one. */
int mirror_value_bind(const struct sobject_field *field, const struct mirror_value *value,
    struct store_query *query, int n);

#endif

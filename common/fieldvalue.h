/*
 * fieldvalue: the values of a field compared by its type, in the form that Salesforce keeps them in
 * (design 6): trimmed, empty is blank, 1 = 1.0, a time in any spelling and of whole seconds,
 * midnight is the date, a multi-select in any order, an Id of 15 or 18 characters, an email in any
 * case; a boolean that is blank is false.
 *
 * Owner:   results live in the arena.
 * Threads: any.
 */
#ifndef SFPIPE_FIELDVALUE_H
#define SFPIPE_FIELDVALUE_H

#include "arena.h"
#include "buf.h"
#include "json.h"

#include <stdbool.h>
#include <stddef.h>

enum fieldvalue_type {
	FIELDVALUE_UNKNOWN,
	FIELDVALUE_TEXT,
	FIELDVALUE_NUMBER,
	FIELDVALUE_BOOLEAN,
	FIELDVALUE_TIME,
	FIELDVALUE_DATE,
	FIELDVALUE_MULTI, /* values with ; between */
	FIELDVALUE_ID,
	FIELDVALUE_EMAIL,
};

/* Of describe's name of a type ("currency"); if that is NULL, as the table of sObjects knows it. */
enum fieldvalue_type fieldvalue_type(const char *name, const char *object, const char *field);

/* What a field of unknown type must be, by all of its values that are at hand. */
enum fieldvalue_type fieldvalue_guess(const struct json *values, size_t n, struct arena *arena);

/* The normal form: equal texts, equal values. NULL: blank (or not there at all). */
const char *fieldvalue_normal(struct json value, enum fieldvalue_type type, struct arena *arena);

bool fieldvalue_same(struct json a, struct json b, enum fieldvalue_type type, struct arena *arena);

/* The value as Salesforce takes it: its bytes, but null for what is blank, and a boolean, number or
 * text as its type needs it. */
void fieldvalue_put(
    struct buf *json, struct json value, enum fieldvalue_type type, struct arena *arena);

#endif

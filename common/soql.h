/*
 * soql: the text of queries: names checked, literals escaped, URLs encoded.
 *
 * Threads: any.
 */
#ifndef SFPIPE_SOQL_H
#define SFPIPE_SOQL_H

#include "buf.h"
#include "json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOQL_MAX 100000 /* characters of a query */

/* Whether it can be an object's or a field's name; a field's may have parents: Account.Name. */
bool soql_name_ok(const char *name);

/* 'text', escaped. */
void soql_put_string(struct buf *soql, const char *text, size_t size);

/* A string, number, boolean or null of JSON as a literal; false for anything else. */
bool soql_put_literal(struct buf *soql, struct json value, struct arena *arena);

/* 2026-11-20T15:00:00Z, with milliseconds if there are any. */
void soql_put_time(struct buf *soql, int64_t ms);

/* SELECT a, b FROM object. Names must be checked. */
void soql_put_select(struct buf *soql, const char *const *fields, size_t n, const char *object);

/* Percent-encoded, all but letters, digits, - . _ ~ */
void soql_put_encoded(struct buf *url, const char *text, size_t size);

#endif

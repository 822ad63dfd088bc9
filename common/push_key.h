/*
 * push_key: the values by which records are found, compared as Salesforce compares them: white space
 * at the ends and case aside, Ids of 15 and 18 characters alike, 7777 and 7777.00 one number, a
 * time in any spelling.
 *
 * Owner:   results live in the arena.
 * Threads: any.
 */
#ifndef SFPIPE_PUSH_KEY_H
#define SFPIPE_PUSH_KEY_H

#include "arena.h"
#include "buf.h"
#include "json.h"

#include <stdbool.h>

/* A form that is the same for all values that Salesforce may take for one, and maybe for more. */
const char *push_key_value(struct json value, struct arena *arena);

/* The same of an object of names and values, in whatever order they come. */
const char *push_key_find(struct json find, struct arena *arena);

/* Whether a value of Salesforce's is the one that was asked for. */
bool push_key_same(struct json a, struct json b, struct arena *arena);

/* A record's field by its name in any case; through its parents if it has dots. */
struct json push_key_field(struct json record, const char *name);

/* Whether it is a string that reads as a date or a time. */
bool push_key_is_time(struct json value, struct arena *arena);

/* As a literal of SOQL. Dates and times stand there without quotes, unless as_text. */
void push_key_put_literal(struct buf *soql, struct json value, bool as_text, struct arena *arena);

#endif

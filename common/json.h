/*
 * json: the text of a line as JSON: checked once, then read in place, its bytes kept (style 8).
 *
 * A struct json is the span of one value in the text, quotes and brackets included; at is NULL where
 * there is none. json_check() accepts what RFC 8259 accepts, in UTF-8, less these (sfpipe-lines(5),
 * VIOLATIONS): a member name twice in one object, \u0000, a lone surrogate, more than JSON_MAX_DEPTH
 * arrays and objects within each other. All other functions take only spans of checked text.
 *
 * Owner:   spans point into the text; decoded strings live in the arena.
 * Errors:  ST_REJECTED: the text is no such JSON; err says why and at which byte, counted from 1.
 */
#ifndef SFPIPE_JSON_H
#define SFPIPE_JSON_H

#include "arena.h"
#include "buf.h"
#include "diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define JSON_MAX_DEPTH 128

enum json_kind {
	JSON_IS_ABSENT,
	JSON_IS_NULL,
	JSON_IS_FALSE,
	JSON_IS_TRUE,
	JSON_IS_NUMBER,
	JSON_IS_STRING,
	JSON_IS_ARRAY,
	JSON_IS_OBJECT,
};

struct json {
	const char *at;
	size_t size;
};

/* A member of an object: the name as it is in the text, quotes included. */
struct json_member {
	struct json name;
	struct json value;
};

/* The members of the outermost object, if it is one: n_members in members (in the arena). The
 * value that the text holds, less the white space around it, is *value. 0, or -1 with err set. */
int json_check(const char *text, size_t size, struct arena *arena, struct json *value,
    struct json_member **members, size_t *n_members, struct err *err);

enum json_kind json_kind(struct json value);

/* The items of an array, or the members of an object (name.at is NULL in an array), in order.
 * A value of another type has none. */
struct json_each {
	const char *at;
	const char *end;
	bool object;
};
struct json_each json_each(struct json value);
bool json_next(struct json_each *each, struct json_member *member);

/* The member of that name; JSON_IS_ABSENT if there is none or if it is no object. */
struct json json_get(struct json object, const char *name);

/* Into the next item of an array, if it is an object, without a look for its end: its members are
 * inner's; when json_next() has given them all, json_leave() goes on behind it. */
bool json_enter(struct json_each *each, struct json_each *inner);
void json_leave(struct json_each *each, const struct json_each *inner);

/* Whether value is the string text; compares decoded. */
bool json_is_text(struct json value, const char *text, size_t size);
static inline bool
json_is(struct json value, const char *text)
{
	size_t size = strlen(text);

	/* mostly: names are compared one after the other; decoding makes no string longer */
	if (value.size < size + 2 || *value.at != '"' ||
	    (value.at[1] != *text && value.at[1] != '\\' && size))
		return false;
	return json_is_text(value, text, size);
}

/* The decoded string with a NUL behind, NULL if value is no string. size may be NULL. */
char *json_decode(struct json value, struct arena *arena, size_t *size);

/* The same without a NUL behind: the text's own bytes if no escape is in them. */
const char *json_text(struct json value, struct arena *arena, size_t *size);

/* Whether a value is there and not null. */
bool json_has(struct json value);

/* Whether both spans are the same JSON: strings compare decoded, anything else as bytes. */
bool json_same(struct json a, struct json b);

/* The string as JSON, quotes included. Invalid UTF-8 becomes U+FFFD, so any bytes will do. */
void json_put_string(struct buf *buf, const char *text, size_t size);

/* Begins a member: a comma unless it is the object's first, then "name": ; a name of ours holds
 * nothing to escape. */
static inline void
json_put_name(struct buf *buf, const char *name)
{
	size_t size = strlen(name);

	buf_reserve(buf, size + 4);
	char *at = buf->text + buf->size;
	if (buf->size && at[-1] != '{' && at[-1] != '[')
		*at++ = ',';
	*at++ = '"';
	memcpy(at, name, size);
	memcpy(at + size, "\":", 3);
	buf->size = (size_t)(at + size + 2 - buf->text);
}

/* name: string; nothing at all if text is NULL. */
static inline void
json_put_member(struct buf *buf, const char *name, const char *text)
{
	if (!text)
		return;
	json_put_name(buf, name);
	json_put_string(buf, text, strlen(text));
}

#endif

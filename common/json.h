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
#include <stdint.h>
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

/* The value that the text holds, less the white space around it. 0, or -1 with err set. */
int json_check(
    const char *text, size_t size, struct arena *arena, struct json *value, struct err *err);

/* The same, with what was seen of the outermost object, if it is one. */
struct json_text {
	struct json value;
	struct json_member *members;
	uint64_t *heads; /* json_head() of each one's name */
	size_t n_members;
	/* json_items() of all arrays in it, in order; NULL if they are many. */
	struct json_member *items;
	size_t n_items;
};
int json_scan(
    const char *text, size_t size, struct arena *arena, struct json_text *whole, struct err *err);

/* The items of an array, each before the members of its own, if it is an object; those have a name. Of
 * an object: as if it were an array's only item. */
struct json_member *json_items(struct json value, struct arena *arena, size_t *n);

/* A name's size (255: or more) and first bytes, to tell names apart at a glance: up to so many bytes, equal
 * heads are equal names. room is what may be read from at on. */
#define JSON_HEAD_BYTES 7
static inline uint64_t
json_head(const char *at, size_t size, size_t room)
{
	uint64_t head = 0;

	if (room >= sizeof head)
		memcpy(&head, at, sizeof head);
	else
		memcpy(&head, at, room);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	head = __builtin_bswap64(head);
#endif
	head &= (UINT64_C(1) << 8 * (size < JSON_HEAD_BYTES ? size : JSON_HEAD_BYTES)) - 1;
	return head | (uint64_t)(size < 255 ? size : 255) << 8 * JSON_HEAD_BYTES;
}

static inline enum json_kind
json_kind(struct json value)
{
	if (!value.at)
		return JSON_IS_ABSENT;
	switch (*value.at) {
	case 'n':
		return JSON_IS_NULL;
	case 'f':
		return JSON_IS_FALSE;
	case 't':
		return JSON_IS_TRUE;
	case '"':
		return JSON_IS_STRING;
	case '[':
		return JSON_IS_ARRAY;
	case '{':
		return JSON_IS_OBJECT;
	default:
		return JSON_IS_NUMBER;
	}
}

/* The items of an array, or the members of an object (name.at is NULL in an array), in order.
 * A value of another type has none. */
struct json_each {
	const char *at;
	const char *end;
	bool object;
};
static inline struct json_each
json_each(struct json value)
{
	enum json_kind type = json_kind(value);

	if (type != JSON_IS_OBJECT && type != JSON_IS_ARRAY)
		return (struct json_each){0};
	return (struct json_each){
	    .at = value.at + 1, .end = value.at + value.size - 1, .object = type == JSON_IS_OBJECT};
}

bool json_next(struct json_each *each, struct json_member *member);

/* The member of that name; JSON_IS_ABSENT if there is none or if it is no object. */
struct json json_get(struct json object, const char *name);

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
	if (value.size == size + 2 && memcmp(value.at + 1, text, size) == 0 &&
	    !memchr(text, '\\', size))
		return true;
	return json_is_text(value, text, size);
}

/* The decoded string with a NUL behind, NULL if value is no string. size may be NULL. */
char *json_decode(struct json value, struct arena *arena, size_t *size);

/* The same without a NUL behind: the text's own bytes if no escape is in them. */
const char *json_text(struct json value, struct arena *arena, size_t *size);

/* Whether a value is there and not null. */
static inline bool
json_has(struct json value)
{
	return value.at && *value.at != 'n';
}

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
	memcpy(at, name, size + 1);
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

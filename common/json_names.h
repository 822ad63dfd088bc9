/*
 * json_names: the member names of the objects that json_check() is in, to find one twice; for it alone.
 *
 * Owner:   they live in the arena.
 */
#ifndef SFPIPE_JSON_NAMES_H
#define SFPIPE_JSON_NAMES_H

#include "json.h"

#define JSON_NAMES_FIRST 64 /* no more than that needs memory of the arena */

/* A member name, decoded. */
struct json_name {
	const char *at;
	size_t size;
	uint64_t head; /* json_head(): unequal heads, unequal names */
};

/* Of an object. */
struct json_names_of {
	size_t first;  /* where they begin */
	uint64_t seen; /* a bit for each name's head */
	bool twice;
	bool maybe_twice; /* two of many share a bit of seen */
};

struct json_names {
	struct arena *arena;
	struct json_name *items;
	size_t n, room;
	struct json_name few[JSON_NAMES_FIRST];
};

static inline void
json_names_begin(struct json_names *names, struct arena *arena)
{
	names->arena = arena;
	names->items = names->few;
	names->n = 0;
	names->room = JSON_NAMES_FIRST;
}

/* The next name shares a bit with another: sees whether they are the same, or remembers it for the end. */
void json_names_compare(
    const struct json_names *names, struct json_names_of *object, const struct json_name *next);

/* One more name of the object, as it is in the text; room is what may be read from behind its first quote
 * on. Its head. */
static inline uint64_t
json_names_push(struct json_names *names, struct json_names_of *object, struct json quoted,
    size_t room, bool escaped)
{
	struct json_name name = {.at = quoted.at + 1, .size = quoted.size - 2};

	if (escaped) {
		name.at = json_decode(quoted, names->arena, &name.size);
		room = name.size;
	}
	name.head = json_head(name.at, name.size, room);
	uint64_t bit = UINT64_C(1) << (name.head * UINT64_C(0x9e3779b97f4a7c15) >> 58);
	if (object->seen & bit)
		json_names_compare(names, object, &name);
	object->seen |= bit;
	if (names->n == names->room)
		names->items =
		    arena_more(names->arena, names->items, &names->room, 0, sizeof *names->items);
	names->items[names->n++] = name;
	return name.head;
}

/* Whether a name is twice among many. */
bool json_names_twice(struct json_name *names, size_t n);

/* The object ends: forgets its names. False if there is one twice. */
static inline bool
json_names_end(struct json_names *names, const struct json_names_of *object)
{
	bool twice = object->twice ||
		     (object->maybe_twice &&
			 json_names_twice(names->items + object->first, names->n - object->first));

	names->n = object->first;
	return !twice;
}

#endif

/*
 * fieldmap_key: the keys of one level of a map as a table: what each takes, and where that goes.
 *
 * A value of a wrong type is a problem, and its place is left as it was.
 */
#ifndef SFPIPE_FIELDMAP_KEY_H
#define SFPIPE_FIELDMAP_KEY_H

#include "fieldmap.h"
#include "fieldmap_problem.h"

#include <stdbool.h>
#include <stddef.h>

struct fieldmap_reader {
	struct fieldmap *map;
	struct fieldmap_problems *problems;
	struct fieldmap_object *object; /* the one that is being read */
};

enum fieldmap_takes {
	FIELDMAP_TAKES_BOOL,
	FIELDMAP_TAKES_CHOICE, /* one of names, into an enum */
	FIELDMAP_TAKES_NAME,   /* a name of the local side, into a const char * */
	FIELDMAP_TAKES_OTHER,  /* take() reads it into the struct */
};

struct fieldmap_key {
	const char *name;
	enum fieldmap_takes takes;
	size_t offset; /* in the level's struct */
	const char *const *names;
	void (*take)(
	    struct fieldmap_reader *reader, const char *key, struct json value, void *into);
};

/* Takes the keys in the table's order, so that one may depend on those before it. Any other member
 * is a problem. */
void fieldmap_take(struct fieldmap_reader *reader, struct json object,
    const struct fieldmap_key *keys, size_t n, void *into);

/* The problem that value is not what is needed. */
void fieldmap_wrong(
    struct fieldmap_reader *reader, const char *key, struct json value, const char *needed);

/* Whether it is of that kind; a problem if not. */
bool fieldmap_is(struct fieldmap_reader *reader, const char *key, struct json value,
    enum json_kind kind, const char *needed);

/* Its text; NULL and a problem if it is no string, or, a name, nothing that can be one. */
const char *fieldmap_text(struct fieldmap_reader *reader, const char *key, struct json value);
const char *fieldmap_name(struct fieldmap_reader *reader, const char *key, struct json value);

/* The number of its text in names; -1 and a problem if it is none of them. */
int fieldmap_choice(
    struct fieldmap_reader *reader, const char *key, struct json value, const char *const *names);

/* A field's API name, in the table's spelling if that has it; NULL and a problem at at. */
const char *fieldmap_field_name(
    struct fieldmap_reader *reader, const char *object, const char *name, const char *at);

/* For messages: escaped, in the map's arena. */
const char *fieldmap_shown(struct fieldmap_reader *reader, const char *text);

size_t fieldmap_count(struct json list);

#endif

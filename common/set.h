/*
 * set: texts, each once; for as many as memory holds.
 *
 * Owner:   zero-initialize; set_free() when done.
 * Errors:  none: when memory is out, the process says so and ends with 74.
 */
#ifndef SFPIPE_SET_H
#define SFPIPE_SET_H

#include "buf.h"
#include "table.h"

#include <stdbool.h>

struct set {
	struct table table;
	struct buf text; /* of all, each with its NUL */
	size_t *at;      /* where each begins */
	size_t n, room;
};

bool set_has(const struct set *set, const char *text);

/* True if it was not there. */
bool set_add(struct set *set, const char *text);

/* Empties it. */
void set_clear(struct set *set);
void set_free(struct set *set);

#endif

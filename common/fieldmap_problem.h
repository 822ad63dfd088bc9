/*
 * fieldmap_problem: what is wrong with a map, collected, so that all of it is said in one go, in the
 * order of the file.
 *
 * Owner:   zero-initialize; map's arena owns the texts. fieldmap_problems_end() frees the list.
 */
#ifndef SFPIPE_FIELDMAP_PROBLEM_H
#define SFPIPE_FIELDMAP_PROBLEM_H

#include "arena.h"
#include "diag.h"

#include <stddef.h>

struct fieldmap_problem {
	const char *at;
	const char *what;
};

struct fieldmap_problems {
	const char *path, *text; /* the map's */
	struct arena *arena;
	struct fieldmap_problem *list;
	size_t n, room;
};

/* at points into the map's text. */
void fieldmap_problem(struct fieldmap_problems *problems, const char *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Line and column of a place, as LINE:COLUMN. */
const char *fieldmap_place(const struct fieldmap_problems *problems, const char *at);

/* " (did you mean X?)" for the one of names, NULL at their end, that is nearest to what was
 * written; "" if none is near. */
const char *fieldmap_near(
    struct fieldmap_problems *problems, const char *written, const char *const *names);

/* Says them; 0 if there are none, else -1 with err set. */
int fieldmap_problems_end(struct fieldmap_problems *problems, struct err *err);

#endif

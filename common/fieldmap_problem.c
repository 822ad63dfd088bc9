#include "fieldmap_problem.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NAME 64     /* longer ones are compared with none */
#define MAX_PROBLEMS 50 /* are said; a file with more is none of ours */

void
fieldmap_problem(struct fieldmap_problems *problems, const char *at, const char *format, ...)
{
	char what[512];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof what, format, args);
	va_end(args);
	if (problems->n == problems->room) {
		problems->room = problems->room * 2 + 8;
		problems->list = xrealloc(problems->list, problems->room * sizeof *problems->list);
	}
	problems->list[problems->n++] = (struct fieldmap_problem){
	    .at = at, .what = arena_dup(problems->arena, what, strlen(what))};
}

const char *
fieldmap_place(const struct fieldmap_problems *problems, const char *at)
{
	size_t line = 1, column = 1;

	for (const char *c = problems->text; c < at; c++) {
		if (*c == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)*c & 0xc0) != 0x80) {
			column++;
		}
	}
	return arena_printf(problems->arena, "%zu:%zu", line, column);
}

/* How many letters have to be changed, put in or left out (Levenshtein), case aside. */
static size_t
distance(const char *a, const char *b)
{
	size_t row[MAX_NAME + 1], n = strlen(b);

	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t cost =
			    tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]);
			size_t best = diagonal + cost;
			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[n];
}

const char *
fieldmap_near(struct fieldmap_problems *problems, const char *written, const char *const *names)
{
	const char *near = NULL;
	size_t least = SIZE_MAX;

	if (strlen(written) > MAX_NAME)
		return "";
	for (; *names; names++) {
		if (strlen(*names) > MAX_NAME)
			continue;
		size_t far = distance(written, *names);
		if (far < least && far * 3 <= strlen(*names) + 2) {
			least = far;
			near = *names;
		}
	}
	return near ? arena_printf(problems->arena, " (did you mean %s?)", near) : "";
}

static int
compare(const void *a, const void *b)
{
	const struct fieldmap_problem *one = a, *other = b;

	if (one->at != other->at)
		return one->at < other->at ? -1 : 1;
	return strcmp(one->what, other->what);
}

int
fieldmap_problems_end(struct fieldmap_problems *problems, struct err *err)
{
	const char *path = problems->path;
	size_t n = problems->n;

	if (n > 1)
		qsort(problems->list, n, sizeof *problems->list, compare);
	for (size_t i = 0; n > 1 && i < n && i < MAX_PROBLEMS; i++)
		diag_say("%s:%s: %s", path, fieldmap_place(problems, problems->list[i].at),
		    problems->list[i].what);
	if (n > 1)
		err_set(err, ST_CONFIG, "%s: %zu problems, nothing is done with this map", path, n);
	else if (n == 1)
		err_set(err, ST_CONFIG, "%s:%s: %s", path,
		    fieldmap_place(problems, problems->list[0].at), problems->list[0].what);
	free(problems->list);
	*problems = (struct fieldmap_problems){0};
	return n > 0 ? -1 : 0;
}

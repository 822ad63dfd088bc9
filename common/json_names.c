#include "json_names.h"

#include <stdlib.h>
#include <string.h>

/* Up to so many names in an object are compared each with each; more are sorted. */
#define FEW_NAMES 24

static int
compare_names(const void *a, const void *b)
{
	const struct json_name *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return memcmp(x->at, y->at, x->size);
}

void
json_names_compare(
    const struct json_names *names, struct json_names_of *object, const struct json_name *next)
{
	if (names->n - object->first > FEW_NAMES) { /* no quadratic time for a hostile line */
		object->maybe_twice = true;
		return;
	}
	for (size_t i = object->first; i < names->n; i++)
		if (names->items[i].head == next->head &&
		    compare_names(&names->items[i], next) == 0)
			object->twice = true;
}

bool
json_names_twice(struct json_name *names, size_t n)
{
	qsort(names, n, sizeof *names, compare_names);
	for (size_t i = 1; i < n; i++)
		if (compare_names(&names[i - 1], &names[i]) == 0)
			return true;
	return false;
}

#include "set.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

static const char *
key(const void *arg, uint32_t number)
{
	const struct set *set = arg;

	return set->text.text + set->at[number];
}

bool
set_has(const struct set *set, const char *text)
{
	return table_get(&set->table, text) != TABLE_NONE;
}

bool
set_add(struct set *set, const char *text)
{
	set->table.key = key;
	set->table.arg = set;
	if (table_get(&set->table, text) != TABLE_NONE)
		return false;
	if (set->n == set->room) {
		set->room = set->room ? set->room * 2 : 64;
		set->at = xrealloc(set->at, set->room * sizeof *set->at);
	}
	set->at[set->n] = set->text.size;
	buf_put(&set->text, text, strlen(text) + 1);
	table_put(&set->table, (uint32_t)set->n++);
	return true;
}

void
set_clear(struct set *set)
{
	table_free(&set->table);
	buf_clear(&set->text);
	set->n = 0;
}

void
set_free(struct set *set)
{
	table_free(&set->table);
	buf_free(&set->text);
	free(set->at);
	*set = (struct set){0};
}

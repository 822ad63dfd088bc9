#include "pull_garbled.h"

#include "arena.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct pull_garbled_row {
	uint64_t hash;
	bool rejected;
};

/* FNV-1a */
static uint64_t
hash(const char *text, size_t size)
{
	uint64_t h = 0xcbf29ce484222325;

	for (size_t i = 0; i < size; i++)
		h = (h ^ (unsigned char)text[i]) * 0x100000001b3;
	return h;
}

enum pull_garbled_next
pull_garbled_take(struct pull_garbled *garbled, const char *text, size_t size)
{
	uint64_t row = hash(text, size);

	for (size_t i = 0; i < garbled->n; i++) {
		if (garbled->rows[i].hash != row)
			continue;
		if (garbled->rows[i].rejected)
			return PULL_GARBLED_PASS;
		garbled->rows[i].rejected = true;
		return PULL_GARBLED_REJECT;
	}
	garbled->rows = xrealloc(garbled->rows, (garbled->n + 1) * sizeof *garbled->rows);
	garbled->rows[garbled->n++] = (struct pull_garbled_row){.hash = row};
	return PULL_GARBLED_ASK;
}

void
pull_garbled_free(struct pull_garbled *garbled)
{
	free(garbled->rows);
	*garbled = (struct pull_garbled){0};
}

#include "table.h"

#include "arena.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t seed;

/* Before main(), so that a hash need not ask whether it was made. */
__attribute__((constructor)) static void
make_seed(void)
{
	int fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, &seed, sizeof seed) != (ssize_t)sizeof seed)
		seed = (uint64_t)time(NULL) * UINT64_C(0x9e3779b97f4a7c15);
	if (fd >= 0)
		close(fd);
}

static uint64_t
mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t
table_hash(const char *text, size_t size)
{
	const uint64_t odd = UINT64_C(0xa0761d6478bd642f);
	const char *end = text + size;
	uint64_t hash = seed ^ size, word = 0;

	for (; end - text > 8; text += 8) {
		memcpy(&word, text, 8);
		hash = mix(hash ^ word, odd);
	}
	if (size >= 8) /* the last eight, of which some may have been seen */
		memcpy(&word, end - 8, 8);
	else
		for (word = 0; text < end; text++)
			word = word << 8 | (unsigned char)*text;
	return mix(hash ^ word, odd ^ seed);
}

void
table_free(struct table *table)
{
	free(table->slots);
	table->slots = NULL;
	table->n = table->room = 0;
}

uint32_t
table_get(const struct table *table, const char *key)
{
	if (table->n == 0)
		return TABLE_NONE;
	uint64_t hash = table_hash(key, strlen(key));
	size_t mask = table->room - 1, at = (size_t)hash & mask;
	for (; table->slots[at].number; at = (at + 1) & mask)
		if (table->slots[at].tag == (uint32_t)(hash >> 32) &&
		    strcmp(table->key(table->arg, table->slots[at].number - 1), key) == 0)
			return table->slots[at].number - 1;
	return TABLE_NONE;
}

static void
insert(struct table *table, uint32_t number)
{
	const char *key = table->key(table->arg, number);
	uint64_t hash = table_hash(key, strlen(key));
	size_t mask = table->room - 1, at = (size_t)hash & mask;

	while (table->slots[at].number)
		at = (at + 1) & mask;
	table->slots[at] = (struct table_slot){number + 1, (uint32_t)(hash >> 32)};
}

/* At most three quarters full. */
void
table_reserve(struct table *table, size_t n)
{
	struct table grown = *table;

	while (n + n / 3 >= grown.room)
		grown.room = grown.room ? grown.room * 2 : 1024;
	if (grown.room == table->room)
		return;
	grown.slots = xalloc(grown.room * sizeof *grown.slots);
	for (size_t i = 0; i < table->room; i++)
		if (table->slots[i].number)
			insert(&grown, table->slots[i].number - 1);
	free(table->slots);
	*table = grown;
}

void
table_put(struct table *table, uint32_t number)
{
	table_reserve(table, table->n + 1);
	insert(table, number);
	table->n++;
}

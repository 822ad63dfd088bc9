/*
 * table: a flat hash from text to a number, for millions of keys that are kept elsewhere.
 *
 * The hash is seeded anew in each process, so that nobody can choose keys that collide.
 *
 * Owner:   zero-initialize, table_free().
 * Errors:  none: when memory is out, the process says so and ends with 74.
 * Threads: reading: any number.
 */
#ifndef SFPIPE_TABLE_H
#define SFPIPE_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table_slot {
	uint32_t number; /* + 1; 0: empty */
	uint32_t tag;    /* of the hash, so that few keys are looked at in vain */
};

struct table {
	struct table_slot *slots;
	size_t n, room; /* room: a power of two */
	/* The key of a number, as it was put; arg is table.arg. */
	const char *(*key)(const void *arg, uint32_t number);
	const void *arg;
};

void table_free(struct table *table);

#define TABLE_NONE UINT32_MAX

/* The number of the key; TABLE_NONE if it is not there. */
uint32_t table_get(const struct table *table, const char *key);

/* Room for so many in all, so that putting them moves nothing. */
void table_reserve(struct table *table, size_t n);

/* Puts the number, whose key must not be there yet. */
void table_put(struct table *table, uint32_t number);

/* A seeded hash of text, for whoever needs no more than that. */
uint64_t table_hash(const char *text, size_t size);

#endif

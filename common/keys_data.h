/*
 * keys_data: how keys.h's keys lie in memory and how they come there, for keys*.c alone.
 *
 * Entries lie behind each other in blocks; each thread that loads writes into blocks of its own. When
 * all is there, a flat hash is laid over them.
 */
#ifndef SFPIPE_KEYS_DATA_H
#define SFPIPE_KEYS_DATA_H

#include "buf.h"
#include "keys.h"
#include "store.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct keys_block {
	char *bytes;
	size_t used;
};

#define KEYS_LINE_SLOTS 8 /* in a cache line */

struct keys {
	int64_t version;
	struct keys_block *blocks;
	size_t n_blocks, room_blocks;
	_Atomic uint64_t *slots; /* a tag and an entry's place in the blocks + 1; 0: empty */
	size_t n_slots;          /* whole cache lines of them */
	/* while loading: */
	pthread_mutex_t lock; /* of the blocks and n_entries */
	size_t n_entries;
	char (*deleted_accounts)[19]; /* in order */
	size_t n_deleted_accounts;
	unsigned char *owners; /* a bit for some Ids' hashes: of who has a number */
	uint64_t room_owners;  /* bits, a power of two */
};

/* What one thread loads with. */
struct keys_writer {
	struct keys *keys;
	struct store *store;
	const struct rules *rules;
	struct err err;
	char *bytes; /* of its block */
	size_t block, used, n;
};

struct keys *keys_open(void);

/* Memory for what is read often and in no order; free() it. */
void *keys_alloc(size_t size);

/* Adds an entry; the key need not end with a NUL, the values each do. */
void keys_put(struct keys_writer *writer, enum keys_kind kind, uint32_t n, const char *key,
    size_t size, const char *values, size_t values_size);

/* When the writer has no more: its block can be indexed. */
void keys_end_block(struct keys_writer *writer);

/* Lays the hash over a block's entries; slots are there. */
void keys_index(struct keys *keys, size_t block);

/* For the values of an entry: the text of a column and a NUL. */
void keys_put_value(struct buf *values, struct store_query *query, int column);

/* Each reads one table; 0, or -1 with the writer's err set. Those of the first stage come before
 * any of the second. */
typedef int keys_task(struct keys_writer *writer);
keys_task keys_load_phones, keys_load_accounts, keys_load_opportunities, keys_load_users,
    keys_load_deleted;
keys_task keys_load_contacts, keys_load_leads, keys_load_contact_domains, keys_load_lead_domains;

#endif

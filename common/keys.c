#define _DEFAULT_SOURCE /* madvise() */
#include "keys.h"

#include "arena.h"
#include "diag.h"
#include "keys_data.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE_SIZE ((size_t)2 << 20)  /* of a huge page */
#define BLOCK_SIZE ((size_t)2 << 20) /* places in it are counted in words of four bytes */
#define BLOCK_BITS 19
#define AHEAD 16
#define CACHE_LINE 64
#define BLOCKS_MAX (((size_t)1 << (32 - BLOCK_BITS)) - 1)

/* Keys are read here and there: in small pages each would be a search of the page tables, too. */
void *
keys_alloc(size_t size)
{
	void *p = NULL;

	if (posix_memalign(&p, PAGE_SIZE, size) != 0) {
		diag_say("out of memory");
		exit(ST_IO);
	}
#ifdef MADV_HUGEPAGE
	madvise(p, size / PAGE_SIZE * PAGE_SIZE, MADV_HUGEPAGE);
#endif
	return p;
}

struct keys *
keys_open(void)
{
	struct keys *keys = xalloc(sizeof *keys);

	pthread_mutex_init(&keys->lock, NULL);
	return keys;
}

void
keys_close(struct keys *keys)
{
	if (!keys)
		return;
	for (size_t i = 0; i < keys->n_blocks; i++)
		free(keys->blocks[i].bytes);
	free(keys->blocks);
	free((void *)keys->slots);
	free(keys->deleted_accounts);
	free(keys->owners);
	pthread_mutex_destroy(&keys->lock);
	free(keys);
}

int64_t
keys_version(const struct keys *keys)
{
	return keys->version;
}

void
keys_end_block(struct keys_writer *writer)
{
	struct keys *keys = writer->keys;

	if (!writer->bytes)
		return;
	pthread_mutex_lock(&keys->lock);
	keys->blocks[writer->block].used = writer->used;
	keys->n_entries += writer->n;
	pthread_mutex_unlock(&keys->lock);
	writer->bytes = NULL;
	writer->used = writer->n = 0;
}

/* A block for the writer's next entries; an entry that is larger has one of its own. */
static void
take_block(struct keys_writer *writer, size_t size)
{
	struct keys *keys = writer->keys;

	keys_end_block(writer);
	writer->bytes = keys_alloc(size > BLOCK_SIZE ? size : BLOCK_SIZE);
	pthread_mutex_lock(&keys->lock);
	if (keys->n_blocks == keys->room_blocks) {
		keys->room_blocks = keys->room_blocks * 2 + 64;
		keys->blocks = xrealloc(keys->blocks, keys->room_blocks * sizeof *keys->blocks);
	}
	writer->block = keys->n_blocks++;
	keys->blocks[writer->block] = (struct keys_block){.bytes = writer->bytes};
	if (writer->block == BLOCKS_MAX)
		err_set(&writer->err, ST_IO, "more keys than there are places");
	pthread_mutex_unlock(&keys->lock);
}

void
keys_put(struct keys_writer *writer, enum keys_kind kind, uint32_t n, const char *key, size_t size,
    const char *values, size_t values_size)
{
	size_t need = sizeof(struct keys_entry) + size + 1 + values_size;

	need = (need + 3) / 4 * 4;
	if (!writer->bytes || writer->used + need > BLOCK_SIZE)
		take_block(writer, need);
	struct keys_entry *entry = (struct keys_entry *)(void *)(writer->bytes + writer->used);
	*entry = (struct keys_entry){.n = n, .kind = kind, .size = need / 4 & UINT32_C(0xfffffff)};
	memcpy(entry->text, key, size);
	entry->text[size] = '\0';
	if (values_size)
		memcpy(entry->text + size + 1, values, values_size);
	writer->used += need;
	writer->n++;
}

static const struct keys_entry *
entry_at(const struct keys *keys, uint32_t place)
{
	const struct keys_block *block = &keys->blocks[place >> BLOCK_BITS];
	size_t at = (place & (((size_t)1 << BLOCK_BITS) - 1)) * 4;

	return (const struct keys_entry *)(const void *)(block->bytes + at);
}

/* The upper half of a hash is a place in the slots, the lower, with the kind, the tag. What is looked for
 * is mostly in the cache line that begins there, and so is what ends the search. */
static size_t
first_slot(const struct keys *keys, uint64_t hash)
{
	return (size_t)((hash >> 32) * (keys->n_slots / KEYS_LINE_SLOTS) >> 32) * KEYS_LINE_SLOTS;
}

static size_t
next_slot(const struct keys *keys, size_t at)
{
	return at + 1 == keys->n_slots ? 0 : at + 1;
}

static uint64_t
slot_at(const struct keys *keys, size_t at)
{
	return atomic_load_explicit(&keys->slots[at], memory_order_relaxed);
}

static uint32_t
tag(uint64_t hash, enum keys_kind kind)
{
	return (uint32_t)hash << 4 | kind;
}

/* An entry on its way into the slots. */
struct pending {
	uint64_t hash;
	uint64_t slot;
};

static void
insert(struct keys *keys, const struct pending *p)
{
	size_t at = first_slot(keys, p->hash);
	uint64_t empty = 0;

	while (!atomic_compare_exchange_strong_explicit(
	    &keys->slots[at], &empty, p->slot, memory_order_relaxed, memory_order_relaxed)) {
		at = next_slot(keys, at);
		empty = 0;
	}
}

/* Each slot is asked for some entries before it is needed: it is nowhere near. */
void
keys_index(struct keys *keys, size_t n)
{
	const struct keys_block *block = &keys->blocks[n];
	struct pending ahead[AHEAD] = {0};
	size_t i = 0;

	for (size_t at = 0; at < block->used; i++) {
		uint32_t place = (uint32_t)(n << BLOCK_BITS | at / 4);
		const struct keys_entry *entry = entry_at(keys, place);
		struct pending *p = &ahead[i % AHEAD];
		if (i >= AHEAD)
			insert(keys, p);
		p->hash = table_hash(entry->text, strlen(entry->text));
		p->slot = (uint64_t)tag(p->hash, entry->kind) << 32 | (place + 1);
		__builtin_prefetch((const void *)&keys->slots[first_slot(keys, p->hash)], 1);
		at += (size_t)entry->size * 4;
	}
	for (size_t left = i < AHEAD ? i : AHEAD; left > 0; left--)
		insert(keys, &ahead[(i - left) % AHEAD]);
}

const char *
keys_next(const char *value)
{
	return value + strlen(value) + 1;
}

const char *
keys_values(const struct keys_entry *entry)
{
	return keys_next(entry->text);
}

void
keys_expect(struct keys_view *view, const char *text)
{
	if (view->n == KEYS_TEXTS_MAX)
		return;
	struct keys_text *t = &view->texts[view->n++];
	t->text = text;
	t->hash = table_hash(text, strlen(text));
	t->n = 0;
	__builtin_prefetch((const void *)&view->keys->slots[first_slot(view->keys, t->hash)]);
}

/* The slots have come: asks for the entries that they tell of. */
void
keys_fetch(struct keys_view *view)
{
	const struct keys *keys = view->keys;
	uint64_t slot;

	for (; view->fetched < view->n; view->fetched++) {
		struct keys_text *t = &view->texts[view->fetched];
		size_t at = first_slot(keys, t->hash);
		uint32_t wanted = tag(t->hash, 0);
		for (; (slot = slot_at(keys, at)); at = next_slot(keys, at)) {
			if (((uint32_t)(slot >> 32) & ~UINT32_C(15)) != wanted)
				continue;
			const struct keys_entry *entry = entry_at(keys, (uint32_t)slot - 1);
			__builtin_prefetch(entry);
			__builtin_prefetch((const char *)entry + CACHE_LINE);
			if (t->n < KEYS_ENTRIES_MAX)
				t->entries[t->n] = entry;
			t->n++;
		}
	}
}

/* The account that is looked for when this entry was found, or NULL. */
static const char *
account_of(const struct keys_entry *entry)
{
	if (entry->kind == KEYS_CONTACT_EMAIL)
		return keys_next(keys_values(entry));
	return entry->kind == KEYS_CONTACT_DOMAIN ? keys_values(entry) : NULL;
}

/* The accounts of a call are mostly one. */
void
keys_expect_accounts(struct keys_view *view)
{
	const char *last = "";

	for (size_t i = 0, n = view->n; i < n; i++) {
		const struct keys_text *t = &view->texts[i];
		for (size_t e = 0; e < t->n && e < KEYS_ENTRIES_MAX; e++) {
			const char *account = account_of(t->entries[e]);
			if (!account || strcmp(account, last) == 0)
				continue;
			keys_expect(view, account);
			last = account;
		}
	}
}

static const struct keys_entry *
search(const struct keys *keys, enum keys_kind kind, const char *key, uint64_t hash)
{
	uint64_t slot;

	for (size_t at = first_slot(keys, hash); (slot = slot_at(keys, at));
	     at = next_slot(keys, at)) {
		if ((uint32_t)(slot >> 32) != tag(hash, kind))
			continue;
		const struct keys_entry *entry = entry_at(keys, (uint32_t)slot - 1);
		if (strcmp(entry->text, key) == 0)
			return entry;
	}
	return NULL;
}

/* The fetched text at that address, or NULL; they are mostly asked for in their order. */
static const struct keys_text *
fetched(struct keys_view *view, const char *key)
{
	for (size_t i = view->last; i < view->fetched; i++)
		if (view->texts[i].text == key)
			return &view->texts[view->last = i];
	for (size_t i = 0; i < view->last; i++)
		if (view->texts[i].text == key)
			return &view->texts[view->last = i];
	return NULL;
}

const struct keys_entry *
keys_find(struct keys_view *view, enum keys_kind kind, const char *key)
{
	const struct keys_text *t = fetched(view, key);

	if (!t || t->n > KEYS_ENTRIES_MAX)
		return search(view->keys, kind, key, t ? t->hash : table_hash(key, strlen(key)));
	for (size_t i = 0; i < t->n; i++)
		if (t->entries[i]->kind == kind && strcmp(t->entries[i]->text, key) == 0)
			return t->entries[i];
	return NULL;
}

int64_t
keys_date(const char *value)
{
	int64_t ms;

	memcpy(&ms, value, sizeof ms);
	return ms;
}

const char *
keys_opportunity(const char *value, struct keys_opportunity *opportunity)
{
	opportunity->id = value;
	value = keys_next(value);
	memcpy(&opportunity->n_times, value, sizeof opportunity->n_times);
	opportunity->times = value + sizeof opportunity->n_times;
	return opportunity->times + opportunity->n_times * sizeof(int64_t);
}

int64_t
keys_time(const struct keys_opportunity *opportunity, uint32_t n)
{
	return keys_date(opportunity->times + n * sizeof(int64_t));
}

#include "keys_data.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>

#define THREADS_MAX 16
#define BEGINS_MAX 10 /* to find all stores of one version */

void
keys_put_value(struct buf *values, struct store_query *query, int column)
{
	size_t size;
	const char *text = store_span(query, column, &size);

	buf_put(values, text, size);
	buf_putc(values, '\0');
}

/* What is left to do, taken by one thread after the other. */
struct work {
	struct keys *keys;
	keys_task *const *tasks; /* NULL: the blocks are indexed */
	size_t n;
	_Atomic size_t next;
};

struct thread {
	struct keys_writer writer;
	struct work *work;
	pthread_t id;
	bool started;
};

static void *
work_on(void *arg)
{
	struct thread *thread = arg;
	struct work *work = thread->work;
	size_t i;

	while (!thread->writer.err.status && (i = work->next++) < work->n) {
		if (work->tasks)
			work->tasks[i](&thread->writer);
		else
			keys_index(work->keys, i);
	}
	keys_end_block(&thread->writer);
	return NULL;
}

/* With all threads; this one is the first. */
static int
run(struct thread *threads, unsigned n, struct work *work, struct err *err)
{
	int status = 0;

	for (unsigned i = 0; i < n; i++)
		threads[i].work = work;
	for (unsigned i = 1; i < n; i++)
		threads[i].started =
		    pthread_create(&threads[i].id, NULL, work_on, &threads[i]) == 0;
	work_on(&threads[0]);
	for (unsigned i = 1; i < n; i++)
		if (threads[i].started)
			pthread_join(threads[i].id, NULL);
	for (unsigned i = 0; i < n && status == 0; i++) {
		if (threads[i].writer.err.status) {
			*err = threads[i].writer.err;
			status = -1;
		}
	}
	return status;
}

/* All begin at one version, if the store does not change meanwhile: 1; 0: it did. */
static int
begin_all(struct thread *threads, unsigned n, int64_t *version, struct err *err)
{
	bool same = true;

	for (unsigned i = 0; i < n; i++) {
		struct store *store = threads[i].writer.store;
		int64_t its;
		store_rollback(store);
		if (store_begin(store, err) != 0 || store_version(store, &its, err) != 0)
			return -1;
		same = same && (i == 0 || its == *version);
		*version = its;
	}
	return same;
}

static int
load(struct keys *keys, struct thread *threads, unsigned n, struct err *err)
{
	static keys_task *const first[] = {keys_load_phones, keys_load_opportunities,
	    keys_load_accounts, keys_load_deleted, keys_load_users};
	static keys_task *const second[] = {
	    keys_load_contacts, keys_load_contact_domains, keys_load_leads, keys_load_lead_domains};
	struct work one = {.keys = keys, .tasks = first, .n = sizeof first / sizeof *first};
	struct work two = {.keys = keys, .tasks = second, .n = sizeof second / sizeof *second};
	int same = 0;

	for (int i = 0; i < BEGINS_MAX && same == 0; i++)
		same = begin_all(threads, n, &keys->version, err);
	if (same < 0)
		return -1;
	if (same == 0)
		return err_set(err, ST_LATER, "the store keeps changing");
	if (run(threads, n, &one, err) != 0 || run(threads, n, &two, err) != 0)
		return -1;
	free(keys->owners);
	keys->owners = NULL;
	keys->n_slots = (keys->n_entries + keys->n_entries / 2) / KEYS_LINE_SLOTS + 1;
	keys->n_slots *= KEYS_LINE_SLOTS;
	keys->slots = keys_alloc(keys->n_slots * sizeof *keys->slots);
	memset((void *)keys->slots, 0, keys->n_slots * sizeof *keys->slots);
	struct work index = {.keys = keys, .n = keys->n_blocks};
	return run(threads, n, &index, err);
}

struct keys *
keys_load(const char *path, const struct rules *rules, unsigned n, struct err *err)
{
	struct thread threads[THREADS_MAX] = {0};
	struct keys *keys = keys_open();
	int status = 0;

	n = n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : n;
	for (unsigned i = 0; i < n && status == 0; i++) {
		threads[i].writer = (struct keys_writer){.keys = keys, .rules = rules};
		threads[i].writer.store = store_open(path, STORE_READ, err);
		/* each page is read once */
		if (!threads[i].writer.store ||
		    store_execute(threads[i].writer.store, "PRAGMA cache_size = -1000", err) != 0)
			status = -1;
	}
	if (status == 0)
		status = load(keys, threads, n, err);
	for (unsigned i = 0; i < n; i++)
		store_close(threads[i].writer.store);
	if (status == 0)
		return keys;
	keys_close(keys);
	return NULL;
}

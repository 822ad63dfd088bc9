#include "warm.h"

#include "arena.h"
#include "diag.h"
#include "jobs.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a line costs more when the store is asked, and a person when keys are loaded (make bench):
 * loading pays when the lines still to come save more than it costs. */
#define LINE_US 50
#define PERSON_US 1

struct warm {
	const char *path;
	const struct rules *rules;
	uint64_t input_bytes; /* what there is to read; 0: not known */
	pthread_mutex_t lock;
	pthread_cond_t changed; /* loaded is set */
	pthread_t loader;
	bool loading;          /* the thread is to be joined */
	bool loaded;           /* it has come to its end */
	bool outdated_once;    /* the store is being changed */
	struct keys *keys;     /* of the newest version that was loaded */
	unsigned users;        /* of keys */
	struct keys *outdated; /* the version before, while somebody still uses it */
	unsigned outdated_users;
	uint64_t lines, bytes, people;
};

struct warm *
warm_open(const char *path, const struct rules *rules, int input)
{
	struct warm *warm = xalloc(sizeof *warm);
	struct stat file;
	off_t at = lseek(input, 0, SEEK_CUR);

	warm->path = path;
	warm->rules = rules;
	pthread_mutex_init(&warm->lock, NULL);
	pthread_cond_init(&warm->changed, NULL);
	if (at >= 0 && fstat(input, &file) == 0 && S_ISREG(file.st_mode) && file.st_size > at)
		warm->input_bytes = (uint64_t)(file.st_size - at);
	return warm;
}

void
warm_close(struct warm *warm)
{
	if (!warm)
		return;
	if (warm->loading)
		pthread_join(warm->loader, NULL);
	keys_close(warm->keys);
	keys_close(warm->outdated);
	pthread_cond_destroy(&warm->changed);
	pthread_mutex_destroy(&warm->lock);
	free(warm);
}

/* How many people the store holds, or held: enough for an estimate. */
static uint64_t
count_people(struct store *store)
{
	static const char sql[] = "SELECT ifnull((SELECT max(rowid) FROM contact), 0)"
				  " + ifnull((SELECT max(rowid) FROM lead), 0)";
	struct err err = {0};
	struct store_query *query = store_query(store, sql, &err);
	uint64_t n = 0;

	if (query && store_step(query, &err) == 1)
		n = (uint64_t)store_int(query, 0);
	if (query)
		store_reset(query);
	return n;
}

/* The lines to come: of a file by what is left of it, of a pipe as many as came. */
static bool
pays(const struct warm *warm)
{
	uint64_t more = warm->lines;

	if (warm->input_bytes > 0 && warm->bytes > 0)
		more = warm->input_bytes > warm->bytes
			   ? (warm->input_bytes - warm->bytes) / (warm->bytes / warm->lines + 1)
			   : 0;
	return more * LINE_US > warm->people * PERSON_US;
}

static void *
load(void *arg)
{
	struct warm *warm = arg;
	struct err err = {0};
	struct keys *keys = keys_load(warm->path, warm->rules, jobs_default(), &err);

	pthread_mutex_lock(&warm->lock);
	warm->keys = keys;
	warm->users = 0;
	warm->loaded = true;
	pthread_cond_broadcast(&warm->changed);
	pthread_mutex_unlock(&warm->lock);
	return NULL;
}

void
warm_note(struct warm *warm, struct store *store, uint64_t lines, uint64_t bytes)
{
	pthread_mutex_lock(&warm->lock);
	warm->lines += lines;
	warm->bytes += bytes;
	if (!warm->loading && !warm->outdated && warm->lines > 0) {
		if (warm->people == 0)
			warm->people = count_people(store) + 1;
		if (pays(warm))
			warm->loading = pthread_create(&warm->loader, NULL, load, warm) == 0;
	}
	pthread_mutex_unlock(&warm->lock);
}

/* The keys are no longer current: they go once nobody uses them, and may be loaded anew. */
static void
outdate(struct warm *warm)
{
	warm->outdated_once = true;
	warm->outdated = warm->keys;
	warm->outdated_users = warm->users;
	warm->keys = NULL;
	warm->users = 0;
	warm->people = 0;
	warm->input_bytes -= warm->input_bytes > warm->bytes ? warm->bytes : warm->input_bytes;
	warm->lines = warm->bytes = 0;
	if (warm->outdated_users == 0) {
		keys_close(warm->outdated);
		warm->outdated = NULL;
	}
	pthread_join(warm->loader, NULL);
	warm->loading = warm->loaded = false;
}

const struct keys *
warm_take(struct warm *warm, int64_t version)
{
	const struct keys *keys = NULL;

	pthread_mutex_lock(&warm->lock);
	/* all is there to be read: who asks the store meanwhile only takes from the loading its time */
	while (warm->input_bytes > 0 && warm->loading && !warm->loaded && !warm->outdated_once)
		pthread_cond_wait(&warm->changed, &warm->lock);
	if (warm->loaded && warm->keys && keys_version(warm->keys) < version)
		outdate(warm);
	if (warm->loaded && warm->keys && keys_version(warm->keys) == version) {
		keys = warm->keys;
		warm->users++;
	}
	pthread_mutex_unlock(&warm->lock);
	return keys;
}

void
warm_give(struct warm *warm, const struct keys *keys)
{
	if (!keys)
		return;
	pthread_mutex_lock(&warm->lock);
	if (keys == warm->keys) {
		warm->users--;
	} else if (--warm->outdated_users == 0) {
		keys_close(warm->outdated);
		warm->outdated = NULL;
	}
	pthread_mutex_unlock(&warm->lock);
}

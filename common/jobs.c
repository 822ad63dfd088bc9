#include "jobs.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define JOBS_MAX 64

struct task {
	struct line_chunk *chunk; /* kept for the next one that has this place in the ring */
	bool done;
};

/* Chunks in the order of the input, in a ring: first is the oldest that is not written yet, taken
 * the next that no worker has, added the next to come. */
struct jobs {
	const struct jobs_filter *filter;
	struct line_stream *lines;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct task ring[2 * JOBS_MAX];
	size_t room, first, taken, added;
	bool end;
	bool writing;
};

/* Writes what is finished, in order; the lock is held. Whoever finishes the oldest chunk writes, so
 * that an answer never waits for the next input. */
static void
write_finished(struct jobs *jobs)
{
	if (jobs->writing)
		return;
	jobs->writing = true;
	while (jobs->first < jobs->taken && jobs->ring[jobs->first % jobs->room].done) {
		struct line_chunk *chunk = jobs->ring[jobs->first % jobs->room].chunk;
		pthread_mutex_unlock(&jobs->lock);
		line_chunk_finish(jobs->lines, chunk);
		pthread_mutex_lock(&jobs->lock);
		jobs->first++;
		pthread_cond_broadcast(&jobs->changed);
	}
	jobs->writing = false;
}

static void *
work(void *arg)
{
	struct jobs *jobs = arg;
	const struct jobs_filter *filter = jobs->filter;
	struct err err = {0};
	void *worker = NULL;

	pthread_mutex_lock(&jobs->lock);
	for (;;) {
		while (jobs->taken == jobs->added && !jobs->end)
			pthread_cond_wait(&jobs->changed, &jobs->lock);
		if (jobs->taken == jobs->added)
			break;
		struct task *task = &jobs->ring[jobs->taken++ % jobs->room];
		pthread_mutex_unlock(&jobs->lock);
		struct line_stream *stream = line_chunk_stream(task->chunk);
		if (!worker && !err.status) /* only who has work needs what it takes */
			worker = filter->open(filter->arg, &err);
		if (worker) {
			filter->loop(stream, worker);
			if (filter->wait)
				filter->wait(worker);
		} else {
			struct err copy = err;
			line_stop(stream, &copy);
		}
		pthread_mutex_lock(&jobs->lock);
		task->done = true;
		write_finished(jobs);
	}
	pthread_mutex_unlock(&jobs->lock);
	filter->close(worker);
	return NULL;
}

/* Reads a chunk, once there is room, and hands it out; false if there is none. */
static bool
add(struct jobs *jobs)
{
	pthread_mutex_lock(&jobs->lock);
	while (jobs->added - jobs->first == jobs->room)
		pthread_cond_wait(&jobs->changed, &jobs->lock);
	struct task *task = &jobs->ring[jobs->added % jobs->room];
	pthread_mutex_unlock(&jobs->lock);
	if (!line_chunk_read(jobs->lines, &task->chunk))
		return false;
	pthread_mutex_lock(&jobs->lock);
	task->done = false;
	jobs->added++;
	pthread_cond_broadcast(&jobs->changed);
	pthread_mutex_unlock(&jobs->lock);
	return true;
}

static void
wait_for_all(struct jobs *jobs)
{
	pthread_mutex_lock(&jobs->lock);
	while (jobs->first != jobs->added)
		pthread_cond_wait(&jobs->changed, &jobs->lock);
	pthread_mutex_unlock(&jobs->lock);
}

static void
run_threads(struct line_stream *lines, const struct jobs_filter *filter, unsigned n)
{
	struct jobs jobs = {.filter = filter, .lines = lines, .room = (size_t)n * 2};
	pthread_t threads[JOBS_MAX];
	unsigned started = 0;

	pthread_mutex_init(&jobs.lock, NULL);
	pthread_cond_init(&jobs.changed, NULL);
	while (started < n && pthread_create(&threads[started], NULL, work, &jobs) == 0)
		started++;
	if (started == 0) {
		struct err err = {0};
		err_set(&err, ST_IO, "cannot start a thread");
		line_stop(lines, &err);
	}
	for (bool more = started > 0; more;) {
		if (!add(&jobs)) {
			wait_for_all(&jobs);
			more = line_skip_long(lines);
		}
	}
	pthread_mutex_lock(&jobs.lock);
	jobs.end = true;
	pthread_cond_broadcast(&jobs.changed);
	pthread_mutex_unlock(&jobs.lock);
	for (unsigned i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	for (size_t i = 0; i < jobs.room; i++)
		line_chunk_close(jobs.ring[i].chunk);
	pthread_cond_destroy(&jobs.changed);
	pthread_mutex_destroy(&jobs.lock);
}

void
jobs_run(struct line_stream *lines, const struct jobs_filter *filter, unsigned n)
{
	struct err err = {0};

	if (!lines)
		return;
	if (n > 1) {
		run_threads(lines, filter, n < JOBS_MAX ? n : JOBS_MAX);
		return;
	}
	void *worker = filter->open(filter->arg, &err);
	if (!worker) {
		line_stop(lines, &err);
		return;
	}
	line_on_wait(lines, filter->wait, worker);
	filter->loop(lines, worker);
	line_on_wait(lines, NULL, NULL);
	filter->close(worker);
}

unsigned
jobs_default(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > JOBS_MAX ? JOBS_MAX : (unsigned)n;
}

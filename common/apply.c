#include "apply.h"

#include "arena.h"
#include "buf.h"
#include "calls.h"
#include "described.h"
#include "fault.h"
#include "local.h"
#include "mirror.h"
#include "mirror_region.h"
#include "mirror_state.h"
#include "queue.h"
#include "queue_consumer.h"
#include "queue_op.h"
#include "settle.h"
#include "settle_link.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define COMMIT_LINES FAULT_STEP(10000, 60)
#define LOAD_LINES FAULT_STEP(100000, 60) /* of a first load: Ids go all over their index */
#define REPORT_BYTES ((size_t)2 * 1024 * 1024)
#define IDLE_MS 1000 /* of a feed: then there is time to build the indexes */

struct apply {
	const struct apply_options *options;
	struct store *store;
	struct line_stream *lines;
	struct queue *queue;
	struct mirror *mirror;
	struct calls *calls;
	struct local *local;
	struct settle *settle;
	uint64_t pending;  /* lines since the last commit */
	bool failed;       /* nothing may be committed any more */
	struct err output; /* what broke the output; the rest goes on */
};

/* The change lines of what is committed. Once the output is broken, they are in the store alone. */
static void
write_changes(struct apply *apply)
{
	struct buf *report = queue_report(apply->queue);
	size_t done = 0;

	while (done < report->size && !apply->output.status) {
		fault_point();
		ssize_t n =
		    write(apply->options->changes, report->text + done, report->size - done);
		fault_point();
		if (n < 0 && errno != EINTR)
			err_set(&apply->output, ST_IO,
			    "standard output: %s; the changes that were not written are in the "
			    "store",
			    strerror(errno));
		done += n < 0 ? 0 : (size_t)n;
	}
	buf_clear(report);
}

static int
commit(struct apply *apply, struct err *err)
{
	apply->pending = 0;
	if (queue_commit(apply->queue, err) != 0) {
		apply->failed = true;
		return -1;
	}
	write_changes(apply);
	return 0;
}

/* Before a read that would block. A feed that is idle gets the indexes that a first load lacks. */
static void
on_wait(void *arg)
{
	struct apply *apply = arg;
	struct pollfd input = {.fd = apply->options->in, .events = POLLIN};
	struct err err = {0};

	if (apply->failed)
		return;
	if (commit(apply, &err) == 0 && !store_indexed(apply->store) &&
	    poll(&input, 1, IDLE_MS) == 0 && queue_begin(apply->queue, &err) == 0 &&
	    store_build_indexes(apply->store, &err) == 0)
		commit(apply, &err);
	if (err.status) {
		apply->failed = true;
		line_stop(apply->lines, &err);
	}
}

static void
on_reject(void *arg, const char *text, size_t size, const char *why)
{
	struct apply *apply = arg;
	struct err err = {0};

	if (apply->failed)
		return;
	if (queue_begin(apply->queue, &err) != 0 ||
	    mirror_reject(
		apply->store, queue_now(apply->queue), diag_tool(), why, text, size, &err) != 0) {
		apply->failed = true;
		line_stop(apply->lines, &err);
	}
}

static int
apply_record(struct apply *apply, const struct line *line, struct err *err)
{
	return mirror_put(apply->mirror, line, err);
}

static int
apply_org(struct apply *apply, const struct line *line, struct err *err)
{
	return mirror_org(apply->store, line, err);
}

static int
apply_checkpoint(struct apply *apply, const struct line *line, struct err *err)
{
	return line_get(line, "consumer").at ? queue_checkpoint(apply->queue, line, err)
					     : mirror_watermark(apply->store, line, err);
}

static int
apply_call(struct apply *apply, const struct line *line, struct err *err)
{
	return calls_put(apply->calls, line, err);
}

static int
apply_op(struct apply *apply, const struct line *line, struct err *err)
{
	if (settle_is(line)) /* which looks for links and ops by their indexes */
		return store_build_indexes(apply->store, err) == 0
			   ? settle_op(apply->settle, line, err)
			   : -1;
	return queue_op(apply->queue, apply->store, line, err);
}

static int
apply_local(struct apply *apply, const struct line *line, struct err *err)
{
	return local_put(apply->local, line, err);
}

static int
apply_link(struct apply *apply, const struct line *line, struct err *err)
{
	if (store_build_indexes(apply->store, err) != 0)
		return -1;
	return settle_link(apply->store, apply->queue, line, err);
}

static int
apply_map(struct apply *apply, const struct line *line, struct err *err)
{
	return settle_map(apply->store, line, err);
}

static int
apply_conflict(struct apply *apply, const struct line *line, struct err *err)
{
	return settle_conflict(apply->store, apply->queue, line, err);
}

static int
apply_describe(struct apply *apply, const struct line *line, struct err *err)
{
	return described_put(apply->store, line, err);
}

static int
apply_reject(struct apply *apply, const struct line *line, struct err *err)
{
	return mirror_reject_line(apply->store, queue_now(apply->queue), line, err);
}

/* What a tool had to say is for people, and for who watches the pipeline. */
static int
apply_notice(struct apply *apply, const struct line *line, struct err *err)
{
	(void)apply;
	(void)line;
	(void)err;
	return 0;
}

static const struct {
	const char *kind;
	int (*apply)(struct apply *, const struct line *, struct err *);
} kinds[] = {
    {"call", apply_call},
    {"checkpoint", apply_checkpoint},
    {"conflict", apply_conflict},
    {"describe", apply_describe},
    {"email", apply_call},
    {"link", apply_link},
    {"local", apply_local},
    {"map", apply_map},
    {"notice", apply_notice},
    {"op", apply_op},
    {"org", apply_org},
    {"reject", apply_reject},
};

static int
apply_kind(struct apply *apply, const struct line *line, struct err *err)
{
	struct json kind = line_get(line, "kind");
	char shown[64];

	if (!kind.at && line_get(line, "attributes").at)
		return apply_record(apply, line, err);
	if (!kind.at)
		return err_set(err, ST_REJECTED, "neither a record nor a line of any kind");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (json_is(kind, kinds[i].kind))
			return kinds[i].apply(apply, line, err);
	diag_escape(shown, sizeof shown, kind.at, kind.size < 40 ? kind.size : 40);
	return err_set(err, ST_REJECTED, "store-apply takes no lines of kind %s", shown);
}

/* One more line: whether it ends the transaction. */
static bool
is_full(struct apply *apply)
{
	uint64_t most = store_indexed(apply->store) ? COMMIT_LINES : LOAD_LINES;

	return ++apply->pending >= most || queue_report(apply->queue)->size >= REPORT_BYTES;
}

static void
apply_line(struct apply *apply, const struct line *line)
{
	struct err err = {0};

	if (queue_begin(apply->queue, &err) == 0 && apply_kind(apply, line, &err) == 0 &&
	    is_full(apply))
		commit(apply, &err);
	if (!err.status)
		return;
	if (err.status != ST_REJECTED)
		apply->failed = true;
	line_reject(apply->lines, line, &err);
}

static void
say_counts(const struct apply *apply)
{
	struct mirror_counts r = mirror_counts(apply->mirror);
	struct calls_counts c = calls_counts(apply->calls);
	struct local_counts l = local_counts(apply->local);

	if (r.added + r.changed + r.unchanged + r.stale > 0)
		diag_summary("records: %" PRIu64 " new, %" PRIu64 " changed, %" PRIu64
			     " as they were, %" PRIu64 " older than the store's",
		    r.added, r.changed, r.unchanged, r.stale);
	if (c.added + c.changed + c.unchanged > 0)
		diag_summary("calls and emails: %" PRIu64 " new, %" PRIu64 " changed, %" PRIu64
			     " as they were",
		    c.added, c.changed, c.unchanged);
	if (l.added + l.changed + l.unchanged + l.stale > 0)
		diag_summary("local records: %" PRIu64 " new, %" PRIu64 " changed, %" PRIu64
			     " as they were, %" PRIu64 " older than the store's",
		    l.added, l.changed, l.unchanged, l.stale);
}

static int
finish(struct apply *apply, struct err *err)
{
	if (apply->failed)
		return -1; /* the stream knows why */
	if (queue_begin(apply->queue, err) != 0 || store_build_indexes(apply->store, err) != 0 ||
	    commit(apply, err) != 0)
		return -1;
	say_counts(apply);
	if (apply->output.status)
		*err = apply->output;
	return err->status ? -1 : 0;
}

int
apply_lines(struct store *store, struct line_stream *lines, const struct apply_options *options,
    struct err *err)
{
	struct apply apply = {.options = options, .store = store, .lines = lines};
	struct arena *arena = arena_open();
	const char *region = NULL;
	struct line line;

	apply.queue = queue_open(store, options->now_ms, options->changes >= 0);
	apply.failed = mirror_region(store, apply.queue, options->region, arena, &region, err) != 0;
	apply.mirror = mirror_open(store, apply.queue, region);
	apply.calls = calls_open(store, apply.queue);
	apply.local = local_open(store, apply.queue);
	apply.settle = settle_open(store, apply.queue, apply.mirror, apply.local);
	line_on_wait(lines, on_wait, &apply);
	line_on_reject(lines, on_reject, &apply);
	while (!apply.failed && line_next(lines, &line))
		apply_line(&apply, &line);
	int status = finish(&apply, err);
	line_on_wait(lines, NULL, NULL);
	line_on_reject(lines, NULL, NULL);
	store_rollback(store); /* of what failed */
	store_forget(store);
	settle_close(apply.settle);
	local_close(apply.local);
	calls_close(apply.calls);
	mirror_close(apply.mirror);
	queue_close(apply.queue);
	arena_close(arena);
	return status;
}

int
apply_consumer(struct store *store, const char *name, struct err *err)
{
	struct queue *queue = queue_open(store, 0, false);
	int status = queue_add_consumer(queue, name, err);

	if (status == 0)
		status = queue_commit(queue, err);
	queue_close(queue);
	return status;
}

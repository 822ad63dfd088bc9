#include "purge.h"

#include "fault.h"
#include "queue.h"
#include "rfc3339.h"

#include <string.h>

#define BATCH FAULT_STEP(10000, 3) /* emails a transaction */

struct run {
	struct purge *purge;
	struct store *store;
	struct queue *queue;
	struct arena *arena; /* of a batch */
	char since[RFC3339_SIZE];
	bool marked; /* the store knows that there is something to end */
};

/* From the first row that goes until the file is written anew. */
static int
mark(struct run *run, struct err *err)
{
	struct store_query *query = store_query(
	    run->store, "INSERT INTO meta VALUES ('purge', ?1) ON CONFLICT DO NOTHING", err);

	if (run->marked)
		return 0;
	if (!query)
		return -1;
	store_bind(query, 1, queue_now(run->queue));
	run->marked = true;
	return store_run(query, err);
}

static int
read_mark(struct run *run, struct err *err)
{
	int64_t marked;
	int got = store_number(
	    run->store, "SELECT EXISTS (SELECT 1 FROM meta WHERE name = 'purge')", &marked, err);

	run->marked = marked != 0;
	return got;
}

static int
commit(struct run *run, struct err *err)
{
	if (queue_commit(run->queue, err) != 0)
		return -1;
	struct buf *report = queue_report(run->queue);
	if (run->purge->changes && report->size > 0)
		line_write(run->purge->changes, report->text, report->size - 1);
	buf_clear(report);
	return 0;
}

static int
run_for(struct run *run, const char *sql, const char *value, struct err *err)
{
	struct store_query *query = store_query(run->store, sql, err);

	if (!query)
		return -1;
	store_bind(query, 1, value);
	return store_run(query, err);
}

/* Whoever shows emails hears that it is gone, and nothing else of it. */
static int
tell(struct run *run, const char *id, struct err *err)
{
	struct buf line = {0};

	buf_printf(&line,
	    "{\"kind\":\"change\",\"seq\":%lld,\"side\":\"calls\",\"object\":\"email\"",
	    (long long)queue_next_seq(run->queue));
	json_put_member(&line, "id", id);
	buf_puts(&line, ",\"fields\":[],\"before\":{},\"after\":null}");
	int got = queue_put(run->queue, "calls", "email", id, &line, false, err);
	buf_free(&line);
	return got;
}

static int
destroy(struct run *run, const char *id, struct err *err)
{
	static const char *const rows[] = {"DELETE FROM email WHERE id = ?1",
	    "DELETE FROM call_participant WHERE kind = 'email' AND call_id = ?1",
	    "DELETE FROM association WHERE kind = 'email' AND call_id = ?1",
	    "DELETE FROM call_manual WHERE kind = 'email' AND call_id = ?1"};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (run_for(run, rows[i], id, err) != 0)
			return -1;
	run->purge->emails++;
	return tell(run, id, err);
}

/* The Ids of up to BATCH emails, in the arena. */
static int
find_some(struct run *run, const char **ids, size_t *n, struct err *err)
{
	struct store_query *query =
	    store_query(run->store, "SELECT id FROM email WHERE held AND date < ?1", err);
	size_t size;
	int step = -1;

	*n = 0;
	if (!query)
		return -1;
	store_bind(query, 1, run->since);
	while (*n < BATCH && (step = store_step(query, err)) == 1) {
		const char *id = store_text(query, 0, &size);
		ids[(*n)++] = arena_dup(run->arena, id, size);
	}
	store_reset(query);
	return step < 0 ? -1 : 0;
}

/* 1 if there may be more. */
static int
destroy_some(struct run *run, struct err *err)
{
	size_t n;

	arena_reset(run->arena);
	const char **ids = arena_array(run->arena, BATCH, sizeof *ids);
	if (queue_begin(run->queue, err) != 0 || find_some(run, ids, &n, err) != 0 ||
	    (n > 0 && mark(run, err) != 0))
		return -1;
	for (size_t i = 0; i < n; i++)
		if (destroy(run, ids[i], err) != 0)
			return -1;
	return commit(run, err) != 0 ? -1 : n == BATCH;
}

/* Whether a rejected line is an email from before; one whose date cannot be read is from when it
 * was rejected. */
static bool
is_past(struct run *run, const char *at, const char *text, size_t size)
{
	struct err ignored = {0};
	struct json object;
	int64_t ms;

	arena_reset(run->arena);
	bool whole = json_check(text, size, run->arena, &object, &ignored) == 0;
	if (whole ? !json_is(json_get(object, "kind"), "email")
		  : !strstr(text, "\"kind\":\"email\""))
		return false;
	const char *date = whole ? json_decode(json_get(object, "date"), run->arena, NULL) : NULL;
	if ((date && rfc3339_parse(date, strlen(date), &ms) == 0) ||
	    rfc3339_parse(at, strlen(at), &ms) == 0)
		return ms < run->purge->since_ms;
	return false;
}

static int
destroy_rejects(struct run *run, struct err *err)
{
	struct store_query *drop,
	    *query = store_query(run->store, "SELECT n, at, line FROM reject ORDER BY n", err);
	int step;

	if (!query || !(drop = store_query(run->store, "DELETE FROM reject WHERE n = ?1", err)))
		return -1;
	while ((step = store_step(query, err)) == 1) {
		size_t size;
		const char *text = store_text(query, 2, &size);
		if (!is_past(run, store_text(query, 1, NULL), text, size))
			continue;
		store_bind_int(drop, 1, store_int(query, 0));
		if (mark(run, err) != 0 || store_run(drop, err) != 0)
			return -1;
		run->purge->rejects++;
	}
	return step;
}

/* What tells of emails that are there no more, but for that they are gone. */
static int
destroy_traces(struct run *run, struct err *err)
{
	static const char changes[] =
	    "DELETE FROM change WHERE side = 'calls' AND object = 'email'"
	    " AND line NOT LIKE '%\"before\":{},\"after\":null}'"
	    " AND NOT EXISTS (SELECT 1 FROM email WHERE email.id = change.id)";
	static const char owed[] = "DELETE FROM owed WHERE side = 'calls' AND object = 'email'"
				   " AND NOT EXISTS (SELECT 1 FROM email WHERE email.id = owed.id)";
	/* people whom nothing names any more */
	static const char people[] =
	    "DELETE FROM virtual_record WHERE record_id IS NULL AND NOT EXISTS (SELECT 1 FROM"
	    " association a WHERE a.object = virtual_record.object AND a.record_id ="
	    " virtual_record.id)";

	if (queue_begin(run->queue, err) != 0 || destroy_rejects(run, err) != 0)
		return -1;
	if (run->marked && (store_execute(run->store, changes, err) != 0 ||
			       store_execute(run->store, owed, err) != 0 ||
			       store_execute(run->store, people, err) != 0))
		return -1;
	return commit(run, err);
}

static int
write_anew(struct run *run, struct err *err)
{
	static const char unmark[] = "DELETE FROM meta WHERE name = 'purge'";

	if (!run->marked)
		return 0;
	if (store_rewrite(run->store, err) != 0 || queue_begin(run->queue, err) != 0 ||
	    store_execute(run->store, unmark, err) != 0)
		return -1;
	return commit(run, err);
}

int
purge_run(struct purge *purge, struct store *store, struct err *err)
{
	struct run run = {.purge = purge, .store = store, .arena = arena_open()};
	int more = -1;

	run.queue = queue_open(store, purge->now_ms, purge->changes != NULL);
	rfc3339_format(purge->since_ms, run.since);
	if (store_execute(store, "PRAGMA secure_delete = ON;", err) == 0 &&
	    store_build_indexes(store, err) == 0 && store_commit(store, err) == 0 &&
	    read_mark(&run, err) == 0)
		do
			more = destroy_some(&run, err);
		while (more == 1);
	int got = more;
	if (got == 0)
		got = destroy_traces(&run, err);
	if (got == 0)
		got = write_anew(&run, err);
	store_rollback(store);
	store_forget(store);
	queue_close(run.queue);
	arena_close(run.arena);
	return got;
}

#include "queue.h"

#include "rfc3339.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many changes are kept for consumers that do not ask for them. */
#define KEPT 1000000

/* Changes that one commit prunes at most, so that none takes long. */
#define PRUNE_MAX "100000"

struct queue {
	struct store *store;
	bool reports;
	bool begun;
	bool ops_wait;   /* there are local ops for an importer */
	bool ops_failed; /* there are ops that failed */
	int64_t newest, newest_record;
	struct buf report;
	struct buf unsettled; /* side, object, id, why, each with its NUL */
	char now[RFC3339_SIZE];
};

struct queue *
queue_open(struct store *store, int64_t now_ms, bool report)
{
	struct queue *queue = xalloc(sizeof *queue);

	queue->store = store;
	queue->reports = report;
	rfc3339_format(now_ms, queue->now);
	return queue;
}

void
queue_close(struct queue *queue)
{
	if (!queue)
		return;
	buf_free(&queue->report);
	buf_free(&queue->unsettled);
	free(queue);
}

const char *
queue_now(const struct queue *queue)
{
	return queue->now;
}

bool
queue_reports(const struct queue *queue)
{
	return queue->reports;
}

struct buf *
queue_report(struct queue *queue)
{
	return &queue->report;
}

int64_t
queue_next_seq(const struct queue *queue)
{
	return queue->newest + 1;
}

int64_t
queue_newest_record(const struct queue *queue)
{
	return queue->newest_record;
}

/* Another store-apply may have added changes since our last transaction. */
int
queue_begin(struct queue *queue, struct err *err)
{
	static const char newest[] = "SELECT seq FROM sqlite_sequence WHERE name = 'change'";
	static const char newest_record[] = "SELECT value FROM meta WHERE name = 'record_seq'";
	static const char waits[] = "SELECT EXISTS (SELECT 1 FROM op WHERE ok IS NULL)";
	static const char failed[] = "SELECT EXISTS (SELECT 1 FROM op WHERE ok = 0)";
	struct store *store = queue->store;
	int64_t ops_wait, ops_failed;

	if (queue->begun)
		return 0;
	if (store_begin(store, err) != 0 || store_number(store, newest, &queue->newest, err) != 0 ||
	    store_number(store, newest_record, &queue->newest_record, err) != 0 ||
	    store_number(store, waits, &ops_wait, err) != 0 ||
	    store_number(store, failed, &ops_failed, err) != 0)
		return -1;
	queue->begun = true;
	queue->ops_wait = ops_wait != 0;
	queue->ops_failed = ops_failed != 0;
	return 0;
}

/* What all have settled who ever asked, or is too long ago: who asks after that gets the whole
 * store. The newest change stays, so that max(seq) tells how far they go. */
static int
prune(struct queue *queue, struct err *err)
{
	struct store_query *query = store_query(queue->store,
	    "DELETE FROM change WHERE seq < ?1"
	    " AND seq <= max(?2, (SELECT ifnull(min(seq), 0) FROM consumer"
	    " WHERE of = 'changes' AND at IS NOT NULL))"
	    " AND seq <= (SELECT min(seq) + " PRUNE_MAX " FROM change)",
	    err);

	if (!query)
		return -1;
	store_bind_int(query, 1, queue->newest);
	store_bind_int(query, 2, queue->newest - KEPT);
	return store_run(query, err);
}

int
queue_commit(struct queue *queue, struct err *err)
{
	if (!queue->begun)
		return 0;
	struct store_query *query = store_query(queue->store,
	    "INSERT INTO meta VALUES ('record_seq', ?1) ON CONFLICT (name) DO UPDATE"
	    " SET value = excluded.value WHERE value <> excluded.value",
	    err);
	if (!query)
		return -1;
	char seq[24];
	snprintf(seq, sizeof seq, "%lld", (long long)queue->newest_record);
	store_bind(query, 1, seq);
	if (store_run(query, err) != 0 || prune(queue, err) != 0 ||
	    store_commit(queue->store, err) != 0)
		return -1;
	queue->begun = false;
	return 0;
}

void
queue_op_waits(struct queue *queue)
{
	queue->ops_wait = true;
}

void
queue_op_failed(struct queue *queue)
{
	queue->ops_failed = true;
}

static int
outdate(struct queue *queue, const char *sql, const char *to, const char *object, const char *id,
    struct err *err)
{
	struct store_query *query = id ? store_query(queue->store, sql, err) : NULL;

	if (!query)
		return id ? -1 : 0;
	store_bind(query, 1, object);
	store_bind(query, 2, id);
	store_bind(query, 3, to);
	return store_run(query, err);
}

int
queue_outdate(struct queue *queue, const char *to, const char *object, const char *id,
    const char *local_object, const char *local_id, struct err *err)
{
	static const char record[] = "UPDATE op SET ok = -1 WHERE ok = 0 AND object = ?1 AND"
				     " id = ?2 AND (?3 IS NULL OR \"to\" = ?3)";
	static const char local[] = "UPDATE op SET ok = -1 WHERE ok = 0 AND local_object = ?1 AND"
				    " local_id = ?2 AND (?3 IS NULL OR \"to\" = ?3)";

	if (!queue->ops_failed)
		return 0;
	if (outdate(queue, record, to, object, id, err) != 0)
		return -1;
	return outdate(queue, local, to, local_object, local_id, err);
}

static int
withdraw(struct queue *queue, const char *sql, const char *object, const char *id, int64_t but,
    struct err *err)
{
	if (!queue->ops_wait || !id)
		return 0;
	struct store_query *query = store_query(queue->store, sql, err);
	if (!query)
		return -1;
	store_bind(query, 1, object);
	store_bind(query, 2, id);
	store_bind_int(query, 3, but);
	return store_run(query, err);
}

int
queue_withdraw(struct queue *queue, const char *object, const char *id, const char *local_object,
    const char *local_id, int64_t but, struct err *err)
{
	static const char record[] =
	    "DELETE FROM op WHERE ok IS NULL AND object = ?1 AND id = ?2 AND n <> ?3";
	static const char local[] =
	    "DELETE FROM op WHERE ok IS NULL AND local_object = ?1 AND local_id = ?2 AND n <> ?3";

	if (withdraw(queue, record, object, id, but, err) != 0)
		return -1;
	return withdraw(queue, local, local_object, local_id, but, err);
}

/* What changed is decided anew: what was decided of it before does not go out, and what failed has
 * been waiting for this. */
static int
withdraw_changed(
    struct queue *queue, const char *side, const char *object, const char *id, struct err *err)
{
	bool record = strcmp(side, "salesforce") == 0;
	const char *names[] = {
	    record ? object : NULL, record ? id : NULL, record ? NULL : object, record ? NULL : id};

	if (queue_outdate(queue, NULL, names[0], names[1], names[2], names[3], err) != 0)
		return -1;
	return queue_withdraw(queue, names[0], names[1], names[2], names[3], 0, err);
}

int
queue_put(struct queue *queue, const char *side, const char *object, const char *id,
    const struct buf *line, bool brief, struct err *err)
{
	struct store_query *query =
	    store_query(queue->store, "INSERT INTO change VALUES (?1, ?2, ?3, ?4, ?5)", err);

	if (!query)
		return -1;
	store_bind_int(query, 1, queue->newest + 1);
	store_bind(query, 2, side);
	store_bind(query, 3, object);
	store_bind(query, 4, id);
	if (!brief)
		store_bind_bytes(query, 5, line->text, line->size);
	if (store_run(query, err) != 0)
		return -1;
	queue->newest++;
	if (strcmp(side, "salesforce") == 0)
		queue->newest_record = queue->newest;
	if (queue->reports) {
		buf_put(&queue->report, line->text, line->size);
		buf_putc(&queue->report, '\n');
	}
	return withdraw_changed(queue, side, object, id, err);
}

/* Replaced, not kept, if it is owed already: the new n is beyond what was handed out. */
int
queue_owe(struct queue *queue, const char *consumer, const char *side, const char *object,
    const char *id, const char *why, struct err *err)
{
	struct store_query *query = store_query(queue->store,
	    "INSERT OR REPLACE INTO owed (consumer, side, object, id, why)"
	    " VALUES (?1, ?2, ?3, ?4, ?5)",
	    err);

	if (!query)
		return -1;
	store_bind(query, 1, consumer);
	store_bind(query, 2, side);
	store_bind(query, 3, object);
	store_bind(query, 4, id);
	store_bind(query, 5, why);
	return store_run(query, err);
}

void
queue_unsettled(
    struct queue *queue, const char *side, const char *object, const char *id, const char *why)
{
	const char *const parts[] = {side, object, id, why};

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		buf_put(&queue->unsettled, parts[i], strlen(parts[i]) + 1);
}

/* What is owed beyond the checkpoint stays as it is, so that a stream that is applied again changes
 * nothing. */
static int
is_owed(struct queue *queue, const char *consumer, const char *const parts[4], struct err *err)
{
	struct store_query *query = store_query(queue->store,
	    "SELECT 1 FROM owed WHERE consumer = ?1 AND side = ?2 AND object = ?3 AND id = ?4",
	    err);

	if (!query)
		return -1;
	store_bind(query, 1, consumer);
	for (int i = 0; i < 3; i++)
		store_bind(query, i + 2, parts[i]);
	int step = store_step(query, err);
	store_reset(query);
	return step;
}

static int
owe_unsettled(struct queue *queue, const char *consumer, struct err *err)
{
	const char *at = queue->unsettled.text, *parts[4];

	while (at && at < queue->unsettled.text + queue->unsettled.size) {
		for (size_t i = 0; i < 4; i++) {
			parts[i] = at;
			at += strlen(at) + 1;
		}
		int owed = is_owed(queue, consumer, parts, err);
		if (owed < 0 || (owed == 0 && queue_owe(queue, consumer, parts[0], parts[1],
						  parts[2], parts[3], err) != 0))
			return -1;
	}
	buf_clear(&queue->unsettled);
	return 0;
}

/* A conflict lasts as long as its record is owed to the sync. */
static int
drop_conflicts(struct queue *queue, struct err *err)
{
	struct store_query *query = store_query(queue->store,
	    "DELETE FROM conflict WHERE NOT EXISTS (SELECT 1 FROM owed WHERE consumer = 'sync'"
	    " AND side = 'salesforce' AND object = conflict.object AND id = conflict.id)",
	    err);

	return query ? store_run(query, err) : -1;
}

static int
settle(struct queue *queue, const char *consumer, int64_t seq, int64_t owed, struct err *err)
{
	struct store *store = queue->store;
	struct store_query *query = store_query(store,
	    "UPDATE consumer SET seq = max(seq, ?2), at = ?3"
	    " WHERE name = ?1 AND (seq < ?2 OR at IS NULL)",
	    err);

	if (!query)
		return -1;
	store_bind(query, 1, consumer);
	store_bind_int(query, 2, seq);
	store_bind(query, 3, queue->now);
	if (store_run(query, err) != 0)
		return -1;
	query = store_query(store, "DELETE FROM owed WHERE consumer = ?1 AND n <= ?2", err);
	if (!query)
		return -1;
	store_bind(query, 1, consumer);
	store_bind_int(query, 2, owed);
	if (store_run(query, err) != 0 || owe_unsettled(queue, consumer, err) != 0)
		return -1;
	return strcmp(consumer, "sync") == 0 ? drop_conflicts(queue, err) : 0;
}

/* A whole number; -1 with err set if it is none, absent is 0 unless it must be there. */
static int
whole_number(const struct line *line, const char *name, bool must, int64_t *value, struct err *err)
{
	struct json json = line_get(line, name);
	char digits[20] = "";

	*value = 0;
	if (!json.at && !must)
		return 0;
	if (json.at && json_kind(json) == JSON_IS_NUMBER && json.size < sizeof digits &&
	    strspn(json.at, "0123456789") >= json.size) {
		memcpy(digits, json.at, json.size);
		*value = strtoll(digits, NULL, 10);
		return 0;
	}
	return err_set(err, ST_REJECTED, "checkpoint: %s is no whole number", name);
}

/* What the consumer reads ("changes" or "ops"), NULL if there is none of that name. */
static int
find_consumer(struct queue *queue, const struct line *line, const char *name, struct err *err)
{
	struct store_query *query =
	    store_query(queue->store, "SELECT of FROM consumer WHERE name = ?1", err);

	if (!query)
		return -1;
	store_bind(query, 1, name);
	int step = store_step(query, err);
	if (step < 0)
		return -1;
	const char *of = step == 1 ? store_text(query, 0, NULL) : NULL;
	bool same = of && json_is(line_get(line, "of"), of);
	store_reset(query);
	char shown[128];
	diag_escape(shown, sizeof shown, name, strlen(name));
	if (step == 0)
		return err_set(err, ST_REJECTED,
		    "checkpoint: there is no consumer \"%s\" (store-apply --add registers one)",
		    shown);
	if (!same)
		return err_set(
		    err, ST_REJECTED, "checkpoint: consumer \"%s\" hears of something else", shown);
	return 0;
}

int
queue_checkpoint(struct queue *queue, const struct line *line, struct err *err)
{
	const char *consumer = line_string(line, "consumer");
	int64_t seq, owed;

	if (!consumer)
		return err_set(err, ST_REJECTED, "checkpoint: consumer is no string");
	if (whole_number(line, "seq", true, &seq, err) != 0 ||
	    whole_number(line, "owed", false, &owed, err) != 0 ||
	    find_consumer(queue, line, consumer, err) != 0)
		return -1;
	if (json_is(line_get(line, "of"), "changes") && seq > queue->newest)
		return err_set(err, ST_REJECTED,
		    "checkpoint: seq %lld is of another store: this one's newest change is %lld",
		    (long long)seq, (long long)queue->newest);
	return settle(queue, consumer, seq, owed, err);
}

int
queue_add_consumer(struct queue *queue, const char *name, struct err *err)
{
	if (queue_begin(queue, err) != 0)
		return -1;
	struct store_query *query = store_query(
	    queue->store, "INSERT INTO consumer (name) VALUES (?1) ON CONFLICT DO NOTHING", err);
	if (!query)
		return -1;
	store_bind(query, 1, name);
	return store_run(query, err);
}

#include "queue.h"

#include "queue_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So many changes are kept for consumers that do not ask for them. */
#define KEPT 1000000

/* Changes that one commit prunes at most, so that none takes long. */
#define PRUNE_MAX "100000"

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

#define FAILED "ok = 0 AND (?3 IS NULL OR \"to\" = ?3)"
#define WAITS "ok IS NULL AND n <> ?3"
#define OF_RECORD " AND object = ?1 AND id = ?2"
#define OF_LOCAL " AND local_object = ?1 AND local_id = ?2"

static struct store_query *
query_ops(struct queue *queue, const char *sql, const char *object, const char *id, struct err *err)
{
	struct store_query *query = store_query(queue->store, sql, err);

	if (!query)
		return NULL;
	store_bind(query, 1, object);
	store_bind(query, 2, id);
	return query;
}

static int
outdate(struct queue *queue, const char *sql, const char *to, const char *object, const char *id,
    struct err *err)
{
	struct store_query *query = id ? query_ops(queue, sql, object, id, err) : NULL;

	if (!query)
		return id ? -1 : 0;
	store_bind(query, 3, to);
	return store_run(query, err);
}

int
queue_outdate(struct queue *queue, const char *to, const char *object, const char *id,
    const char *local_object, const char *local_id, struct err *err)
{
	if (!queue->ops_failed)
		return 0;
	if (outdate(queue, "UPDATE op SET ok = -1 WHERE " FAILED OF_RECORD, to, object, id, err) !=
	    0)
		return -1;
	return outdate(
	    queue, "UPDATE op SET ok = -1 WHERE " FAILED OF_LOCAL, to, local_object, local_id, err);
}

static int
withdraw(struct queue *queue, const char *sql, const char *object, const char *id, int64_t but,
    struct err *err)
{
	struct store_query *query = id ? query_ops(queue, sql, object, id, err) : NULL;

	if (!query)
		return id ? -1 : 0;
	store_bind_int(query, 3, but);
	return store_run(query, err);
}

int
queue_withdraw(struct queue *queue, const char *object, const char *id, const char *local_object,
    const char *local_id, int64_t but, struct err *err)
{
	if (!queue->ops_wait)
		return 0;
	if (withdraw(queue, "DELETE FROM op WHERE " WAITS OF_RECORD, object, id, but, err) != 0)
		return -1;
	return withdraw(
	    queue, "DELETE FROM op WHERE " WAITS OF_LOCAL, local_object, local_id, but, err);
}

/* Of two that no link holds together yet the other one hears of the change, too: what changed may have
 * become the counterpart of somebody else. */
#define OWE(side, other_object, other_id)                                                          \
	"INSERT OR REPLACE INTO owed (consumer, side, object, id, why)"                            \
	" SELECT 'sync', '" side "', " other_object ", " other_id ", 'counterpart' FROM op"        \
	" WHERE (ok = 0 OR ok IS NULL) AND id IS NOT NULL AND local_id IS NOT NULL"                \
	" AND local_object NOT IN ('call', 'email') AND NOT EXISTS (SELECT 1 FROM link"            \
	" WHERE link.object = op.object AND salesforce_id = op.id"                                 \
	" AND link.local_object = op.local_object AND link.local_id = op.local_id"                 \
	" AND ended IS NULL)"

static int
owe_counterpart(
    struct queue *queue, bool record, const char *object, const char *id, struct err *err)
{
	static const char locals[] = OWE("local", "local_object", "local_id") OF_RECORD;
	static const char records[] = OWE("salesforce", "object", "id") OF_LOCAL;

	if (!queue->ops_failed && !queue->ops_wait)
		return 0;
	struct store_query *query = query_ops(queue, record ? locals : records, object, id, err);
	return query ? store_run(query, err) : -1;
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

	if (owe_counterpart(queue, record, object, id, err) != 0 ||
	    queue_outdate(queue, NULL, names[0], names[1], names[2], names[3], err) != 0)
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

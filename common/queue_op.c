#include "queue_op.h"

#include "queue_consumer.h"
#include "sfid.h"

#include <string.h>

/* Of ops that were done so many are kept; those that failed stay. */
#define DONE_KEPT "100000"

/* -1: it is there and is no Id. */
static int
read_id(struct json json, struct arena *arena, const char **id)
{
	char wide[SFID_SIZE];
	size_t size;
	const char *text = json_decode(json, arena, &size);

	if (!json_has(json))
		return 0;
	if (!text || sfid_widen(text, size, wide) != 0)
		return -1;
	*id = arena_dup(arena, wide, SFID_SIZE - 1);
	return 0;
}

/* log-activity names the call as the local side of its Task. */
static void
read_call(const struct line *line, struct queue_op *op)
{
	op->kind = json_is(line_get(line, "local_object"), "email") ? "email" : "call";
	if (json_is(line_get(line, "local_object"), op->kind))
		op->call = line_string(line, "local_id");
	else
		op->call = json_decode(json_get(op->fields, "CallObject"), line->arena, NULL);
}

int
queue_op_read(const struct line *line, struct queue_op *op, struct err *err)
{
	struct json result = line_get(line, "result");
	struct json ok = json_get(result, "ok");

	*op = (struct queue_op){.to = line_string(line, "to"),
	    .op = line_string(line, "op"),
	    .object = line_string(line, "object"),
	    .local_object = line_string(line, "local_object"),
	    .local_id = line_string(line, "local_id"),
	    .fields = line_get(line, "fields")};
	read_call(line, op);
	if (!op->to || !op->op || !op->object)
		return err_set(err, ST_REJECTED, "op without to, op or object");
	if (read_id(line_get(line, "id"), line->arena, &op->id) != 0 ||
	    read_id(json_get(result, "id"), line->arena, &op->id) != 0)
		return err_set(err, ST_REJECTED, "op: id is no Salesforce Id");
	if (json_has(result) && json_kind(ok) != JSON_IS_TRUE && json_kind(ok) != JSON_IS_FALSE)
		return err_set(err, ST_REJECTED, "op: result says neither ok nor not");
	op->ok = json_kind(ok) == JSON_IS_TRUE;
	/* what sf-push --dry-run says is well, nobody has done yet */
	op->settled = json_has(result) && json_kind(json_get(result, "retry")) != JSON_IS_TRUE &&
		      json_kind(json_get(result, "dry_run")) != JSON_IS_TRUE;
	if (!op->settled && !op->id && !op->call && !op->local_id)
		return err_set(err, ST_REJECTED, "op without a final result names no record");
	return 0;
}

int
queue_op_is_kept(
    struct store *store, const struct line *line, const struct queue_op *op, struct err *err)
{
	struct store_query *query = store_query(store,
	    "SELECT 1 FROM (SELECT line FROM op WHERE object = ?1 AND id IS ?2 AND ifnull(ok, 1) "
	    ">= 0"
	    " ORDER BY n DESC LIMIT 100) WHERE line = ?3",
	    err);

	if (!query)
		return -1;
	store_bind(query, 1, op->object);
	store_bind(query, 2, op->id);
	store_bind_bytes(query, 3, line->object.at, line->object.size);
	int step = store_step(query, err);
	if (step == 1)
		store_reset(query);
	return step;
}

int
queue_op_keep(struct queue *queue, struct store *store, const struct line *line,
    const struct queue_op *op, struct err *err)
{
	struct store_query *query = store_query(store,
	    "INSERT INTO op (at, \"to\", op, object, id, ok, line, local_object, local_id)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	    err);

	if (!query)
		return -1;
	store_bind(query, 1, queue_now(queue));
	store_bind(query, 2, op->to);
	store_bind(query, 3, op->op);
	store_bind(query, 4, op->object);
	store_bind(query, 5, op->id);
	store_bind_int(query, 6, op->ok);
	if (!op->ok)
		queue_op_failed(queue);
	store_bind_bytes(query, 7, line->object.at, line->object.size);
	store_bind(query, 8, op->local_object);
	store_bind(query, 9, op->local_id);
	if (store_run(query, err) != 0)
		return -1;
	query = store_query(store, "DELETE FROM op WHERE ok AND n <= ?1 - " DONE_KEPT, err);
	if (!query)
		return -1;
	store_bind_int(query, 1, store_last_rowid(store));
	return store_run(query, err);
}

/* A Task that is in the store already may count for calls no longer, or again. */
static int
owe_task(struct queue *queue, struct store *store, const char *id, struct err *err)
{
	struct store_query *query = store_query(store, "SELECT 1 FROM activity WHERE id = ?1", err);

	if (!query)
		return -1;
	store_bind(query, 1, id);
	int step = store_step(query, err);
	if (step != 1)
		return step;
	store_reset(query);
	return queue_owe(
	    queue, "calls", "salesforce", "Task", id, "log-activity speaks of it", err);
}

/* ?5, ?6: whether the op names WhoId, WhatId. */
#define MOVED ", who_id = iif(?5, ?3, who_id), what_id = iif(?6, ?4, what_id)"
#define IS_MOVED "(?5 AND who_id IS NOT ?3) OR (?6 AND what_id IS NOT ?4)"

/* design 5: the Task that this op made of a call counts for no rule as long as its WhoId and WhatId
 * are what we set. An update that names one of them alone leaves the other. */
static int
remember_task(struct queue *queue, struct store *store, const struct queue_op *op,
    struct arena *arena, struct err *err)
{
	struct json who_json = json_get(op->fields, "WhoId");
	struct json what_json = json_get(op->fields, "WhatId");
	const char *who = NULL, *what = NULL;
	bool delete = strcmp(op->op, "delete") == 0;
	/* none: it was made, but the answer was lost */
	bool made = strcmp(op->op, "create") == 0 || strcmp(op->op, "upsert") == 0 ||
		    strcmp(op->op, "none") == 0;
	struct store_query *query;

	if (read_id(who_json, arena, &who) != 0 || read_id(what_json, arena, &what) != 0)
		return err_set(err, ST_REJECTED, "op: WhoId or WhatId is no Salesforce Id");
	if (delete)
		query = store_query(store, "DELETE FROM logged_task WHERE id = ?1", err);
	else if (made && op->call)
		query = store_query(store,
		    "INSERT INTO logged_task (id, call_id, who_id, what_id)"
		    " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE SET call_id = ?2" MOVED
		    " WHERE call_id <> ?2 OR " IS_MOVED,
		    err);
	else
		query = store_query(store,
		    "UPDATE logged_task SET id = ?1" MOVED " WHERE id = ?1 AND (" IS_MOVED ")",
		    err);
	if (!query)
		return -1;
	store_bind(query, 1, op->id);
	if (!delete) {
		if (made)
			store_bind(query, 2, op->call);
		store_bind(query, 3, who);
		store_bind(query, 4, what);
		store_bind_int(query, 5, who_json.at != NULL);
		store_bind_int(query, 6, what_json.at != NULL);
	}
	if (store_run(query, err) != 0)
		return -1;
	return store_changes(store) > 0 ? owe_task(queue, store, op->id, err) : 0;
}

int
queue_op(struct queue *queue, struct store *store, const struct line *line, struct err *err)
{
	struct queue_op op;

	if (queue_op_read(line, &op, err) != 0)
		return -1;
	if (!op.settled) {
		const char *why =
		    json_has(line_get(line, "result")) ? "to be done again" : "not done yet";
		if (op.call)
			queue_unsettled(queue, "calls", op.kind, op.call, why);
		else
			queue_unsettled(queue, "salesforce", op.object, op.id, why);
		return 0;
	}
	if (op.ok && op.id && strcmp(op.object, "Task") == 0 &&
	    remember_task(queue, store, &op, line->arena, err) != 0)
		return -1;
	int kept = queue_op_is_kept(store, line, &op, err);
	if (kept != 0)
		return kept < 0 ? -1 : 0;
	if (queue_outdate(queue, op.to, op.object, op.id, op.local_object, op.local_id, err) != 0)
		return -1;
	return queue_op_keep(queue, store, line, &op, err);
}

int
queue_op_list(struct store *store, bool failed, struct line_stream *out, struct err *err)
{
	struct store_query *query =
	    store_query(store, "SELECT line FROM op WHERE ok = 0 OR (?1 AND ok) ORDER BY n", err);
	size_t size;
	int step;

	if (!query)
		return -1;
	store_bind_int(query, 1, !failed);
	while ((step = store_step(query, err)) == 1) {
		const char *line = store_text(query, 0, &size);
		line_write(out, line, size);
	}
	return step;
}

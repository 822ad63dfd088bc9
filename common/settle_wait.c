#include "settle_wait.h"

/* Each half by its index: with OR all that waits would be read. */
int
settle_wait_find(struct store *store, const struct line *line, const struct queue_op *op,
    int64_t *n, struct err *err)
{
	struct store_query *query = store_query(store,
	    "SELECT n FROM op WHERE ok IS NULL AND object = ?1 AND id = ?2 AND line = ?5 UNION ALL"
	    " SELECT n FROM op WHERE ok IS NULL AND local_object = ?3 AND local_id = ?4"
	    " AND line = ?5",
	    err);

	if (!query)
		return -1;
	store_bind(query, 1, op->object);
	store_bind(query, 2, op->id);
	store_bind(query, 3, op->local_object);
	store_bind(query, 4, op->local_id);
	store_bind_bytes(query, 5, line->object.at, line->object.size);
	int step = store_step(query, err);
	*n = step == 1 ? store_int(query, 0) : 0;
	store_reset(query);
	return step;
}

int
settle_wait(struct store *store, struct queue *queue, const struct line *line,
    const struct queue_op *op, struct err *err)
{
	struct store_query *query = store_query(store,
	    "INSERT INTO op (at, \"to\", op, object, id, line, local_object, local_id)"
	    " VALUES (?1, 'local', ?2, ?3, ?4, ?5, ?6, ?7)",
	    err);

	if (!query)
		return -1;
	store_bind(query, 1, queue_now(queue));
	store_bind(query, 2, op->op);
	store_bind(query, 3, op->object);
	store_bind(query, 4, op->id);
	store_bind_bytes(query, 5, line->object.at, line->object.size);
	store_bind(query, 6, op->local_object);
	store_bind(query, 7, op->local_id);
	queue_op_waits(queue);
	return store_run(query, err);
}

int
settle_wait_state(struct store *store, int64_t seq, struct err *err)
{
	struct store_query *query =
	    store_query(store, "SELECT ok IS NOT NULL FROM op WHERE n = ?1", err);

	if (!query)
		return -1;
	store_bind_int(query, 1, seq);
	int step = store_step(query, err);
	int state = step == 1 ? (int)store_int(query, 0) : step == 0 ? 2 : -1;
	store_reset(query);
	return state;
}

int
settle_wait_end(struct store *store, struct queue *queue, const struct line *line,
    const struct queue_op *op, int64_t seq, struct err *err)
{
	struct store_query *query =
	    store_query(store, "UPDATE op SET ok = ?2, line = ?3, at = ?4 WHERE n = ?1", err);

	if (!query)
		return -1;
	store_bind_int(query, 1, seq);
	store_bind_int(query, 2, op->ok);
	store_bind_bytes(query, 3, line->object.at, line->object.size);
	store_bind(query, 4, queue_now(queue));
	if (!op->ok)
		queue_op_failed(queue);
	return store_run(query, err);
}

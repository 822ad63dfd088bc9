#include "queue_consumer.h"

#include "queue_state.h"

#include <stdlib.h>
#include <string.h>

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

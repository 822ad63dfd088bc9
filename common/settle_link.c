#include "settle_link.h"

#include "link.h"
#include "queue_consumer.h"
#include "sfid.h"
#include "sobject.h"

#include <string.h>

static int
read_id(struct json json, struct arena *arena, const char **id, struct err *err)
{
	char wide[SFID_SIZE];
	size_t size;
	const char *text = json_decode(json, arena, &size);

	if (!text || sfid_widen(text, size, wide) != 0)
		return err_set(err, ST_REJECTED, "link: this is no Salesforce Id");
	*id = arena_dup(arena, wide, SFID_SIZE - 1);
	return 0;
}

static int
read_pair(const struct line *line, struct link_pair *pair, struct err *err)
{
	*pair = (struct link_pair){.object = line_string(line, "object"),
	    .local_object = line_string(line, "local_object"),
	    .local_id = line_string(line, "local_id")};
	if (!pair->object || !pair->local_object || !pair->local_id || !*pair->local_id)
		return err_set(
		    err, ST_REJECTED, "link: object, local_object and local_id must be strings");
	if (read_id(line_get(line, "salesforce_id"), line->arena, &pair->salesforce_id, err) != 0)
		return -1;
	const struct sobject *named = sobject_find_id(pair->salesforce_id);
	if (named && strcmp(named->name, pair->object) != 0)
		return err_set(err, ST_REJECTED, "link: %s is the Id of a %s", pair->salesforce_id,
		    named->name);
	return 0;
}

static int
unlink_pair(struct store *store, struct queue *queue, const struct line *line,
    const struct link_pair *pair, struct err *err)
{
	const char *why = line_string(line, "why");
	struct link link = {0};
	int there = link_between(store, pair, line->arena, &link, err);

	if (there < 0)
		return -1;
	if (!there)
		return err_set(err, ST_REJECTED, "link: there is no such link");
	if (link.ended)
		return 0;
	if (link_end(store, &link, queue_now(queue), why ? why : LINK_BY_HAND, err) != 0)
		return -1;
	return queue_withdraw(
	    queue, pair->object, pair->salesforce_id, pair->local_object, pair->local_id, 0, err);
}

/* A merge, a conversion: the local record's link goes to another record of Salesforce. */
static int
move_link(struct store *store, struct queue *queue, const struct line *line,
    const struct link_pair *pair, struct err *err)
{
	const char *why = line_string(line, "why"), *from = "", *at = queue_now(queue);
	struct link link = {0}, other;

	if (read_id(line_get(line, "from"), line->arena, &from, err) != 0)
		return -1;
	int there = link_of_local(
	    store, pair->local_object, pair->local_id, false, line->arena, &link, err);
	if (there <= 0 || strcmp(link.salesforce_id, from) != 0)
		return there < 0 ? -1 : 0; /* it was moved already */
	if (!why)
		why = "moved";
	int taken = link_of_record(
	    store, pair->object, pair->salesforce_id, false, line->arena, &other, err);
	if (taken < 0 || queue_withdraw(queue, link.object, from, pair->local_object,
			     pair->local_id, 0, err) != 0)
		return -1;
	if (taken)
		return link_end(store, &link, at, why, err);
	return link_move(store, &link, pair->object, pair->salesforce_id, line_get(line, "fields"),
	    at, why, err);
}

static int
set_by_hand(struct store *store, const struct link *link, struct err *err)
{
	struct store_query *query =
	    store_query(store, "UPDATE link SET \"by\" = 'hand' WHERE n = ?1", err);

	if (!query)
		return -1;
	store_bind_int(query, 1, link->n);
	return store_run(query, err);
}

/* What a person says stands: other links of the two are ended. */
static int
link_by_hand(struct store *store, struct queue *queue, const struct line *line,
    const struct link_pair *pair, struct err *err)
{
	const char *at = queue_now(queue);
	struct link link = {0};
	int taken;

	int there = link_between(store, pair, line->arena, &link, err);
	if (there < 0 || (there && !link.ended && strcmp(link.by, "hand") == 0))
		return there < 0 ? -1 : 0;
	while ((taken = link_make(store, pair, "hand", at, line->arena, &link, err)) == 1)
		if (link_end(store, &link, at, "another link was made by hand", err) != 0)
			return -1;
	if (taken < 0 || link_between(store, pair, line->arena, &link, err) != 1 ||
	    set_by_hand(store, &link, err) != 0)
		return -1;
	return queue_owe(
	    queue, "sync", "salesforce", pair->object, pair->salesforce_id, "linked by hand", err);
}

int
settle_link(struct store *store, struct queue *queue, const struct line *line, struct err *err)
{
	struct link_pair pair;
	struct link other;

	if (read_pair(line, &pair, err) != 0)
		return -1;
	if (json_kind(line_get(line, "unlink")) == JSON_IS_TRUE)
		return unlink_pair(store, queue, line, &pair, err);
	if (json_has(line_get(line, "from")))
		return move_link(store, queue, line, &pair, err);
	if (!line_string(line, "why"))
		return link_by_hand(store, queue, line, &pair, err);
	return link_make(store, &pair, "op", queue_now(queue), line->arena, &other, err) < 0 ? -1
											     : 0;
}

int
settle_map(struct store *store, const struct line *line, struct err *err)
{
	const char *object = line_string(line, "object");
	const struct json create = line_get(line, "create_salesforce"), as = line_get(line, "as");
	struct buf value = {0};

	if (!object)
		return err_set(err, ST_REJECTED, "map: without object");
	struct store_query *query = store_query(store,
	    "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE"
	    " SET value = excluded.value WHERE value <> excluded.value",
	    err);
	if (!query)
		return -1;
	buf_puts(&value, "{");
	if (create.at) {
		json_put_name(&value, "create_salesforce");
		buf_put(&value, create.at, create.size);
	}
	if (as.at) {
		json_put_name(&value, "as");
		buf_put(&value, as.at, as.size);
	}
	buf_putc(&value, '}');
	store_bind(query, 1, arena_printf(line->arena, "map %s", object));
	store_bind_bytes(query, 2, value.text, value.size);
	int status = store_run(query, err);
	buf_free(&value);
	return status;
}

int
settle_conflict(struct store *store, struct queue *queue, const struct line *line, struct err *err)
{
	const char *object = line_string(line, "object"), *local_id = line_string(line, "local_id");
	const char *id = NULL;

	if (!object || !local_id)
		return err_set(err, ST_REJECTED, "conflict: object and local_id must be strings");
	if (read_id(line_get(line, "id"), line->arena, &id, err) != 0)
		return -1;
	struct store_query *query = store_query(store,
	    "INSERT INTO conflict VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE"
	    " SET at = excluded.at, line = excluded.line WHERE line <> excluded.line",
	    err);
	if (!query)
		return -1;
	store_bind(query, 1, object);
	store_bind(query, 2, id);
	store_bind(query, 3, local_id);
	store_bind(query, 4, queue_now(queue));
	store_bind_bytes(query, 5, line->object.at, line->object.size);
	if (store_run(query, err) != 0)
		return -1;
	queue_unsettled(queue, "salesforce", object, id, "conflict");
	return 0;
}

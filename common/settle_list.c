#include "settle_list.h"

#include <string.h>

#define BATCH 1000 /* as in the statement */

int
settle_list_links(struct store *store, struct line_stream *out, struct err *err)
{
	static const char *const names[] = {
	    "object", "salesforce_id", "local_object", "local_id", "made", "by", "ended", "why"};
	struct store_query *query = store_query(store,
	    "SELECT object, salesforce_id, local_object, local_id, made, \"by\", ended, why"
	    " FROM link ORDER BY n",
	    err);
	struct buf line = {0};
	int step;

	if (!query)
		return -1;
	while ((step = store_step(query, err)) == 1) {
		buf_clear(&line);
		buf_puts(&line, "{\"kind\":\"link\"");
		for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
			json_put_member(&line, names[i], store_text(query, i, NULL));
		buf_putc(&line, '}');
		line_write(out, line.text, line.size);
	}
	buf_free(&line);
	return step;
}

/* The text of an object, less its last brace. */
static void
put_open(struct buf *line, struct store_query *query, int column)
{
	size_t size;
	const char *text = store_text(query, column, &size);

	buf_clear(line);
	buf_put(line, text, size - 1);
}

int
settle_list_conflicts(struct store *store, struct line_stream *out, struct err *err)
{
	struct store_query *query =
	    store_query(store, "SELECT line, at FROM conflict ORDER BY object, id, local_id", err);
	struct buf line = {0};
	int step;

	if (!query)
		return -1;
	while ((step = store_step(query, err)) == 1) {
		put_open(&line, query, 0);
		json_put_member(&line, "at", store_text(query, 1, NULL));
		buf_putc(&line, '}');
		line_write(out, line.text, line.size);
	}
	buf_free(&line);
	return step;
}

static int
check_consumer(struct store *store, const char *consumer, struct err *err)
{
	struct store_query *query =
	    store_query(store, "SELECT of = 'ops' FROM consumer WHERE name = ?1", err);
	char shown[64];

	if (!query)
		return -1;
	store_bind(query, 1, consumer);
	int step = store_step(query, err);
	bool ops = step == 1 && store_int(query, 0);
	store_reset(query);
	diag_escape(shown, sizeof shown, consumer, strlen(consumer));
	if (step == 0)
		return err_set(
		    err, ST_USAGE, "there is no consumer '%s'; ops are for 'app'", shown);
	if (step == 1 && !ops)
		return err_set(err, ST_USAGE, "consumer '%s' hears of changes, not of ops", shown);
	return step < 0 ? -1 : 0;
}

/* One batch behind *after, which moves. A create carries the Id that it is idempotent by. */
static int
write_batch(struct store *store, struct line_stream *out, int64_t *after, size_t *n,
    struct buf *line, struct err *err)
{
	struct store_query *query = store_query(store,
	    "SELECT line, n, iif(op = 'create' AND json_type(line, '$.salesforce_id') IS NULL,"
	    " id, NULL) FROM op WHERE ok IS NULL AND n > ?1 ORDER BY n LIMIT 1000",
	    err);
	int step;

	*n = 0;
	if (!query)
		return -1;
	store_bind_int(query, 1, *after);
	while ((step = store_step(query, err)) == 1) {
		*after = store_int(query, 1);
		put_open(line, query, 0);
		json_put_member(line, "salesforce_id", store_text(query, 2, NULL));
		buf_printf(line, ",\"seq\":%lld}", (long long)*after);
		line_write(out, line->text, line->size);
		(*n)++;
	}
	return step;
}

int
settle_list_ops(struct store *store, const char *consumer, struct line_stream *out, struct err *err)
{
	struct buf line = {0};
	int64_t after = 0;
	size_t n = BATCH;
	int status = check_consumer(store, consumer, err);

	while (status == 0 && n == BATCH) {
		status = store_begin(store, err);
		if (status == 0)
			status = write_batch(store, out, &after, &n, &line, err);
		store_rollback(store);
		if (status == 0)
			status = line_flush(out);
	}
	if (status == 0) {
		buf_clear(&line);
		buf_puts(&line, "{\"kind\":\"checkpoint\"");
		json_put_member(&line, "consumer", consumer);
		buf_printf(&line, ",\"of\":\"ops\",\"seq\":%lld}", (long long)after);
		line_write(out, line.text, line.size);
	}
	buf_free(&line);
	return status;
}

#include "queue_pending.h"

#include "mirror_change.h"
#include "mirror_sql.h"
#include "queue_whole.h"
#include "sobject.h"

#include <stdlib.h>
#include <string.h>

#define BATCH 1000

struct pending {
	struct store *store;
	struct line_stream *out;
	struct mirror_sql *sql;
	struct arena *arena; /* of a batch */
	struct buf line;
	const char *name; /* of the consumer, or NULL for a look */
	char side[32];    /* the sides that it hears of; "" for all */
	int64_t from, to; /* changes behind from, up to to */
	int64_t owed;     /* up to this n */
	bool whole;       /* the store instead of changes */
};

struct row {
	int64_t seq;
	const char *side, *object, *id;
	struct json line; /* or absent */
};

/* Whether changes behind from are gone already. */
static int
is_pruned(struct pending *p, bool *pruned, struct err *err)
{
	int64_t first, newest;

	if (store_number(p->store, "SELECT min(seq) FROM change", &first, err) != 0 ||
	    store_number(p->store, "SELECT seq FROM sqlite_sequence WHERE name = 'change'", &newest,
		err) != 0)
		return -1;
	*pruned = newest > p->from && (first == 0 || first > p->from + 1);
	return 0;
}

static int
unknown_consumer(struct store *store, const char *name, struct err *err)
{
	struct store_query *query =
	    store_query(store, "SELECT group_concat(name, ', ') FROM consumer", err);
	char shown[64];

	if (!query || store_step(query, err) != 1)
		return -1;
	diag_escape(shown, sizeof shown, name, strlen(name));
	err_set(err, ST_USAGE,
	    "there is no consumer '%s', only %s; store-apply --add registers one", shown,
	    store_text(query, 0, NULL));
	store_reset(query);
	return -1;
}

static int
read_consumer(struct pending *p, struct err *err)
{
	struct store_query *query =
	    store_query(p->store, "SELECT of, side, seq FROM consumer WHERE name = ?1", err);

	if (!query)
		return -1;
	store_bind(query, 1, p->name);
	int step = store_step(query, err);
	if (step != 1)
		return step == 0 ? unknown_consumer(p->store, p->name, err) : -1;
	const char *side = store_text(query, 1, NULL);
	if (side && strlen(side) < sizeof p->side)
		memcpy(p->side, side, strlen(side) + 1);
	p->from = store_int(query, 2);
	if (strcmp(store_text(query, 0, NULL), "changes") != 0)
		err_set(err, ST_USAGE, "consumer '%s' hears of ops, not of changes", p->name);
	store_reset(query);
	return err->status ? -1 : 0;
}

/* What is there now; what comes later is for the next time. */
static int
begin(struct pending *p, bool all, struct err *err)
{
	bool pruned = false;

	if (store_begin(p->store, err) != 0 || (p->name && read_consumer(p, err) != 0) ||
	    is_pruned(p, &pruned, err) != 0 ||
	    store_number(p->store, "SELECT seq FROM sqlite_sequence WHERE name = 'change'", &p->to,
		err) != 0 ||
	    store_number(p->store, "SELECT seq FROM sqlite_sequence WHERE name = 'owed'", &p->owed,
		err) != 0)
		return -1;
	p->whole = p->name && (all || pruned);
	if (!p->name && pruned)
		diag_say("of the changes behind %lld some were pruned and are no longer kept",
		    (long long)p->from);
	store_rollback(p->store);
	return 0;
}

static void
put_owed(struct pending *p, const struct row *row, const char *why)
{
	whole_owed(&p->line, row->seq, row->side, row->object, row->id, why);
	line_write(p->out, p->line.text, p->line.size);
}

/* One batch behind *after; *n tells how many came. By +, n is what is gone on by: nothing is sorted. */
static int
write_owed_batch(struct pending *p, int64_t *after, size_t *n, struct err *err)
{
	struct store_query *query = store_query(p->store,
	    "SELECT n, side, object, id, why FROM owed WHERE +consumer = ?1 AND n > ?2 AND n <= ?3"
	    " ORDER BY n LIMIT 1000",
	    err);
	int step;

	*n = 0;
	if (!query)
		return -1;
	store_bind(query, 1, p->name);
	store_bind_int(query, 2, *after);
	store_bind_int(query, 3, p->owed);
	while ((step = store_step(query, err)) == 1) {
		*after = store_int(query, 0);
		struct row row = {.seq = p->from,
		    .side = store_text(query, 1, NULL),
		    .object = store_text(query, 2, NULL),
		    .id = store_text(query, 3, NULL)};
		put_owed(p, &row, store_text(query, 4, NULL));
		(*n)++;
	}
	return step;
}

/* A record that was new: its line is made from what it is by now. */
static int
write_new(struct pending *p, const struct row *row, struct err *err)
{
	const struct sobject *sobject = sobject_find(row->object);
	struct store_query *query =
	    sobject ? store_query(p->store, mirror_sql_select(p->sql, sobject), err) : NULL;
	struct json record = {"{}", 2};
	bool deleted = true;
	size_t size;

	if (sobject && !query)
		return -1;
	if (query) {
		store_bind(query, 1, row->id);
		int step = store_step(query, err);
		if (step < 0)
			return -1;
		if (step == 1) {
			const char *text = store_text(query, 0, &size);
			record = (struct json){text, size};
			deleted = store_int(query, 2) != 0;
		}
	}
	buf_clear(&p->line);
	mirror_change_new(&p->line, row->seq, "salesforce", row->object, row->id, record, deleted);
	line_write(p->out, p->line.text, p->line.size);
	if (query)
		store_reset(query);
	return 0;
}

static struct row
copy_row(struct pending *p, struct store_query *query)
{
	struct row row = {.seq = store_int(query, 0)};
	const char **texts[] = {&row.side, &row.object, &row.id};
	size_t size;

	for (int i = 0; i < 3; i++) {
		const char *text = store_text(query, i + 1, &size);
		*texts[i] = arena_dup(p->arena, text, size);
	}
	const char *line = store_text(query, 4, &size);
	if (line)
		row.line = (struct json){arena_dup(p->arena, line, size), size};
	return row;
}

static int
read_rows(struct pending *p, int64_t after, struct row *rows, size_t *n, struct err *err)
{
	struct store_query *query = store_query(p->store,
	    "SELECT seq, side, object, id, line FROM change"
	    " WHERE seq > ?1 AND seq <= ?2 AND (?3 = '' OR instr(?3, side)) ORDER BY seq LIMIT "
	    "1000",
	    err);
	int step;

	*n = 0;
	if (!query)
		return -1;
	store_bind_int(query, 1, after);
	store_bind_int(query, 2, p->to);
	store_bind(query, 3, p->side);
	while ((step = store_step(query, err)) == 1)
		rows[(*n)++] = copy_row(p, query);
	return step;
}

static int
write_change_batch(struct pending *p, int64_t *after, size_t *n, struct err *err)
{
	struct row *rows = arena_array(p->arena, BATCH, sizeof *rows);
	bool pruned = false;

	if (is_pruned(p, &pruned, err) != 0 || read_rows(p, *after, rows, n, err) != 0)
		return -1;
	if (p->name && pruned)
		return err_set(err, ST_LATER,
		    "changes of consumer '%s' were pruned meanwhile, as another run of it settled "
		    "them; run again",
		    p->name);
	for (size_t i = 0; i < *n; i++) {
		*after = rows[i].seq;
		if (rows[i].line.at)
			line_write(p->out, rows[i].line.at, rows[i].line.size);
		else if (write_new(p, &rows[i], err) != 0)
			return -1;
	}
	return 0;
}

/* Batches until there are no more; what was written goes out between them. */
static int
write_batches(struct pending *p, int (*batch)(struct pending *, int64_t *, size_t *, struct err *),
    int64_t after, struct err *err)
{
	size_t n = BATCH;

	while (n == BATCH) {
		arena_reset(p->arena);
		int status = store_begin(p->store, err);
		if (status == 0)
			status = batch(p, &after, &n, err);
		store_rollback(p->store);
		if (status != 0 || line_flush(p->out) != 0)
			return -1;
	}
	return 0;
}

static void
put_checkpoint(struct pending *p)
{
	buf_clear(&p->line);
	buf_puts(&p->line, "{\"kind\":\"checkpoint\"");
	json_put_member(&p->line, "consumer", p->name);
	buf_printf(&p->line, ",\"of\":\"changes\",\"seq\":%lld", (long long)p->to);
	if (p->owed > 0)
		buf_printf(&p->line, ",\"owed\":%lld", (long long)p->owed);
	buf_putc(&p->line, '}');
	line_write(p->out, p->line.text, p->line.size);
}

static int
write_all(struct pending *p, bool all, struct err *err)
{
	if (begin(p, all, err) != 0)
		return -1;
	if (p->name && write_batches(p, write_owed_batch, 0, err) != 0)
		return -1;
	int status;
	if (!p->whole)
		status = write_batches(p, write_change_batch, p->from, err);
	else if (strcmp(p->name, "calls") == 0)
		status = whole_write_calls(p->store, p->to, p->out, err);
	else
		status = whole_write(p->store, p->side, p->to, p->out, err);
	if (status == 0 && p->name)
		put_checkpoint(p);
	return status;
}

static int
run(struct pending *p, bool all, struct err *err)
{
	p->sql = mirror_sql_open();
	p->arena = arena_open();
	int status = write_all(p, all, err);
	store_rollback(p->store);
	store_forget(p->store);
	arena_close(p->arena);
	mirror_sql_close(p->sql);
	buf_free(&p->line);
	return status;
}

int
pending_write(
    struct store *store, const char *consumer, bool all, struct line_stream *out, struct err *err)
{
	struct pending p = {.store = store, .out = out, .name = consumer};

	return run(&p, all, err);
}

int
pending_look(struct store *store, int64_t seq, struct line_stream *out, struct err *err)
{
	struct pending p = {.store = store, .out = out, .from = seq};

	return run(&p, false, err);
}

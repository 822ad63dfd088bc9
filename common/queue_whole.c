#include "queue_whole.h"

#include "calls_change.h"
#include "mirror_change.h"
#include "sobject.h"

#include <stdio.h>
#include <string.h>

#define BATCH 1000 /* as in the statements */

struct whole {
	struct store *store;
	struct line_stream *out;
	struct arena *arena; /* of one batch */
	struct buf line;
	int64_t seq;
	const char *side;   /* of records: salesforce or local */
	const char *object; /* that is being written */
	void (*make)(struct whole *, const char *id, struct json text, bool deleted);
};

void
whole_owed(struct buf *line, int64_t seq, const char *side, const char *object, const char *id,
    const char *why)
{
	buf_clear(line);
	buf_printf(line, "{\"kind\":\"change\",\"seq\":%lld", (long long)seq);
	json_put_member(line, "side", side);
	json_put_member(line, "object", object);
	json_put_member(line, "id", id);
	buf_puts(line, ",\"fields\":[],\"before\":null,\"after\":null,\"owed\":true");
	json_put_member(line, "why", why);
	buf_putc(line, '}');
}

static void
make_record(struct whole *w, const char *id, struct json text, bool deleted)
{
	if (deleted)
		mirror_change_gone(&w->line, w->seq, w->side, w->object, id, text);
	else
		mirror_change_new(&w->line, w->seq, w->side, w->object, id, text, false);
}

static void
make_call(struct whole *w, const char *id, struct json text, bool deleted)
{
	size_t n;

	(void)deleted;
	struct mirror_change *changes = calls_differ((struct json){0}, text, w->arena, &n);

	calls_change_line(&w->line, w->seq, w->object, id, changes, n, true);
}

static void
make_owed(struct whole *w, const char *id, struct json text, bool deleted)
{
	(void)text;
	(void)deleted;
	whole_owed(&w->line, w->seq, "calls", w->object, id, "all there is is asked for");
}

/* Up to BATCH rows (id, text, whether deleted) behind *after, which moves. */
static int
write_batch(struct whole *w, const char *sql, char **after, size_t *n, struct err *err)
{
	struct store_query *query = store_query(w->store, sql, err);
	struct buf last = {0};
	size_t size;
	int step;

	*n = 0;
	if (!query)
		return -1;
	store_bind(query, 1, *after);
	store_bind(query, 2, w->object);
	while ((step = store_step(query, err)) == 1) {
		const char *text = store_text(query, 1, &size);
		buf_clear(&w->line);
		w->make(w, store_text(query, 0, NULL), (struct json){text, size},
		    store_int(query, 2) != 0);
		line_write(w->out, w->line.text, w->line.size);
		buf_clear(&last);
		buf_puts(&last, store_text(query, 0, NULL));
		(*n)++;
	}
	arena_reset(w->arena);
	if (last.text)
		*after = arena_dup(w->arena, last.text, last.size);
	buf_free(&last);
	return step;
}

static int
write_table(struct whole *w, const char *sql, struct err *err)
{
	char *after = arena_dup(w->arena, "", 0);
	size_t n = BATCH;

	while (n == BATCH) {
		int status = store_begin(w->store, err);
		if (status == 0)
			status = write_batch(w, sql, &after, &n, err);
		store_rollback(w->store);
		if (status != 0 || line_flush(w->out) != 0)
			return -1;
	}
	return 0;
}

static int
write_records(struct whole *w, const struct sobject *sobject, struct err *err)
{
	struct buf sql = {0};

	w->object = sobject->name;
	w->side = "salesforce";
	w->make = make_record;
	/* + keeps SQLite from an index of all of the object's, which it would sort for each batch */
	buf_printf(&sql,
	    "SELECT id, record, is_deleted FROM %s WHERE id > ?1 AND +object = ?2"
	    " ORDER BY id LIMIT 1000",
	    sobject->table);
	int status = write_table(w, sql.text, err);
	store_forget(w->store);
	buf_free(&sql);
	return status;
}

static int
write_calls(struct whole *w, struct err *err)
{
	w->object = "call";
	if (write_table(w,
		"SELECT id, line, 0 FROM call WHERE id > ?1 AND ?2 <> '' ORDER BY id LIMIT 1000",
		err) != 0)
		return -1;
	w->object = "email";
	return write_table(w,
	    "SELECT id, line, 0 FROM email WHERE id > ?1 AND ?2 <> '' ORDER BY id LIMIT 1000", err);
}

/* The first object behind w->object that there are local records of: 1, in out. */
static int
next_local_object(struct whole *w, struct buf *out, struct err *err)
{
	struct store_query *query =
	    store_query(w->store, "SELECT min(object) FROM local_record WHERE object > ?1", err);

	if (!query)
		return -1;
	store_bind(query, 1, w->object);
	int step = store_step(query, err);
	const char *next = step == 1 ? store_text(query, 0, NULL) : NULL;
	if (next) {
		buf_clear(out);
		buf_puts(out, next);
		w->object = out->text;
	}
	store_reset(query);
	return step < 0 ? -1 : next != NULL;
}

static int
write_locals(struct whole *w, struct err *err)
{
	struct buf object = {0};
	int next, status = 0;

	w->make = make_record;
	w->side = "local";
	w->object = "";
	while (status == 0 && (next = next_local_object(w, &object, err)) != 0)
		status = next < 0 ? -1
				  : write_table(w,
					"SELECT id, fields, deleted FROM local_record WHERE id > ?1"
					" AND object = ?2 ORDER BY id LIMIT 1000",
					err);
	buf_free(&object);
	return status;
}

static bool
has_side(const char *sides, const char *side)
{
	return !*sides || strstr(sides, side);
}

int
whole_write(
    struct store *store, const char *side, int64_t seq, struct line_stream *out, struct err *err)
{
	struct whole w = {.store = store, .out = out, .seq = seq, .arena = arena_open()};
	int status = 0;

	for (size_t i = 0; i < n_sobjects && status == 0 && has_side(side, "salesforce"); i++)
		status = write_records(&w, &sobjects[i], err);
	if (status == 0 && has_side(side, "local"))
		status = write_locals(&w, err);
	w.make = make_call;
	if (status == 0 && has_side(side, "calls"))
		status = write_calls(&w, err);
	buf_free(&w.line);
	arena_close(w.arena);
	return status;
}

int
whole_write_calls(struct store *store, int64_t seq, struct line_stream *out, struct err *err)
{
	struct whole w = {
	    .store = store, .out = out, .seq = seq, .arena = arena_open(), .make = make_owed};
	int status = write_calls(&w, err);

	buf_free(&w.line);
	arena_close(w.arena);
	return status;
}

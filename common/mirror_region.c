#include "mirror_region.h"

#include "mirror_change.h"
#include "mirror_sql.h"
#include "mirror_value.h"
#include "sfid.h"

#include <string.h>
#include <strings.h>

#define BATCH 1000 /* as in the statement */

/* All records of one object, a batch a transaction. */
struct reread {
	struct store *store;
	struct queue *queue;
	struct mirror_sql *sql;
	const struct sobject *sobject;
	const char *region;
	struct arena *arena; /* of a batch */
	struct buf line;
};

/* A record whose numbers are others now. */
struct moved {
	char id[SFID_SIZE];
	struct mirror_value values[MIRROR_MAX_FIELDS];
	struct mirror_change
	    changes[MIRROR_MAX_FIELDS]; /* before is not known: it was not read so */
	size_t n;
	uint32_t fields;
	struct json record;
};

static bool
is_phone(const struct sobject_field *field)
{
	return field->type == SOBJECT_PHONE && field->column;
}

static bool
has_phones(const struct sobject *sobject)
{
	for (size_t i = 0; i < sobject->n_fields; i++)
		if (is_phone(&sobject->fields[i]))
			return true;
	return false;
}

/* "SELECT id, record, phone, ... FROM contact WHERE id > ?1 ..." */
static void
put_select(struct buf *sql, const struct sobject *sobject)
{
	buf_puts(sql, "SELECT id, record");
	for (size_t i = 0; i < sobject->n_fields; i++)
		if (is_phone(&sobject->fields[i]))
			buf_printf(sql, ", %s", sobject->fields[i].column);
	buf_printf(sql, " FROM %s WHERE id > ?1 ORDER BY id LIMIT 1000", sobject->table);
}

/* What the row's numbers are now; moved->n is 0 if they are what they were. */
static int
read_row(struct reread *r, struct store_query *query, struct moved *moved, struct err *err)
{
	int column = 2;
	size_t size;
	const char *text = store_text(query, 1, &size);

	moved->n = 0;
	moved->fields = 0;
	memcpy(moved->id, store_text(query, 0, NULL), SFID_SIZE);
	moved->record = (struct json){text, size};
	for (size_t i = 0; i < r->sobject->n_fields; i++) {
		const struct sobject_field *field = &r->sobject->fields[i];
		struct mirror_value *value = &moved->values[i], old = {0};
		if (!is_phone(field))
			continue;
		old.text = store_text(query, column++, &old.size);
		struct json json = json_get(moved->record, field->name);
		if (mirror_value(field, json, r->region, r->arena, value, err) != 0)
			return -1;
		if (mirror_value_same(value, &old))
			continue;
		struct json name = {
		    arena_printf(r->arena, "\"%s\"", field->name), strlen(field->name) + 2};
		char *copy = arena_dup(r->arena, json.at, json.size);
		moved->changes[moved->n++] =
		    (struct mirror_change){.name = name, .after = {copy, json.size}};
		moved->fields |= UINT32_C(1) << i;
	}
	moved->record.at = moved->n ? arena_dup(r->arena, text, size) : NULL;
	return 0;
}

static int
run_phones(struct reread *r, const char *sql, const struct moved *moved, struct err *err)
{
	struct store_query *query = store_query(r->store, sql, err);

	if (!query)
		return -1;
	store_bind(query, 1, moved->id);
	store_bind(query, 2, r->sobject->name);
	return store_run(query, err);
}

static int
write_moved(struct reread *r, const struct moved *moved, struct err *err)
{
	uint32_t fields = 0; /* all phones, so that one statement will do */
	int n = 3;

	for (size_t i = 0; i < r->sobject->n_fields; i++)
		if (is_phone(&r->sobject->fields[i]))
			fields |= UINT32_C(1) << i;
	if (run_phones(r, mirror_sql_drop_phones(r->sql, r->sobject), moved, err) != 0)
		return -1;
	struct store_query *query =
	    store_query(r->store, mirror_sql_update(r->sql, r->sobject, &fields), err);
	if (!query)
		return -1;
	store_bind(query, 1, moved->id);
	store_bind_bytes(query, 2, moved->record.at, moved->record.size);
	for (size_t i = 0; i < r->sobject->n_fields; i++)
		if (fields & UINT32_C(1) << i)
			n = mirror_value_bind(&r->sobject->fields[i], &moved->values[i], query, n);
	if (store_run(query, err) != 0 ||
	    run_phones(r, mirror_sql_put_phones(r->sql, r->sobject), moved, err) != 0)
		return -1;
	buf_clear(&r->line);
	mirror_change_line(&r->line, queue_next_seq(r->queue), "salesforce", r->sobject->name,
	    moved->id, moved->changes, moved->n, true, true);
	return queue_put(r->queue, "salesforce", r->sobject->name, moved->id, &r->line, false, err);
}

static int
reread_batch(struct reread *r, const char *sql, char *after, size_t *n, struct err *err)
{
	struct moved *moved = arena_array(r->arena, BATCH, sizeof *moved);
	struct store_query *query = store_query(r->store, sql, err);
	size_t n_moved = 0;
	int step;

	*n = 0;
	if (!query)
		return -1;
	store_bind(query, 1, after);
	while ((step = store_step(query, err)) == 1) {
		(*n)++;
		memcpy(after, store_text(query, 0, NULL), SFID_SIZE);
		if (read_row(r, query, &moved[n_moved], err) != 0)
			return -1;
		n_moved += moved[n_moved].n > 0;
	}
	/* without its index each number would be looked for in all of person_phone */
	if (step == 0 && n_moved > 0)
		step = store_build_indexes(r->store, err);
	for (size_t i = 0; step == 0 && i < n_moved; i++)
		step = write_moved(r, &moved[i], err);
	return step;
}

static int
reread_object(struct reread *r, struct err *err)
{
	char after[SFID_SIZE] = "";
	struct buf sql = {0};
	size_t n = BATCH;
	int status = 0;

	put_select(&sql, r->sobject);
	while (status == 0 && n == BATCH) {
		arena_reset(r->arena);
		status = queue_begin(r->queue, err);
		if (status == 0)
			status = reread_batch(r, sql.text, after, &n, err);
		if (status == 0)
			status = queue_commit(r->queue, err);
	}
	store_forget(r->store);
	buf_free(&sql);
	return status;
}

static int
reread_all(struct store *store, struct queue *queue, const char *region, struct err *err)
{
	struct reread r = {.store = store, .queue = queue, .region = region};
	int status = 0;

	r.sql = mirror_sql_open();
	r.arena = arena_open();
	for (size_t i = 0; i < n_sobjects && status == 0; i++) {
		r.sobject = &sobjects[i];
		if (has_phones(r.sobject))
			status = reread_object(&r, err);
	}
	store_forget(store);
	mirror_sql_close(r.sql);
	arena_close(r.arena);
	buf_free(&r.line);
	return status;
}

static int
read_stored(struct store *store, struct arena *arena, const char **region, struct err *err)
{
	struct store_query *query =
	    store_query(store, "SELECT value FROM meta WHERE name = 'region'", err);
	size_t size;

	*region = NULL;
	if (!query)
		return -1;
	int step = store_step(query, err);
	if (step == 1) {
		const char *text = store_text(query, 0, &size);
		*region = arena_dup(arena, text, size);
		store_reset(query);
	}
	return step < 0 ? -1 : 0;
}

int
mirror_region(struct store *store, struct queue *queue, const char *given, struct arena *arena,
    const char **region, struct err *err)
{
	struct store_query *query;

	if (read_stored(store, arena, region, err) != 0)
		return -1;
	if (!given || (*region && strcasecmp(given, *region) == 0))
		return 0;
	*region = given;
	if (reread_all(store, queue, given, err) != 0 || queue_begin(queue, err) != 0 ||
	    !(query = store_query(store,
		  "INSERT INTO meta VALUES ('region', ?1) ON CONFLICT (name) DO UPDATE SET value = "
		  "?1",
		  err)))
		return -1;
	store_bind(query, 1, given);
	return store_run(query, err) == 0 ? queue_commit(queue, err) : -1;
}

#include "mirror_rows.h"

#include "mirror_value.h"

#include <stdlib.h>
#include <string.h>

struct mirror_rows {
	struct store *store;
	const char *region;
	struct mirror_sql *sql;
};

struct mirror_rows *
mirror_rows_open(struct store *store, const char *region)
{
	struct mirror_rows *rows = xalloc(sizeof *rows);

	*rows = (struct mirror_rows){.store = store, .region = region, .sql = mirror_sql_open()};
	return rows;
}

void
mirror_rows_close(struct mirror_rows *rows)
{
	if (!rows)
		return;
	mirror_sql_close(rows->sql);
	free(rows);
}

/* The columns of these fields, from each one's JSON; all that is bad shows here. */
static int
read_values(const struct mirror_rows *rows, const struct mirror_record *record,
    const struct json *json, uint32_t fields, struct mirror_value *values, struct err *err)
{
	for (size_t i = 0; i < record->sobject->n_fields; i++) {
		const struct sobject_field *f = &record->sobject->fields[i];
		if (mirror_sql_has(f) && (fields & UINT32_C(1) << i) &&
		    mirror_value(f, json[i], rows->region, record->arena, &values[i], err) != 0)
			return -1;
	}
	return 0;
}

static void
bind_values(struct store_query *query, const struct mirror_record *record, uint32_t fields,
    const struct mirror_value *values, int n)
{
	for (size_t i = 0; i < record->sobject->n_fields; i++) {
		const struct sobject_field *f = &record->sobject->fields[i];
		if (mirror_sql_has(f) && (fields & UINT32_C(1) << i))
			n = mirror_value_bind(f, &values[i], query, n);
	}
}

/* A new record's rows in person_phone, each number once. */
static int
put_phones(struct mirror_rows *rows, const struct mirror_record *record,
    const struct mirror_value *values, struct err *err)
{
	const struct sobject *sobject = record->sobject;

	for (size_t i = 0; i < sobject->n_fields; i++) {
		bool before = false;
		if (sobject->fields[i].type != SOBJECT_PHONE || !values[i].text)
			continue;
		for (size_t j = 0; j < i; j++)
			if (sobject->fields[j].type == SOBJECT_PHONE)
				before |= mirror_value_same(&values[i], &values[j]);
		if (before)
			continue;
		struct store_query *query =
		    store_query(rows->store, "INSERT INTO person_phone VALUES (?1, ?2, ?3)", err);
		if (!query)
			return -1;
		store_bind_bytes(query, 1, values[i].text, values[i].size);
		store_bind(query, 2, sobject->name);
		store_bind(query, 3, record->id);
		if (store_run(query, err) != 0)
			return -1;
	}
	return 0;
}

static bool
is_deleted(const struct sobject *sobject, const struct mirror_value *values)
{
	for (size_t i = 0; i < sobject->n_fields; i++)
		if (strcmp(sobject->fields[i].name, "IsDeleted") == 0)
			return values[i].number != 0;
	return false;
}

int
mirror_rows_insert(
    struct mirror_rows *rows, const struct mirror_record *record, bool *deleted, struct err *err)
{
	struct mirror_value values[MIRROR_MAX_FIELDS] = {0};
	struct json object = record->line->object;

	if (read_values(rows, record, record->values, UINT32_MAX, values, err) != 0)
		return -1;
	struct store_query *query =
	    store_query(rows->store, mirror_sql_insert(rows->sql, record->sobject), err);
	if (!query)
		return -1;
	store_bind_bytes(query, 1, record->id, SFID_SIZE - 1);
	store_bind(query, 2, record->sobject->name);
	store_bind_bytes(query, 3, object.at, object.size);
	bind_values(query, record, UINT32_MAX, values, 4);
	if (store_run(query, err) != 0)
		return -1;
	if (store_changes(rows->store) == 0)
		return 0;
	*deleted = is_deleted(record->sobject, values);
	return put_phones(rows, record, values, err) == 0 ? 1 : -1;
}

int
mirror_rows_get(struct mirror_rows *rows, const struct mirror_record *record,
    struct mirror_row *row, struct err *err)
{
	struct store_query *query =
	    store_query(rows->store, mirror_sql_select(rows->sql, record->sobject), err);
	size_t size;

	if (!query)
		return -1;
	store_bind_bytes(query, 1, record->id, SFID_SIZE - 1);
	int step = store_step(query, err);
	if (step != 1)
		return step;
	const char *text = store_text(query, 0, &size);
	const char *object = store_text(query, 1, NULL);
	bool same = strcmp(object, record->sobject->name) == 0;
	row->json = (struct json){arena_dup(record->arena, text, size), size};
	row->deleted = store_int(query, 2) != 0;
	text = store_text(query, 3, &size);
	row->stamp = text ? arena_dup(record->arena, text, size) : NULL;
	if (!same)
		err_set(err, ST_REJECTED,
		    "%s: the store holds an object of another type, %s, of this Id", record->id,
		    object);
	store_reset(query);
	return same ? 1 : -1;
}

static int
run_for(
    struct mirror_rows *rows, const char *sql, const struct mirror_record *record, struct err *err)
{
	struct store_query *query = store_query(rows->store, sql, err);

	if (!query)
		return -1;
	store_bind(query, 1, record->id);
	store_bind(query, 2, record->sobject->name);
	return store_run(query, err);
}

static bool
has_phone(const struct sobject *sobject, uint32_t fields)
{
	for (size_t i = 0; i < sobject->n_fields; i++)
		if (sobject->fields[i].type == SOBJECT_PHONE && (fields & UINT32_C(1) << i))
			return true;
	return false;
}

static int
write_row(struct mirror_rows *rows, const char *sql, const struct mirror_record *record,
    const struct buf *text, uint32_t fields, const struct mirror_value *values, struct err *err)
{
	struct store_query *query = store_query(rows->store, sql, err);

	if (!query)
		return -1;
	store_bind_bytes(query, 1, record->id, SFID_SIZE - 1);
	store_bind_bytes(query, 2, text->text, text->size);
	bind_values(query, record, fields, values, 3);
	return store_run(query, err);
}

int
mirror_rows_update(struct mirror_rows *rows, const struct mirror_record *record,
    const struct mirror_merge *merge, const struct buf *text, bool *deleted, struct err *err)
{
	struct mirror_value values[MIRROR_MAX_FIELDS] = {0};
	const struct sobject *sobject = record->sobject;
	bool phones = has_phone(sobject, merge->fields);
	uint32_t fields = merge->fields;
	const char *sql = mirror_sql_update(rows->sql, sobject, &fields);

	if (read_values(rows, record, merge->values, fields, values, err) != 0)
		return -1;
	const struct sobject_field *f = sobject_field(sobject, "IsDeleted");
	if (f && (fields & UINT32_C(1) << (f - sobject->fields)))
		*deleted = is_deleted(sobject, values);
	/* without its index each would be looked for in all of person_phone */
	if (phones &&
	    (store_build_indexes(rows->store, err) != 0 ||
		run_for(rows, mirror_sql_drop_phones(rows->sql, sobject), record, err) != 0))
		return -1;
	if (write_row(rows, sql, record, text, fields, values, err) != 0)
		return -1;
	return phones ? run_for(rows, mirror_sql_put_phones(rows->sql, sobject), record, err) : 0;
}

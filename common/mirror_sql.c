#include "mirror_sql.h"

#include "arena.h"
#include "buf.h"

#include <stdlib.h>
#include <string.h>

#define MAX_OBJECTS 32
#define MAX_UPDATES 12 /* of an object: sets of fields that change together */

struct object_sql {
	struct buf insert, select, drop_phones, put_phones;
	struct buf updates[MAX_UPDATES + 1]; /* the last one sets all */
	uint32_t sets[MAX_UPDATES];
	size_t n_updates;
};

struct mirror_sql {
	struct object_sql objects[MAX_OBJECTS];
};

struct mirror_sql *
mirror_sql_open(void)
{
	return xalloc(sizeof(struct mirror_sql));
}

void
mirror_sql_close(struct mirror_sql *sql)
{
	if (!sql)
		return;
	for (size_t i = 0; i < MAX_OBJECTS; i++) {
		struct object_sql *o = &sql->objects[i];
		buf_free(&o->insert);
		buf_free(&o->select);
		buf_free(&o->drop_phones);
		buf_free(&o->put_phones);
		for (size_t j = 0; j <= MAX_UPDATES; j++)
			buf_free(&o->updates[j]);
	}
	free(sql);
}

static struct object_sql *
object_of(struct mirror_sql *sql, const struct sobject *sobject)
{
	return &sql->objects[sobject - sobjects];
}

bool
mirror_sql_has(const struct sobject_field *field)
{
	return field->column && strcmp(field->column, "id") != 0;
}

const char *
mirror_sql_insert(struct mirror_sql *sql, const struct sobject *sobject)
{
	struct buf *out = &object_of(sql, sobject)->insert;
	int n = 3;

	if (out->size > 0)
		return out->text;
	buf_printf(out, "INSERT INTO %s (id, object, record", sobject->table);
	for (size_t i = 0; i < sobject->n_fields; i++) {
		const struct sobject_field *f = &sobject->fields[i];
		if (!mirror_sql_has(f))
			continue;
		n++;
		buf_printf(out, ", %s", f->column);
		if (sobject_second(f)) {
			n++;
			buf_printf(out, ", %s%s", f->column, sobject_second(f));
		}
	}
	buf_puts(out, ") VALUES (?1");
	for (int i = 2; i <= n; i++)
		buf_printf(out, ", ?%d", i);
	buf_puts(out, ") ON CONFLICT DO NOTHING");
	return out->text;
}

const char *
mirror_sql_select(struct mirror_sql *sql, const struct sobject *sobject)
{
	struct buf *out = &object_of(sql, sobject)->select;

	if (out->size == 0)
		buf_printf(out, "SELECT record, object, is_deleted, %s FROM %s WHERE id = ?1",
		    sobject_field(sobject, sobject->stamp)->column, sobject->table);
	return out->text;
}

static void
put_update(struct buf *out, const struct sobject *sobject, uint32_t fields)
{
	int n = 3;

	buf_printf(out, "UPDATE %s SET record = ?2", sobject->table);
	for (size_t i = 0; i < sobject->n_fields; i++) {
		const struct sobject_field *f = &sobject->fields[i];
		if (!mirror_sql_has(f) || !(fields & UINT32_C(1) << i))
			continue;
		buf_printf(out, ", %s = ?%d", f->column, n++);
		if (sobject_second(f))
			buf_printf(out, ", %s%s = ?%d", f->column, sobject_second(f), n++);
	}
	buf_puts(out, " WHERE id = ?1");
}

const char *
mirror_sql_update(struct mirror_sql *sql, const struct sobject *sobject, uint32_t *fields)
{
	struct object_sql *object = object_of(sql, sobject);
	size_t i;

	for (i = 0; i < object->n_updates && object->sets[i] != *fields; i++)
		;
	if (i == MAX_UPDATES)
		*fields = UINT32_MAX;
	else if (i == object->n_updates)
		object->sets[object->n_updates++] = *fields;
	if (object->updates[i].size == 0)
		put_update(&object->updates[i], sobject, *fields);
	return object->updates[i].text;
}

/* "SELECT phone FROM contact WHERE id = ?1 UNION SELECT ..." of all phone columns. */
static bool
put_phones(struct buf *out, const struct sobject *sobject)
{
	bool any = false;

	for (size_t i = 0; i < sobject->n_fields; i++) {
		const struct sobject_field *f = &sobject->fields[i];
		if (f->type != SOBJECT_PHONE || !f->column)
			continue;
		buf_printf(out, "%sSELECT %s AS number FROM %s WHERE id = ?1", any ? " UNION " : "",
		    f->column, sobject->table);
		any = true;
	}
	return any;
}

static const char *
phone_statement(
    struct buf *out, const struct sobject *sobject, const char *before, const char *behind)
{
	struct buf phones = {0};

	if (out->size == 0 && put_phones(&phones, sobject))
		buf_printf(out, "%s%s%s", before, phones.text, behind);
	buf_free(&phones);
	return out->text;
}

const char *
mirror_sql_drop_phones(struct mirror_sql *sql, const struct sobject *sobject)
{
	return phone_statement(&object_of(sql, sobject)->drop_phones, sobject,
	    "DELETE FROM person_phone WHERE phone IN (", ") AND object = ?2 AND id = ?1");
}

const char *
mirror_sql_put_phones(struct mirror_sql *sql, const struct sobject *sobject)
{
	return phone_statement(&object_of(sql, sobject)->put_phones, sobject,
	    "INSERT INTO person_phone SELECT number, ?2, ?1 FROM (", ") WHERE number IS NOT NULL");
}

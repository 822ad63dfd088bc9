#include "mirror_find.h"

#include "email.h"
#include "fold.h"
#include "phone.h"
#include "sfid.h"
#include "sobject.h"

#include <stdio.h>
#include <string.h>

/* The statement that finds them, and its parameters ?1, ?2, ... */
struct search {
	struct buf sql;
	const char *values[8];
	int n;
	const char *name; /* folded, compared row by row */
	struct arena *arena;
};

static bool
has_column(const struct sobject *sobject, const char *column)
{
	for (size_t i = 0; i < sobject->n_fields; i++)
		if (sobject->fields[i].column && strcmp(sobject->fields[i].column, column) == 0)
			return true;
	return false;
}

static bool
has_phone(const struct sobject *sobject)
{
	for (size_t i = 0; i < sobject->n_fields; i++)
		if (sobject->fields[i].type == SOBJECT_PHONE)
			return true;
	return false;
}

/* value NULL: what was given is none; has: whether the object has such a field. */
static int
add(struct search *search, const char *condition, const char *value, bool has, const char *option,
    const struct sobject *sobject, struct err *err)
{
	if (!has)
		return err_set(err, ST_USAGE, "%s has nothing for %s", sobject->name, option);
	if (!value)
		return err_set(err, ST_USAGE, "%s: this is none", option);
	search->values[search->n++] = value;
	buf_printf(&search->sql, "%s?%d", condition, search->n);
	return 0;
}

static const char *
widened(const char *id, struct arena *arena)
{
	char wide[SFID_SIZE];

	return sfid_widen(id, strlen(id), wide) == 0 ? arena_dup(arena, wide, SFID_SIZE - 1) : NULL;
}

static int
add_conditions(struct search *search, const struct sobject *sobject, const struct mirror_find *find,
    struct err *err)
{
	struct arena *arena = search->arena;
	const char *name = sobject->name;

	if (find->id &&
	    add(search, " AND id = ", widened(find->id, arena), true, "--id", sobject, err) != 0)
		return -1;
	if (find->email &&
	    add(search, " AND email = ", email_normalize(find->email, strlen(find->email), arena),
		has_column(sobject, "email"), "--email", sobject, err) != 0)
		return -1;
	if (find->domain && add(search, " AND email_domain = ",
				email_normalize_domain(find->domain, strlen(find->domain), arena),
				has_column(sobject, "email"), "--domain", sobject, err) != 0)
		return -1;
	if (find->phone) {
		if (add(search, " AND id IN (SELECT id FROM person_phone WHERE phone = ",
			phone_normalize(find->phone, strlen(find->phone), find->region, arena),
			has_phone(sobject), "--phone", sobject, err) != 0)
			return -1;
		search->values[search->n++] = name;
		buf_printf(&search->sql, " AND object = ?%d)", search->n);
	}
	if (!find->name)
		return 0;
	search->name = fold_name(find->name, strlen(find->name), arena);
	if (!search->name)
		return err_set(err, ST_USAGE, "--name: this is none");
	return has_column(sobject, "name")
		   ? 0
		   : err_set(err, ST_USAGE, "%s has nothing for --name", name);
}

/* Name as it is pulled, or made of its parts where it is not. */
static bool
is_named(struct json record, const char *wanted, struct arena *arena)
{
	const char *name = json_decode(json_get(record, "Name"), arena, NULL);

	if (!name) {
		const char *first = json_decode(json_get(record, "FirstName"), arena, NULL);
		const char *last = json_decode(json_get(record, "LastName"), arena, NULL);
		name = arena_printf(arena, "%s%s%s", first ? first : "", first && last ? " " : "",
		    last ? last : "");
	}
	const char *folded = fold_name(name, strlen(name), arena);
	return folded && strcmp(folded, wanted) == 0;
}

static int
write_found(struct store *store, struct search *search, struct line_stream *out, struct err *err)
{
	struct store_query *query = store_query(store, search->sql.text, err);
	struct arena *arena = arena_open();
	size_t size;
	int step = -1;

	for (int i = 0; query && i < search->n; i++)
		store_bind(query, i + 1, search->values[i]);
	while (query && (step = store_step(query, err)) == 1) {
		const char *text = store_text(query, 0, &size);
		arena_reset(arena);
		if (!search->name || is_named((struct json){text, size}, search->name, arena))
			line_write(out, text, size);
	}
	arena_close(arena);
	return step;
}

static int
unknown_object(const char *object, struct err *err)
{
	char known[512] = "", shown[64];
	size_t used = 0;

	for (size_t i = 0; i < n_sobjects && used < sizeof known; i++)
		used += (size_t)snprintf(
		    known + used, sizeof known - used, "%s%s", i ? ", " : "", sobjects[i].name);
	diag_escape(shown, sizeof shown, object, strlen(object));
	return err_set(err, ST_USAGE, "no object '%s'; there are %s", shown, known);
}

int
mirror_find(struct store *store, const char *object, const struct mirror_find *find,
    struct line_stream *out, struct err *err)
{
	const struct sobject *sobject = sobject_find(object);
	struct search search = {.arena = arena_open()};
	int status = -1;

	if (sobject) {
		search.values[search.n++] = sobject->name;
		buf_printf(&search.sql, "SELECT record FROM %s WHERE object = ?1%s", sobject->table,
		    find->deleted ? "" : " AND is_deleted = 0");
		status = add_conditions(&search, sobject, find, err);
	} else {
		unknown_object(object, err);
	}
	buf_puts(&search.sql, " ORDER BY id");
	if (status == 0)
		status = write_found(store, &search, out, err);
	store_forget(store);
	buf_free(&search.sql);
	arena_close(search.arena);
	return status;
}

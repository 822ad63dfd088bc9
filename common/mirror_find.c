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

/* What an option looks for; value NULL: what was given is no such thing. */
struct wanted {
	const char *option, *thing, *value;
	bool has; /* the object has such a field */
};

static int
check(const struct wanted *wanted, const struct sobject *sobject, struct err *err)
{
	if (!wanted->has)
		return err_set(
		    err, ST_USAGE, "%s has nothing for %s", sobject->name, wanted->option);
	if (!wanted->value)
		return err_set(err, ST_USAGE, "%s: this is no %s", wanted->option, wanted->thing);
	return 0;
}

static int
add(struct search *search, const char *condition, const struct sobject *sobject,
    struct wanted wanted, struct err *err)
{
	if (check(&wanted, sobject, err) != 0)
		return -1;
	search->values[search->n++] = wanted.value;
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
add_phone(struct search *search, const struct sobject *sobject, const struct mirror_find *find,
    struct err *err)
{
	struct wanted wanted = {"--phone",
	    find->region ? "phone number" : "phone number (one in national form takes --region)",
	    phone_normalize(find->phone, strlen(find->phone), find->region, search->arena),
	    has_phone(sobject)};

	if (add(search, " AND id IN (SELECT id FROM person_phone WHERE phone = ", sobject, wanted,
		err) != 0)
		return -1;
	search->values[search->n++] = sobject->name;
	buf_printf(&search->sql, " AND object = ?%d)", search->n);
	return 0;
}

/* A name is compared row by row. */
static int
add_name(struct search *search, const struct sobject *sobject, const char *name, struct err *err)
{
	struct wanted wanted = {"--name", "name", fold_name(name, strlen(name), search->arena),
	    has_column(sobject, "name")};

	search->name = wanted.value;
	return check(&wanted, sobject, err);
}

static int
add_conditions(struct search *search, const struct sobject *sobject, const struct mirror_find *find,
    struct err *err)
{
	struct arena *arena = search->arena;
	bool email = has_column(sobject, "email");

	if (find->id &&
	    add(search, " AND id = ", sobject,
		(struct wanted){"--id", "Salesforce Id", widened(find->id, arena), true}, err) != 0)
		return -1;
	if (find->email && add(search, " AND email = ", sobject,
			       (struct wanted){"--email", "email address",
				   email_normalize(find->email, strlen(find->email), arena), email},
			       err) != 0)
		return -1;
	if (find->domain &&
	    add(search, " AND email_domain = ", sobject,
		(struct wanted){"--domain", "domain",
		    email_normalize_domain(find->domain, strlen(find->domain), arena), email},
		err) != 0)
		return -1;
	if (find->phone && add_phone(search, sobject, find, err) != 0)
		return -1;
	return find->name ? add_name(search, sobject, find->name, err) : 0;
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

#include "described.h"

#include "rfc3339.h"
#include "sobject.h"

#include <stdlib.h>
#include <string.h>

int
described_put(struct store *store, const struct line *line, struct err *err)
{
	static const char sql[] = "INSERT INTO describe (object, at, line) VALUES (?1, ?2, ?3)"
				  " ON CONFLICT (object) DO UPDATE SET at = ?2, line = ?3";
	const char *name = line_string(line, "object");
	const struct sobject *sobject = name ? sobject_find(name) : NULL;

	if (!sobject)
		return err_set(err, ST_REJECTED, "describe of no object that is known");
	const char *at = line_string(line, "at");
	int64_t at_ms;
	if (!at || rfc3339_parse(at, strlen(at), &at_ms) != 0)
		return err_set(err, ST_REJECTED, "at is no RFC 3339 time");
	if (json_kind(line_get(line, "fields")) != JSON_IS_ARRAY)
		return err_set(err, ST_REJECTED, "describe without fields");
	struct store_query *query = store_query(store, sql, err);
	if (!query)
		return -1;
	store_bind(query, 1, sobject->name);
	store_bind(query, 2, at);
	store_bind_bytes(query, 3, line->text, line->size);
	return store_run(query, err);
}

/* The object's row, stepped to; NULL with err unset if there is none. */
static struct store_query *
find(struct store *store, const char *object, struct err *err)
{
	static const char sql[] = "SELECT at, line FROM describe WHERE object = ?1";
	struct store_query *query = store_query(store, sql, err);

	if (!query)
		return NULL;
	store_bind(query, 1, object);
	return store_step(query, err) == 1 ? query : NULL;
}

int
described_at(struct store *store, const char *object, bool *known, int64_t *at_ms, struct err *err)
{
	struct store_query *query = find(store, object, err);
	size_t size;

	*known = false;
	if (!query)
		return err->status ? -1 : 0;
	const char *text = store_text(query, 0, &size);
	*known = text && rfc3339_parse(text, size, at_ms) == 0;
	store_reset(query);
	return 0;
}

int
described_open(struct store *store, const char *object, struct describe **describe, struct err *err)
{
	struct store_query *query = find(store, object, err);
	struct json body;
	size_t size;

	*describe = NULL;
	if (!query)
		return err->status ? -1 : 0;
	struct arena *arena = arena_open();
	const char *text = store_text(query, 1, &size);
	if (json_check(text, size, arena, &body, err) == 0)
		*describe = describe_open(body);
	arena_close(arena);
	store_reset(query);
	return err->status ? -1 : 0;
}

int
described_put_types(
    struct store *store, const struct fieldmap_object *object, struct buf *json, struct err *err)
{
	struct describe *describe;
	bool any = false;

	if (described_open(store, object->name, &describe, err) != 0)
		return -1;
	for (size_t i = 0; describe && i < object->n_fields; i++) {
		const struct describe_field *field =
		    describe_field(describe, object->fields[i].salesforce);
		if (!field)
			continue;
		if (!any)
			buf_puts(json, ",\"types\":{");
		any = true;
		json_put_member(json, object->fields[i].salesforce, field->type);
	}
	if (any)
		buf_putc(json, '}');
	describe_close(describe);
	return 0;
}

struct known {
	struct store *store;
	struct describe **all; /* of the map's objects, and of what they are created as */
	size_t n;
	struct err err;
};

static const struct describe *
describe_known(void *arg, const char *object)
{
	struct known *known = arg;
	struct describe *describe = NULL;

	for (size_t i = 0; i < known->n; i++)
		if (strcmp(known->all[i]->object, object) == 0)
			return known->all[i];
	if (known->err.status ||
	    described_open(known->store, object, &describe, &known->err) != 0 || !describe)
		return NULL;
	known->all[known->n++] = describe;
	return describe;
}

int
described_check(struct store *store, const struct fieldmap *map, struct err *err)
{
	struct known known = {.store = store};

	known.all = xalloc((2 * map->n_objects + 1) * sizeof(struct describe *));
	int status = fieldmap_check(map, describe_known, &known, err);
	for (size_t i = 0; i < known.n; i++)
		describe_close(known.all[i]);
	free(known.all);
	return known.err.status ? err_set(err, known.err.status, "%s", known.err.text) : status;
}

#include "describe.h"

#include "arena.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static size_t
count(struct json array)
{
	struct json_each each = json_each(array);
	struct json_member member;
	size_t n = 0;

	while (json_next(&each, &member))
		n++;
	return n;
}

/* A copy for good of a string; "" if it is none. */
static char *
copy(struct json value, struct arena *arena)
{
	const char *text = json_decode(value, arena, NULL);

	return xstrdup(text ? text : "");
}

static bool
is_true(struct json object, const char *name)
{
	return json_kind(json_get(object, name)) == JSON_IS_TRUE;
}

static void
read_values(struct json list, struct describe_field *field, struct arena *arena)
{
	struct json_each each = json_each(list);
	struct json_member value;

	field->values = xalloc((count(list) + 1) * sizeof *field->values);
	while (json_next(&each, &value))
		if (json_kind(json_get(value.value, "active")) != JSON_IS_FALSE)
			field->values[field->n_values++] =
			    copy(json_get(value.value, "value"), arena);
}

static void
read_field(struct json from, struct describe_field *field, struct arena *arena)
{
	struct json length = json_get(from, "length");

	*field = (struct describe_field){
	    .name = copy(json_get(from, "name"), arena),
	    .type = copy(json_get(from, "type"), arena),
	    .createable = is_true(from, "createable"),
	    .updateable = is_true(from, "updateable"),
	    .nillable = is_true(from, "nillable"),
	    .defaulted = is_true(from, "defaultedOnCreate"),
	    .external_id = is_true(from, "externalId") || is_true(from, "idLookup"),
	    .restricted = is_true(from, "restrictedPicklist"),
	};
	if (json_kind(length) == JSON_IS_NUMBER)
		field->length = (size_t)strtoul(length.at, NULL, 10);
	read_values(json_get(from, "picklistValues"), field, arena);
}

struct describe *
describe_open(struct json body)
{
	struct json fields = json_get(body, "fields");
	struct json_each each = json_each(fields);
	struct json_member field;

	if (json_kind(fields) != JSON_IS_ARRAY)
		return NULL;
	struct arena *arena = arena_open();
	struct describe *describe = xalloc(sizeof *describe);
	describe->object =
	    copy(json_get(body, json_get(body, "name").at ? "name" : "object"), arena);
	describe->createable = is_true(body, "createable");
	describe->updateable = is_true(body, "updateable");
	describe->deletable = is_true(body, "deletable");
	describe->fields = xalloc((count(fields) + 1) * sizeof *describe->fields);
	while (json_next(&each, &field))
		read_field(field.value, &describe->fields[describe->n_fields++], arena);
	arena_close(arena);
	return describe;
}

void
describe_close(struct describe *describe)
{
	if (!describe)
		return;
	for (size_t i = 0; i < describe->n_fields; i++) {
		struct describe_field *field = &describe->fields[i];
		for (size_t j = 0; j < field->n_values; j++)
			free(field->values[j]);
		free(field->values);
		free(field->name);
		free(field->type);
	}
	free(describe->fields);
	free(describe->object);
	free(describe);
}

const struct describe_field *
describe_field(const struct describe *describe, const char *name)
{
	for (size_t i = 0; i < describe->n_fields; i++)
		if (strcasecmp(describe->fields[i].name, name) == 0)
			return &describe->fields[i];
	return NULL;
}

bool
describe_takes(const struct describe_field *field, const char *value)
{
	for (size_t i = 0; i < field->n_values; i++)
		if (strcmp(field->values[i], value) == 0)
			return true;
	return false;
}

static void
put_true(struct buf *json, const char *name, bool is)
{
	if (!is)
		return;
	json_put_name(json, name);
	buf_puts(json, "true");
}

static void
put_field(struct buf *json, const struct describe_field *field)
{
	buf_puts(json, json->text[json->size - 1] == '[' ? "{" : ",{");
	json_put_member(json, "name", field->name);
	json_put_member(json, "type", field->type);
	if (field->length > 0)
		buf_printf(json, ",\"length\":%zu", field->length);
	put_true(json, "createable", field->createable);
	put_true(json, "updateable", field->updateable);
	put_true(json, "nillable", field->nillable);
	put_true(json, "defaultedOnCreate", field->defaulted);
	put_true(json, "externalId", field->external_id);
	put_true(json, "restrictedPicklist", field->restricted);
	buf_putc(json, '}');
}

void
describe_put(const struct describe *describe, const char *at, struct buf *json)
{
	buf_putc(json, '{');
	json_put_member(json, "kind", "describe");
	json_put_member(json, "object", describe->object);
	json_put_member(json, "at", at);
	put_true(json, "createable", describe->createable);
	put_true(json, "updateable", describe->updateable);
	put_true(json, "deletable", describe->deletable);
	json_put_name(json, "fields");
	buf_putc(json, '[');
	for (size_t i = 0; i < describe->n_fields; i++)
		put_field(json, &describe->fields[i]);
	buf_puts(json, "]}");
}

#include "fieldmap_key.h"

#include "sobject.h"
#include "soql.h"

#include <string.h>

#define MAX_LOCAL_NAME 255

static const char *
kind_name(struct json value)
{
	static const char *const names[] = {
	    "nothing", "null", "false", "true", "a number", "a string", "an array", "an object"};

	return names[json_kind(value)];
}

void
fieldmap_wrong(
    struct fieldmap_reader *reader, const char *key, struct json value, const char *needed)
{
	fieldmap_problem(
	    reader->problems, value.at, "%s: %s is needed, not %s", key, needed, kind_name(value));
}

const char *
fieldmap_shown(struct fieldmap_reader *reader, const char *text)
{
	char out[256];

	diag_escape(out, sizeof out, text, strlen(text));
	return arena_dup(reader->map->arena, out, strlen(out));
}

const char *
fieldmap_text(struct fieldmap_reader *reader, const char *key, struct json value)
{
	const char *text = json_decode(value, reader->map->arena, NULL);

	if (!text)
		fieldmap_wrong(reader, key, value, "a string");
	return text;
}

int
fieldmap_choice(
    struct fieldmap_reader *reader, const char *key, struct json value, const char *const *names)
{
	const char *text = fieldmap_text(reader, key, value);
	struct buf all = {0};

	for (int i = 0; text && names[i]; i++)
		if (strcmp(names[i], text) == 0)
			return i;
	for (int i = 0; names[i]; i++)
		buf_printf(&all, "%s%s", i ? ", " : "", names[i]);
	if (text)
		fieldmap_problem(reader->problems, value.at, "%s: one of %s is needed, not %s", key,
		    all.text, fieldmap_shown(reader, text));
	buf_free(&all);
	return -1;
}

static void
take_bool(struct fieldmap_reader *reader, const char *key, struct json value, bool *into)
{
	enum json_kind kind = json_kind(value);

	if (kind == JSON_IS_TRUE || kind == JSON_IS_FALSE)
		*into = kind == JSON_IS_TRUE;
	else
		fieldmap_wrong(reader, key, value, "true or false");
}

const char *
fieldmap_name(struct fieldmap_reader *reader, const char *key, struct json value)
{
	const char *text = fieldmap_text(reader, key, value);

	if (!text)
		return NULL;
	bool good = *text && strlen(text) <= MAX_LOCAL_NAME;
	for (const char *c = text; *c; c++)
		good = good && (unsigned char)*c >= 0x20 && *c != 0x7f;
	if (!good)
		fieldmap_problem(reader->problems, value.at, "%s: no name: \"%s\"", key,
		    fieldmap_shown(reader, text));
	return good ? text : NULL;
}

const char *
fieldmap_field_name(
    struct fieldmap_reader *reader, const char *object, const char *name, const char *at)
{
	const struct sobject *sobject = sobject_find(object);
	const struct sobject_field *known = sobject ? sobject_field(sobject, name) : NULL;

	if (known)
		return known->name;
	if (soql_name_ok(name) && !strchr(name, '.'))
		return name;
	fieldmap_problem(
	    reader->problems, at, "no field name: \"%s\"", fieldmap_shown(reader, name));
	return NULL;
}

size_t
fieldmap_count(struct json list)
{
	struct json_each each = json_each(list);
	struct json_member member;
	size_t n = 0;

	while (json_next(&each, &member))
		n++;
	return n;
}

bool
fieldmap_is(struct fieldmap_reader *reader, const char *key, struct json value, enum json_kind kind,
    const char *what)
{
	if (json_kind(value) == kind)
		return true;
	fieldmap_wrong(reader, key, value, what);
	return false;
}

static void
take_one(
    struct fieldmap_reader *reader, const struct fieldmap_key *key, struct json value, void *into)
{
	void *place = (char *)into + key->offset;
	const char *name;
	int choice;

	switch (key->takes) {
	case FIELDMAP_TAKES_BOOL:
		take_bool(reader, key->name, value, place);
		break;
	case FIELDMAP_TAKES_CHOICE:
		if ((choice = fieldmap_choice(reader, key->name, value, key->names)) >= 0)
			*(int *)place = choice;
		break;
	case FIELDMAP_TAKES_NAME:
		if ((name = fieldmap_name(reader, key->name, value)))
			*(const char **)place = name;
		break;
	case FIELDMAP_TAKES_OTHER:
		key->take(reader, key->name, value, into);
		break;
	}
}

void
fieldmap_take(struct fieldmap_reader *reader, struct json object, const struct fieldmap_key *keys,
    size_t n, void *into)
{
	struct json_each each = json_each(object);
	struct json_member member;
	const char **names = arena_array(reader->map->arena, n + 1, sizeof *names);

	for (size_t i = 0; i < n; i++)
		names[i] = keys[i].name;
	while (json_next(&each, &member)) {
		const char *name = json_decode(member.name, reader->map->arena, NULL);
		size_t i = 0;
		while (i < n && strcmp(names[i], name) != 0)
			i++;
		if (i == n)
			fieldmap_problem(reader->problems, member.name.at, "no such key: %s%s",
			    fieldmap_shown(reader, name),
			    fieldmap_near(reader->problems, name, names));
	}
	for (size_t i = 0; i < n; i++) {
		struct json value = json_get(object, keys[i].name);
		if (value.at)
			take_one(reader, &keys[i], value, into);
	}
}

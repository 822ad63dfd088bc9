#include "fieldmap_read.h"

#include "fieldmap_create.h"
#include "fieldmap_key.h"
#include "sobject.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define MAX_LIMIT_DIGITS 9

static void
take_field_salesforce(
    struct fieldmap_reader *reader, const char *key, struct json value, void *into)
{
	struct fieldmap_field *field = into;
	const char *text = fieldmap_text(reader, key, value);

	if (text)
		field->salesforce =
		    fieldmap_field_name(reader, reader->object->name, text, value.at);
}

static void
take_field_value(struct fieldmap_reader *reader, const char *key, struct json value, void *into)
{
	static const char *const names[] = {"local_id", "now", NULL};
	struct fieldmap_field *field = into;
	int choice = fieldmap_choice(reader, key, value, names);

	if (choice >= 0)
		field->value = choice == 0 ? FIELDMAP_LOCAL_ID : FIELDMAP_NOW;
	field->external_id = field->value == FIELDMAP_LOCAL_ID;
	field->direction = FIELDMAP_PUSH;
}

static const struct fieldmap_key field_keys[] = {
    {"salesforce", FIELDMAP_TAKES_OTHER, 0, NULL, take_field_salesforce},
    {"local", FIELDMAP_TAKES_NAME, offsetof(struct fieldmap_field, local), NULL, NULL},
    {"value", FIELDMAP_TAKES_OTHER, 0, NULL, take_field_value},
    {"direction", FIELDMAP_TAKES_CHOICE, offsetof(struct fieldmap_field, direction),
	fieldmap_direction_names, NULL},
    {"conflict", FIELDMAP_TAKES_CHOICE, offsetof(struct fieldmap_field, conflict),
	fieldmap_conflict_names, NULL},
    {"enforce", FIELDMAP_TAKES_BOOL, offsetof(struct fieldmap_field, enforce), NULL, NULL},
    {"clear", FIELDMAP_TAKES_BOOL, offsetof(struct fieldmap_field, clear), NULL, NULL},
    {"external_id", FIELDMAP_TAKES_BOOL, offsetof(struct fieldmap_field, external_id), NULL, NULL},
};

/* Keys that would have no effect are problems: whoever wrote them expects one. */
static void
check_field(struct fieldmap_reader *reader, struct json value, const struct fieldmap_field *field)
{
	static const char *const of_values[] = {"conflict", "enforce", "clear"};
	bool has_local = json_kind(json_get(value, "local")) != JSON_IS_ABSENT;
	bool has_value = json_kind(json_get(value, "value")) != JSON_IS_ABSENT;

	if (json_kind(json_get(value, "salesforce")) == JSON_IS_ABSENT)
		fieldmap_problem(reader->problems, value.at, "a field without salesforce");
	if (has_local == has_value)
		fieldmap_problem(reader->problems, value.at, "a field has %s local %s value",
		    has_local ? "both" : "neither", has_local ? "and" : "nor");
	for (size_t i = 0; has_value && i < COUNT(of_values); i++) {
		struct json useless = json_get(value, of_values[i]);
		if (useless.at)
			fieldmap_problem(reader->problems, useless.at,
			    "%s: a field with value has none", of_values[i]);
	}
	if (has_value && field->direction != FIELDMAP_PUSH)
		fieldmap_problem(reader->problems, json_get(value, "direction").at,
		    "direction: a field with value can only be pushed");
	if (field->value != FIELDMAP_LOCAL_ID && json_get(value, "external_id").at)
		fieldmap_problem(reader->problems, json_get(value, "external_id").at,
		    "external_id: only a field whose value is local_id has it");
	if (field->enforce && field->direction == FIELDMAP_TWO_WAY)
		fieldmap_problem(reader->problems, json_get(value, "enforce").at,
		    "enforce: a two-way field has no drift, use conflict");
}

static void
take_fields(struct fieldmap_reader *reader, const char *key, struct json value, void *into)
{
	struct fieldmap_object *object = into;
	struct json_each each = json_each(value);
	struct json_member member;

	if (!fieldmap_is(reader, key, value, JSON_IS_ARRAY, "an array of fields"))
		return;
	if (fieldmap_count(value) > FIELDMAP_MAX_FIELDS) {
		fieldmap_problem(
		    reader->problems, value.at, "%s: more than %d", key, FIELDMAP_MAX_FIELDS);
		return;
	}
	object->fields =
	    arena_array(reader->map->arena, fieldmap_count(value) + 1, sizeof *object->fields);
	while (json_next(&each, &member)) {
		struct fieldmap_field field = {.at = member.value.at,
		    .direction = object->direction,
		    .conflict = object->conflict};
		if (!fieldmap_is(reader, key, member.value, JSON_IS_OBJECT, "an array of objects"))
			continue;
		fieldmap_take(reader, member.value, field_keys, COUNT(field_keys), &field);
		check_field(reader, member.value, &field);
		if (field.salesforce && (field.local || field.value != FIELDMAP_FIELD))
			object->fields[object->n_fields++] = field;
	}
}

static void
take_match(struct fieldmap_reader *reader, const char *key, struct json value, void *into)
{
	struct fieldmap_object *object = into;
	struct json_each each = json_each(value);
	struct json_member member;

	if (!fieldmap_is(reader, key, value, JSON_IS_ARRAY, "an array"))
		return;
	object->n_match = 0;
	while (json_next(&each, &member)) {
		int choice = fieldmap_choice(reader, key, member.value, fieldmap_match_names);
		bool twice = false;
		for (size_t i = 0; i < object->n_match; i++)
			twice = twice || (int)object->match[i] == choice;
		if (twice)
			fieldmap_problem(reader->problems, member.value.at, "%s: %s twice", key,
			    fieldmap_match_names[choice]);
		else if (choice == FIELDMAP_LINK && object->n_match > 0)
			fieldmap_problem(reader->problems, member.value.at,
			    "%s: link comes first: what is linked stays linked", key);
		else if (choice >= 0)
			object->match[object->n_match++] = (enum fieldmap_match)choice;
	}
}

static void
take_limit(struct fieldmap_reader *reader, const char *key, struct json value, void *into)
{
	struct fieldmap_object *object = into;
	bool good = json_kind(value) == JSON_IS_NUMBER && value.size <= MAX_LIMIT_DIGITS;

	for (size_t i = 0; good && i < value.size; i++)
		good = value.at[i] >= '0' && value.at[i] <= '9';
	if (good && *value.at != '0')
		object->limit = strtoull(value.at, NULL, 10);
	else
		fieldmap_problem(
		    reader->problems, value.at, "%s: a whole number of 1 or more is needed", key);
}

/* direction and conflict before fields, which begin with them. */
static const struct fieldmap_key object_keys[] = {
    {"local", FIELDMAP_TAKES_NAME, offsetof(struct fieldmap_object, local), NULL, NULL},
    {"direction", FIELDMAP_TAKES_CHOICE, offsetof(struct fieldmap_object, direction),
	fieldmap_direction_names, NULL},
    {"match", FIELDMAP_TAKES_OTHER, 0, NULL, take_match},
    {"duplicates", FIELDMAP_TAKES_CHOICE, offsetof(struct fieldmap_object, duplicates),
	fieldmap_duplicates_names, NULL},
    {"conflict", FIELDMAP_TAKES_CHOICE, offsetof(struct fieldmap_object, conflict),
	fieldmap_conflict_names, NULL},
    {"limit", FIELDMAP_TAKES_OTHER, 0, NULL, take_limit},
    {"create", FIELDMAP_TAKES_OTHER, 0, NULL, fieldmap_read_create},
    {"fields", FIELDMAP_TAKES_OTHER, 0, NULL, take_fields},
};

static const struct sobject *
known_object(struct fieldmap_reader *reader, const char *name, const char *at)
{
	const struct sobject *sobject = sobject_find(name);
	const char **names = arena_array(reader->map->arena, n_sobjects + 1, sizeof *names);

	for (size_t i = 0; i < n_sobjects; i++)
		names[i] = sobjects[i].name;
	if (!sobject)
		fieldmap_problem(reader->problems, at, "no object %s is known%s",
		    fieldmap_shown(reader, name), fieldmap_near(reader->problems, name, names));
	return sobject;
}

static void
read_object(struct fieldmap_reader *reader, const struct json_member *member)
{
	const char *name = json_decode(member->name, reader->map->arena, NULL);
	const struct sobject *sobject = known_object(reader, name, member->name.at);
	struct fieldmap_object object = {.name = sobject ? sobject->name : name,
	    .local = name,
	    .match = {FIELDMAP_LINK, FIELDMAP_SALESFORCE_ID, FIELDMAP_EMAIL},
	    .n_match = 3,
	    .limit = 400,
	    .at = member->name.at};

	object.create.as = object.name;
	reader->object = &object;
	if (!fieldmap_is(reader, name, member->value, JSON_IS_OBJECT, "an object"))
		return;
	fieldmap_take(reader, member->value, object_keys, COUNT(object_keys), &object);
	const struct fieldmap_field *email = fieldmap_salesforce(&object, "Email");
	if (!json_get(member->value, "match").at && !(email && email->local))
		object.n_match = 2; /* less the email: nobody asked for it */
	if (!json_get(member->value, "fields").at)
		fieldmap_problem(reader->problems, member->name.at, "%s has no fields",
		    fieldmap_shown(reader, name));
	if (sobject)
		reader->map->objects[reader->map->n_objects++] = object;
}

void
fieldmap_read(struct fieldmap *map, struct json root, struct fieldmap_problems *problems)
{
	struct fieldmap_reader reader = {.map = map, .problems = problems};
	struct json_each each = json_each(root);
	struct json_member member;

	if (!fieldmap_is(&reader, "a map", root, JSON_IS_OBJECT, "an object"))
		return;
	map->objects = arena_array(map->arena, fieldmap_count(root) + 1, sizeof *map->objects);
	while (json_next(&each, &member))
		read_object(&reader, &member);
}

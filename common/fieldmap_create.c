#include "fieldmap_create.h"

#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void
take_require(struct fieldmap_reader *reader, const char *key, struct json value, void *into)
{
	struct fieldmap_create *create = into;
	struct json_each each = json_each(value);
	struct json_member member;

	if (!fieldmap_is(reader, key, value, JSON_IS_ARRAY, "an array of fields"))
		return;
	create->require =
	    arena_array(reader->map->arena, fieldmap_count(value) + 1, sizeof *create->require);
	while (json_next(&each, &member)) {
		const char *text = fieldmap_text(reader, key, member.value);
		const char *name =
		    text ? fieldmap_field_name(reader, create->as, text, member.value.at) : NULL;
		if (name)
			create->require[create->n_require++] = name;
	}
}

static bool
is_scalar(struct json value)
{
	return json_kind(value) != JSON_IS_ARRAY && json_kind(value) != JSON_IS_OBJECT;
}

static void
take_when(struct fieldmap_reader *reader, const char *key, struct json value, void *into)
{
	struct fieldmap_create *create = into;
	struct json_each each = json_each(value), items;
	struct json_member member, item;

	if (!fieldmap_is(reader, key, value, JSON_IS_OBJECT, "an object"))
		return;
	create->when =
	    arena_array(reader->map->arena, fieldmap_count(value) + 1, sizeof *create->when);
	while (json_next(&each, &member)) {
		const char *name = fieldmap_name(reader, key, member.name);
		bool good = is_scalar(member.value) || json_kind(member.value) == JSON_IS_ARRAY;
		for (items = json_each(member.value); good && json_next(&items, &item);)
			good = is_scalar(item.value);
		if (!good)
			fieldmap_wrong(reader, key, member.value, "a value or an array of values");
		else if (name)
			create->when[create->n_when++] =
			    (struct fieldmap_when){.local = name, .value = member.value};
	}
}

static void
take_as(struct fieldmap_reader *reader, const char *key, struct json value, void *into)
{
	struct fieldmap_create *create = into;
	const char *own = reader->object->name;
	const char *text = fieldmap_text(reader, key, value);

	if (!text)
		return;
	if (strcasecmp(text, own) == 0)
		create->as = own;
	else if (strcmp(own, "Lead") == 0 && strcasecmp(text, "Opportunity") == 0)
		create->as = "Opportunity";
	else
		fieldmap_problem(reader->problems, value.at, "%s: %s%s is needed, not %s", key, own,
		    strcmp(own, "Lead") == 0 ? " or Opportunity" : "",
		    fieldmap_shown(reader, text));
}

static void
take_record_type(struct fieldmap_reader *reader, const char *key, struct json value, void *into)
{
	struct fieldmap_create *create = into;
	const char *text = fieldmap_text(reader, key, value);

	if (text && (sfid_widen(text, strlen(text), create->record_type) != 0 ||
			!sfid_has_prefix(text, "012"))) {
		fieldmap_problem(reader->problems, value.at,
		    "%s: the Id of a record type (012...) is needed, not %s", key,
		    fieldmap_shown(reader, text));
		create->record_type[0] = '\0';
	}
}

/* {"local":NAME}, {"value":"local_id"}, or a value as it is. */
static bool
read_default(struct fieldmap_reader *reader, const char *key, struct json value,
    struct fieldmap_default *into)
{
	static const char *const names[] = {"local_id", "now", "today", NULL};
	static const enum fieldmap_value values[] = {
	    FIELDMAP_LOCAL_ID, FIELDMAP_NOW, FIELDMAP_TODAY};
	struct json local = json_get(value, "local"), rule = json_get(value, "value");

	if (json_kind(value) != JSON_IS_OBJECT) {
		into->value = FIELDMAP_TEXT;
		into->text = value;
		if (!is_scalar(value) || !json_has(value))
			fieldmap_wrong(reader, key, value, "a value");
		return is_scalar(value) && json_has(value);
	}
	if (fieldmap_count(value) != 1 || (!local.at && !rule.at)) {
		fieldmap_problem(reader->problems, value.at,
		    "%s: a value, or one of local and value is needed", key);
		return false;
	}
	if (local.at)
		return (into->local = fieldmap_name(reader, "local", local)) != NULL;
	int choice = fieldmap_choice(reader, "value", rule, names);
	if (choice >= 0)
		into->value = values[choice];
	return choice >= 0;
}

static void
take_defaults(struct fieldmap_reader *reader, const char *key, struct json value, void *into)
{
	struct fieldmap_create *create = into;
	struct json_each each = json_each(value);
	struct json_member member;

	if (!fieldmap_is(reader, key, value, JSON_IS_OBJECT, "an object"))
		return;
	create->defaults =
	    arena_array(reader->map->arena, fieldmap_count(value) + 1, sizeof *create->defaults);
	while (json_next(&each, &member)) {
		struct fieldmap_default one = {.at = member.name.at};
		const char *text = json_decode(member.name, reader->map->arena, NULL);
		one.salesforce = fieldmap_field_name(reader, create->as, text, member.name.at);
		if (read_default(reader, key, member.value, &one) && one.salesforce)
			create->defaults[create->n_defaults++] = one;
	}
}

static const char *const run_as_names[] = {"integration", "owner", NULL};

/* as first: it says whose fields the others name. */
static const struct fieldmap_key create_salesforce_keys[] = {
    {"as", FIELDMAP_TAKES_OTHER, 0, NULL, take_as},
    {"require", FIELDMAP_TAKES_OTHER, 0, NULL, take_require},
    {"when", FIELDMAP_TAKES_OTHER, 0, NULL, take_when},
    {"record_type", FIELDMAP_TAKES_OTHER, 0, NULL, take_record_type},
    {"fields", FIELDMAP_TAKES_OTHER, 0, NULL, take_defaults},
    {"run_as", FIELDMAP_TAKES_CHOICE, offsetof(struct fieldmap_create, run_as), run_as_names, NULL},
};

static void
take_create_salesforce(
    struct fieldmap_reader *reader, const char *key, struct json value, void *into)
{
	struct fieldmap_create *create = into;

	if (json_kind(value) == JSON_IS_FALSE)
		return;
	if (!fieldmap_is(reader, key, value, JSON_IS_OBJECT, "an object or false"))
		return;
	create->salesforce = true;
	fieldmap_take(reader, value, create_salesforce_keys, COUNT(create_salesforce_keys), create);
}

static const struct fieldmap_key create_keys[] = {
    {"local", FIELDMAP_TAKES_BOOL, offsetof(struct fieldmap_create, local), NULL, NULL},
    {"salesforce", FIELDMAP_TAKES_OTHER, 0, NULL, take_create_salesforce},
};

void
fieldmap_read_create(struct fieldmap_reader *reader, const char *key, struct json value, void *into)
{
	struct fieldmap_object *object = into;

	if (fieldmap_is(reader, key, value, JSON_IS_OBJECT, "an object"))
		fieldmap_take(reader, value, create_keys, COUNT(create_keys), &object->create);
}

#include "pull_fields.h"

#include "json.h"
#include "rfc3339.h"
#include "soql.h"

#include <string.h>
#include <strings.h>

struct pull_fields
pull_fields_begin(const struct sobject *sobject, struct arena *arena)
{
	return (struct pull_fields){.sobject = sobject,
	    .fields = arena_array(arena, PULL_MAX_FIELDS, sizeof(struct pull_field))};
}

static struct pull_field *
find(const struct pull_fields *fields, const char *name, size_t size)
{
	for (size_t i = 0; i < fields->n; i++)
		if (strlen(fields->fields[i].name) == size &&
		    strncasecmp(fields->fields[i].name, name, size) == 0)
			return &fields->fields[i];
	return NULL;
}

int
pull_fields_add(struct pull_fields *fields, const char *name, bool optional, struct err *err)
{
	if (find(fields, name, strlen(name)))
		return 0;
	if (!soql_name_ok(name))
		return err_set(err, ST_USAGE, "no field name: '%s'", name);
	if (fields->n == PULL_MAX_FIELDS)
		return err_set(err, ST_USAGE, "%s: more than %d fields", fields->sobject->name,
		    PULL_MAX_FIELDS);
	fields->fields[fields->n++] = (struct pull_field){.name = name, .optional = optional};
	return 0;
}

/* Without these a record cannot be told from another, put in order, or known to be deleted. */
static bool
is_needed(const struct sobject *sobject, const char *name)
{
	return strcmp(name, "Id") == 0 || strcmp(name, sobject->stamp) == 0 ||
	       strcmp(name, "IsDeleted") == 0;
}

void
pull_fields_add_table(struct pull_fields *fields, bool narrow)
{
	const struct sobject *sobject = fields->sobject;
	struct err ignored = {0}; /* the table holds good names, and few */

	for (size_t i = 0; i < sobject->n_fields; i++)
		if (!narrow || is_needed(sobject, sobject->fields[i].name))
			pull_fields_add(
			    fields, sobject->fields[i].name, sobject->fields[i].optional, &ignored);
	pull_fields_add(fields, sobject->stamp, false, &ignored);
}

/* The JSON text of a watermark, JSON_IS_ABSENT if it is none. */
static struct json
parse(const char *text, struct arena *arena)
{
	struct json value = {0};
	struct err ignored = {0};

	if (!text || json_check(text, strlen(text), arena, &value, &ignored) != 0)
		return (struct json){0};
	return value;
}

static bool
holds(struct json list, const char *name, struct arena *arena)
{
	struct json_each each = json_each(list);
	struct json_member item;

	while (json_next(&each, &item)) {
		const char *text = json_decode(item.value, arena, NULL);
		if (text && strcasecmp(text, name) == 0)
			return true;
	}
	return false;
}

/* One that a watermark says is missing: it is so for a day. */
static void
take_missing(struct pull_fields *fields, struct json entry, int64_t now_ms, struct arena *arena)
{
	size_t name_size, at_size;
	const char *name = json_decode(json_get(entry, "field"), arena, &name_size);
	const char *at = json_decode(json_get(entry, "at"), arena, &at_size);
	const char *edition = json_decode(json_get(entry, "edition"), arena, NULL);
	struct pull_field *field = name ? find(fields, name, name_size) : NULL;
	int64_t at_ms;

	if (!field || !at || rfc3339_parse(at, at_size, &at_ms) != 0 || at_ms > now_ms ||
	    now_ms - at_ms >= RFC3339_DAY_MS)
		return;
	field->missing = true;
	field->checked_ms = at_ms;
	if (edition)
		fields->edition = edition;
}

int
pull_fields_add_watermark(struct pull_fields *fields, const struct watermark *watermark,
    int64_t now_ms, struct arena *arena, struct err *err)
{
	struct json_each each = json_each(parse(watermark->fields, arena));
	struct json_member item;

	while (json_next(&each, &item)) {
		const char *name = json_decode(item.value, arena, NULL);
		if (name && pull_fields_add(fields, name, false, err) != 0)
			return -1;
	}
	each = json_each(parse(watermark->missing, arena));
	while (json_next(&each, &item))
		take_missing(fields, item.value, now_ms, arena);
	return 0;
}

bool
pull_fields_unknown(
    const struct pull_fields *fields, const struct watermark *watermark, struct arena *arena)
{
	struct json known = parse(watermark->fields, arena);

	for (size_t i = 0; i < fields->n; i++)
		if (!fields->fields[i].missing && !holds(known, fields->fields[i].name, arena))
			return true;
	return false;
}

bool
pull_fields_grew(
    const struct pull_fields *fields, const struct watermark *watermark, struct arena *arena)
{
	return pull_fields_unknown(fields, watermark, arena);
}

const char *
pull_fields_stamp(const struct pull_fields *fields)
{
	const struct sobject *sobject = fields->sobject;
	const struct pull_field *field = find(fields, sobject->stamp, strlen(sobject->stamp));

	/* what has no LastModifiedDate is history */
	if (field && field->missing && !sobject_field(sobject, "LastModifiedDate") &&
	    sobject_field(sobject, "CreatedDate"))
		return "CreatedDate";
	return sobject->stamp;
}

static int
mark_missing(struct pull_fields *fields, struct pull_field *field, int64_t now_ms, struct err *err)
{
	field->missing = true;
	field->checked_ms = now_ms;
	if (strcmp(field->name, fields->sobject->stamp) == 0 &&
	    pull_fields_add(fields, pull_fields_stamp(fields), false, err) != 0)
		return -1;
	if (strcmp(field->name, "Id") == 0 || strcmp(field->name, pull_fields_stamp(fields)) == 0)
		return err_set(err, ST_CONFIG, "%s: the user may not see its %s",
		    fields->sobject->name, field->name);
	return 0;
}

int
pull_fields_check(
    struct pull_fields *fields, const struct describe *describe, int64_t now_ms, struct err *err)
{
	for (size_t i = 0; i < fields->n; i++) {
		struct pull_field *field = &fields->fields[i];
		/* of a parent's field describe says nothing */
		field->missing = false;
		if (!strchr(field->name, '.') && !describe_field(describe, field->name) &&
		    mark_missing(fields, field, now_ms, err) != 0)
			return -1;
	}
	return 0;
}

/* Whether a field of a parent, such as Account.Owner.Region__c, goes by that name: that of the field
 * itself, or of a parent. */
static bool
goes_by(const char *path, const char *name, size_t size, bool parent)
{
	for (const char *at = path;; at++) {
		size_t n = strcspn(at, ".");
		bool last = at[n] == '\0';
		if (last != parent && n == size && strncasecmp(at, name, size) == 0)
			return strchr(path, '.') != NULL;
		if (last)
			return false;
		at += n;
	}
}

/* What stands in quotes behind the words; before them stands a piece of the query, which may have
 * quotes too. */
static const char *
quoted(const char *message, const char *words, size_t *size)
{
	const char *at = strstr(message, words);

	if (!at)
		return NULL;
	at += strlen(words);
	*size = strcspn(at, "'");
	return at[*size] ? at : NULL;
}

/* That of a parent goes before one of our own, if it is not our object that lacks it. */
static struct pull_field *
find_named(struct pull_fields *fields, const char *message)
{
	size_t size = 0, entity_size = 0;
	const char *own = fields->sobject->name;
	const char *name = quoted(message, "No such column '", &size);
	const char *parent = name ? NULL : quoted(message, "understand relationship '", &size);
	const char *entity = quoted(message, "' on entity '", &entity_size);
	bool elsewhere =
	    entity && (entity_size != strlen(own) || strncasecmp(entity, own, entity_size) != 0);

	for (size_t i = 0; i < fields->n && (parent || (name && elsewhere)); i++)
		if (!fields->fields[i].missing &&
		    goes_by(fields->fields[i].name, parent ? parent : name, size, parent))
			return &fields->fields[i];
	return name ? find(fields, name, size) : NULL;
}

bool
pull_fields_drop(struct pull_fields *fields, const char *message, int64_t now_ms)
{
	struct err ignored = {0};
	struct pull_field *field = find_named(fields, message);

	if (!field || field->missing)
		return false;
	return mark_missing(fields, field, now_ms, &ignored) == 0;
}

void
pull_fields_put_select(const struct pull_fields *fields, struct buf *soql)
{
	const char *names[PULL_MAX_FIELDS];
	size_t n = 0;

	for (size_t i = 0; i < fields->n; i++)
		if (!fields->fields[i].missing)
			names[n++] = fields->fields[i].name;
	soql_put_select(soql, names, n, fields->sobject->name);
}

static void
put_missing(const struct pull_fields *fields, const struct pull_field *field, struct buf *json)
{
	char at[RFC3339_SIZE];

	buf_puts(json, json->text[json->size - 1] == '[' ? "{" : ",{");
	json_put_member(json, "field", field->name);
	json_put_member(json, "at", rfc3339_format(field->checked_ms, at));
	json_put_member(json, "edition", fields->edition);
	buf_putc(json, '}');
}

void
pull_fields_put_json(const struct pull_fields *fields, struct buf *json)
{
	size_t missing = 0, n = 0;

	json_put_name(json, "fields");
	buf_putc(json, '[');
	for (size_t i = 0; i < fields->n; i++) {
		missing += fields->fields[i].missing;
		if (!fields->fields[i].missing)
			buf_printf(json, "%s\"%s\"", n++ ? "," : "", fields->fields[i].name);
	}
	buf_putc(json, ']');
	if (missing == 0)
		return;
	json_put_name(json, "missing");
	buf_putc(json, '[');
	for (size_t i = 0; i < fields->n; i++)
		if (fields->fields[i].missing)
			put_missing(fields, &fields->fields[i], json);
	buf_putc(json, ']');
}

/* Editions without field-level security hide a field by the page layout. */
static bool
goes_by_layout(const char *edition)
{
	return edition && (strncasecmp(edition, "Professional", 12) == 0 ||
			      strncasecmp(edition, "Group", 5) == 0);
}

void
pull_fields_notice(const struct pull_fields *fields)
{
	struct buf names = {0};
	size_t n = 0;

	for (size_t i = 0; i < fields->n; i++)
		if (fields->fields[i].missing && !fields->fields[i].optional)
			buf_printf(&names, "%s%s", n++ ? ", " : "", fields->fields[i].name);
	if (n > 0 && goes_by_layout(fields->edition))
		diag_notice("error", "INVALID_FIELD", fields->sobject->name,
		    "CRM ERROR: %s fields incorrectly configured. Make sure to include the "
		    "following field in your layout: %s",
		    fields->sobject->name, names.text);
	else if (n > 0)
		diag_notice("error", "INVALID_FIELD", fields->sobject->name,
		    "CRM ERROR: %s fields incorrectly configured. Make sure to configure the "
		    "following field permissions: %s",
		    fields->sobject->name, names.text);
	buf_free(&names);
}

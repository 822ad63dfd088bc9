#include "push_op.h"

#include "fold.h"
#include "push_key.h"
#include "rfc3339.h"
#include "soql.h"

#include <string.h>
#include <strings.h>

const char *const push_kind_names[] = {"none", "create", "upsert", "update", "delete", NULL};

bool
push_op_is(const struct line *line)
{
	return line_is(line, "op") && json_is(line_get(line, "to"), "salesforce") &&
	       !json_has(line_get(line, "result"));
}

static int
read_kind(const struct line *line, struct push_op *op, struct err *err)
{
	struct json kind = line_get(line, "op");

	for (int i = 0; push_kind_names[i]; i++)
		if (json_is(kind, push_kind_names[i])) {
			op->kind = (enum push_kind)i;
			return 0;
		}
	return err_set(err, ST_REJECTED, "op is none of create, update, upsert, delete, none");
}

static int
read_id(const struct line *line, struct push_op *op, struct err *err)
{
	size_t size;
	struct json value = line_get(line, "id");
	const char *text = json_decode(value, line->arena, &size);

	if (json_has(value) && (!text || sfid_widen(text, size, op->id) != 0))
		return err_set(err, ST_REJECTED, "id is no Salesforce Id");
	if (!op->id[0] && (op->kind == PUSH_UPDATE || op->kind == PUSH_DELETE))
		return err_set(err, ST_REJECTED, "%s without id", push_kind_names[op->kind]);
	return 0;
}

/* A value by which a record can be found: no blank, which would find all that have none. */
static bool
is_key(struct json value, struct arena *arena)
{
	size_t size;
	const char *text = json_decode(value, arena, &size);

	if (text)
		fold_trim_span(&text, &size);
	return text ? size > 0 : json_kind(value) == JSON_IS_NUMBER;
}

static int
read_external_id(const struct line *line, struct push_op *op, struct err *err)
{
	struct json external = line_get(line, "external_id");

	if (op->kind != PUSH_UPSERT)
		return 0;
	op->external_field = json_decode(json_get(external, "field"), line->arena, NULL);
	op->external_value = json_get(external, "value");
	if (!op->external_field || !soql_name_ok(op->external_field))
		return err_set(err, ST_REJECTED, "upsert without external_id.field");
	if (!is_key(op->external_value, line->arena))
		return err_set(err, ST_REJECTED, "upsert without external_id.value");
	return 0;
}

static int
read_find(const struct line *line, struct push_op *op, struct err *err)
{
	struct json find = line_get(line, "find");
	struct json_each each = json_each(find);
	struct json_member member;
	bool any = false;

	if (op->kind != PUSH_CREATE || !json_has(find))
		return 0;
	while (json_kind(find) == JSON_IS_OBJECT && json_next(&each, &member)) {
		const char *name = json_decode(member.name, line->arena, NULL);
		if (!soql_name_ok(name) || !is_key(member.value, line->arena))
			return err_set(err, ST_REJECTED,
			    "find needs field names with values that are not blank");
		any = true;
	}
	if (!any)
		return err_set(err, ST_REJECTED, "find names no field");
	op->find = find;
	return 0;
}

static int
read_seen(const struct line *line, struct push_op *op, struct err *err)
{
	size_t size;
	struct json seen = line_get(line, "seen");
	const char *text = json_decode(seen, line->arena, &size);

	if (op->kind != PUSH_UPDATE || !json_has(seen))
		return 0;
	if (!text || rfc3339_parse(text, size, &op->seen_ms) != 0)
		return err_set(err, ST_REJECTED, "seen is no RFC 3339 time");
	op->has_seen = true;
	return 0;
}

static int
read_fields(const struct line *line, struct push_op *op, struct err *err)
{
	struct json_each each;
	struct json_member member;

	op->fields = line_get(line, "fields");
	if (json_has(op->fields) && json_kind(op->fields) != JSON_IS_OBJECT)
		return err_set(err, ST_REJECTED, "fields is no object");
	if ((op->kind == PUSH_CREATE || op->kind == PUSH_UPDATE) && !json_has(op->fields))
		return err_set(err, ST_REJECTED, "%s without fields", push_kind_names[op->kind]);
	each = json_each(op->fields);
	while (json_next(&each, &member)) {
		const char *name = json_decode(member.name, line->arena, NULL);
		if (strcasecmp(name, "Id") == 0 || strcmp(name, "attributes") == 0)
			return err_set(err, ST_REJECTED, "fields may not hold %s", name);
	}
	return 0;
}

int
push_op_read(const struct line *line, struct push_op *op, struct err *err)
{
	size_t size;
	struct json org = line_get(line, "org");
	const char *text = json_decode(org, line->arena, &size);

	*op = (struct push_op){.object = line_string(line, "object")};
	if (read_kind(line, op, err) != 0)
		return -1;
	if (!op->object || !soql_name_ok(op->object) || strchr(op->object, '.'))
		return err_set(err, ST_REJECTED, "op without object");
	if (json_has(org)) {
		char *wide = arena_alloc(line->arena, SFID_SIZE);
		if (!text || sfid_widen(text, size, wide) != 0)
			return err_set(err, ST_REJECTED, "org is no Salesforce Id");
		op->org = wide;
	}
	op->as = line_string(line, "as");
	if (json_has(line_get(line, "as")) && (!op->as || !*op->as))
		return err_set(err, ST_REJECTED, "as is no user's name");
	if (read_id(line, op, err) != 0 || read_external_id(line, op, err) != 0 ||
	    read_find(line, op, err) != 0 || read_seen(line, op, err) != 0)
		return -1;
	return read_fields(line, op, err);
}

void
push_op_put_record(const struct push_op *op, struct buf *json)
{
	struct json_each each = json_each(op->fields);
	struct json_member member;

	buf_printf(json, "{\"attributes\":{\"type\":\"%s\"}", op->object);
	if (op->kind == PUSH_UPDATE)
		buf_printf(json, ",\"id\":\"%s\"", op->id);
	if (op->kind == PUSH_UPSERT) {
		buf_printf(json, ",\"%s\":", op->external_field);
		buf_put(json, op->external_value.at, op->external_value.size);
	}
	while (json_next(&each, &member)) {
		if (op->kind == PUSH_UPSERT && json_is(member.name, op->external_field))
			continue;
		buf_putc(json, ',');
		buf_put(json, member.name.at, member.name.size);
		buf_putc(json, ':');
		buf_put(json, member.value.at, member.value.size);
	}
	buf_putc(json, '}');
}

/* Whether a composite would see a reference in it, which cannot be escaped. */
static bool
looks_like_reference(struct json fields)
{
	for (const char *at = fields.at; at && at + 1 < fields.at + fields.size; at++) {
		if (*at == '@' && (at[1] == '{' || at[1] == '\\'))
			return true;
		if (*at == '\\' && strncmp(at, "\\u0040", 6) == 0)
			return true;
	}
	return false;
}

bool
push_op_is_bare(const struct push_op *op)
{
	return op->kind != PUSH_DELETE &&
	       (looks_like_reference(op->fields) || looks_like_reference(op->external_value));
}

static const char *
fold(const char *name, struct arena *arena)
{
	return fold_case_only(name, strlen(name), arena);
}

const char *
push_op_key(const struct push_op *op, struct arena *arena)
{
	switch (op->kind) {
	case PUSH_UPDATE:
	case PUSH_DELETE:
		return arena_printf(arena, "%s", op->id);
	case PUSH_UPSERT:
		return arena_printf(arena, "%s %s=%s", fold(op->object, arena),
		    fold(op->external_field, arena), push_key_value(op->external_value, arena));
	case PUSH_CREATE:
		if (json_has(op->find))
			return arena_printf(arena, "%s %s", fold(op->object, arena),
			    push_key_find(op->find, arena));
		return NULL;
	default:
		return NULL;
	}
}

const char *
push_op_name(const struct push_op *op, struct arena *arena)
{
	char shown[128] = "";
	size_t size = 0;

	if (op->kind == PUSH_UPSERT) {
		const char *value = json_decode(op->external_value, arena, &size);
		if (!value) {
			value = op->external_value.at;
			size = op->external_value.size;
		}
		return arena_printf(arena, "upsert %s %s=%s", op->object, op->external_field,
		    diag_escape(shown, sizeof shown, value, size));
	}
	return arena_printf(arena, "%s %s%s%s", push_kind_names[op->kind], op->object,
	    op->id[0] ? " " : "", op->id);
}

#include "mirror_value.h"

#include "email.h"
#include "fold.h"
#include "phone.h"
#include "rfc3339.h"
#include "sfid.h"

#include <string.h>

const struct sobject_field *
mirror_field(const struct sobject *sobject, struct json name, size_t *next)
{
	size_t at = *next < sobject->n_fields ? *next : 0;

	for (size_t i = 0; i < sobject->n_fields; i++) {
		if (json_is(name, sobject->fields[at].name)) {
			*next = at + 1;
			return &sobject->fields[at];
		}
		at = at + 1 < sobject->n_fields ? at + 1 : 0;
	}
	return NULL;
}

static int
refuse(const struct sobject_field *field, struct json json, const char *what, struct err *err)
{
	char shown[128];

	diag_escape(shown, sizeof shown, json.at, json.size < 60 ? json.size : 60);
	return err_set(err, ST_REJECTED, "%s is %s: %s", field->name, what, shown);
}

/* A string's text, in place if it has no escapes; a number's, true or false as they are. */
static bool
take_text(struct json json, struct arena *arena, const char **text, size_t *size)
{
	switch (json_kind(json)) {
	case JSON_IS_STRING:
		*text = json.at + 1;
		*size = json.size - 2;
		if (memchr(*text, '\\', *size))
			*text = json_decode(json, arena, size);
		return true;
	case JSON_IS_NUMBER:
	case JSON_IS_TRUE:
	case JSON_IS_FALSE:
		*text = json.at;
		*size = json.size;
		return true;
	default:
		return false;
	}
}

static void
set_text(struct mirror_value *value, const char *text)
{
	value->text = text;
	value->size = text ? strlen(text) : 0;
}

static int
bool_value(const char *text, size_t size, struct mirror_value *value)
{
	value->is_number = true;
	value->number = size == 4 && memcmp(text, "true", 4) == 0;
	return value->number || (size == 5 && memcmp(text, "false", 5) == 0) ? 0 : -1;
}

static int
id_value(const char *text, size_t size, struct arena *arena, struct mirror_value *value)
{
	char id[SFID_SIZE];

	if (sfid_widen(text, size, id) != 0)
		return -1;
	value->text = size == SFID_SIZE - 1 && memcmp(text, id, size) == 0
			  ? text
			  : arena_dup(arena, id, SFID_SIZE - 1);
	value->size = SFID_SIZE - 1;
	return 0;
}

/* A date in a column "at" is its midnight: the column holds times of other objects too. */
static int
time_value(const struct sobject_field *field, const char *text, size_t size, struct arena *arena,
    struct mirror_value *value)
{
	char out[RFC3339_SIZE];
	int64_t ms;

	if (field->type == SOBJECT_DATE) {
		if (rfc3339_parse_date(text, size, &ms) != 0)
			return -1;
		if (strcmp(field->column, "at") == 0)
			rfc3339_format(ms, out);
		else
			rfc3339_format_date(ms, out);
	} else {
		if (rfc3339_parse(text, size, &ms) != 0)
			return -1;
		rfc3339_format_ms(ms, out);
	}
	set_text(value, arena_dup(arena, out, strlen(out)));
	value->number = ms;
	return 0;
}

int
mirror_value(const struct sobject_field *field, struct json json, const char *region,
    struct arena *arena, struct mirror_value *value, struct err *err)
{
	const char *text;
	size_t size;

	*value = (struct mirror_value){.is_number = field->type == SOBJECT_BOOL && field->column &&
						    strcmp(field->column, "is_deleted") == 0};
	if (!json_has(json))
		return 0;
	if (!take_text(json, arena, &text, &size))
		return refuse(field, json, "no plain value", err);
	fold_trim_span(&text, &size);
	if (size == 0)
		return 0;
	switch (field->type) {
	case SOBJECT_TEXT:
		value->text = text;
		value->size = size;
		return 0;
	case SOBJECT_BOOL:
		if (bool_value(text, size, value) != 0)
			return refuse(field, json, "neither true nor false", err);
		return 0;
	case SOBJECT_ID:
		if (id_value(text, size, arena, value) != 0)
			return refuse(field, json, "no Salesforce Id", err);
		return 0;
	case SOBJECT_TIME:
	case SOBJECT_TIME_MS:
		if (time_value(field, text, size, arena, value) != 0)
			return refuse(field, json, "no RFC 3339 time", err);
		return 0;
	case SOBJECT_DATE:
		if (time_value(field, text, size, arena, value) != 0)
			return refuse(field, json, "no date", err);
		return 0;
	case SOBJECT_EMAIL:
		set_text(value, email_normalize(text, size, arena));
		value->domain = value->text ? email_domain(value->text) : NULL;
		return 0;
	case SOBJECT_PHONE:
		set_text(value, phone_normalize(text, size, region, arena));
		return 0;
	}
	return 0;
}

bool
mirror_value_same(const struct mirror_value *a, const struct mirror_value *b)
{
	if (a->is_number || b->is_number)
		return a->is_number == b->is_number && a->number == b->number;
	if (!a->text || !b->text)
		return a->text == b->text;
	return a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
}

int
mirror_value_bind(const struct sobject_field *field, const struct mirror_value *value,
    struct store_query *query, int n)
{
	if (value->is_number)
		store_bind_int(query, n++, value->number);
	else if (value->text)
		store_bind_bytes(query, n++, value->text, value->size);
	else
		store_bind(query, n++, NULL);
	if (!sobject_second(field))
		return n;
	if (field->type == SOBJECT_EMAIL || !value->text) /* without text there is no domain */
		store_bind(query, n++, value->domain);
	else
		store_bind_int(query, n++, value->number);
	return n;
}

#include "fieldvalue.h"

#include "decimal.h"
#include "fold.h"
#include "rfc3339.h"
#include "sfid.h"
#include "sobject.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enum fieldvalue_type type;
} described[] = {
    {"boolean", FIELDVALUE_BOOLEAN},
    {"combobox", FIELDVALUE_TEXT},
    {"currency", FIELDVALUE_NUMBER},
    {"date", FIELDVALUE_DATE},
    {"datetime", FIELDVALUE_TIME},
    {"double", FIELDVALUE_NUMBER},
    {"email", FIELDVALUE_EMAIL},
    {"encryptedstring", FIELDVALUE_TEXT},
    {"id", FIELDVALUE_ID},
    {"int", FIELDVALUE_NUMBER},
    {"long", FIELDVALUE_NUMBER},
    {"multipicklist", FIELDVALUE_MULTI},
    {"percent", FIELDVALUE_NUMBER},
    {"phone", FIELDVALUE_TEXT},
    {"picklist", FIELDVALUE_TEXT},
    {"reference", FIELDVALUE_ID},
    {"string", FIELDVALUE_TEXT},
    {"textarea", FIELDVALUE_TEXT},
    {"url", FIELDVALUE_TEXT},
};

enum fieldvalue_type
fieldvalue_type(const char *name, const char *object, const char *field)
{
	const struct sobject *sobject = name ? NULL : sobject_find(object);
	const struct sobject_field *known = sobject ? sobject_field(sobject, field) : NULL;

	for (size_t i = 0; name && i < sizeof described / sizeof *described; i++)
		if (strcmp(described[i].name, name) == 0)
			return described[i].type;
	if (!known)
		return FIELDVALUE_UNKNOWN;
	switch (known->type) {
	case SOBJECT_ID:
		return FIELDVALUE_ID;
	case SOBJECT_BOOL:
		return FIELDVALUE_BOOLEAN;
	case SOBJECT_TIME:
	case SOBJECT_TIME_MS:
		return FIELDVALUE_TIME;
	case SOBJECT_DATE:
		return FIELDVALUE_DATE;
	case SOBJECT_EMAIL:
		return FIELDVALUE_EMAIL;
	case SOBJECT_PHONE:
		return FIELDVALUE_TEXT;
	case SOBJECT_TEXT: /* the table does not tell an amount from a name */
		break;
	}
	return FIELDVALUE_UNKNOWN;
}

/* The text of a value, trimmed, with single line ends; NULL if nothing is left. */
static const char *
text_of(struct json value, struct arena *arena)
{
	size_t size, n = 0;
	const char *text = json_decode(value, arena, &size);

	if (!json_has(value))
		return NULL;
	if (!text)
		return arena_dup(arena, value.at, value.size);
	fold_trim_span(&text, &size);
	char *out = arena_dup(arena, text, size);
	for (size_t i = 0; i < size; i++)
		if (text[i] != '\r' || i + 1 == size || text[i + 1] != '\n')
			out[n++] = text[i];
	out[n] = '\0';
	return n > 0 ? out : NULL;
}

enum fieldvalue_type
fieldvalue_guess(const struct json *values, size_t n, struct arena *arena)
{
	size_t texts = 0, times = 0;
	bool number = false;
	int64_t ms;

	for (size_t i = 0; i < n; i++) {
		enum json_kind kind = json_kind(values[i]);
		const char *text = kind == JSON_IS_STRING ? text_of(values[i], arena) : NULL;
		if (kind == JSON_IS_TRUE || kind == JSON_IS_FALSE)
			return FIELDVALUE_BOOLEAN;
		number = number || kind == JSON_IS_NUMBER;
		texts += text != NULL;
		times += text && rfc3339_parse(text, strlen(text), &ms) == 0;
	}
	if (number)
		return FIELDVALUE_NUMBER;
	return texts > 0 && times == texts ? FIELDVALUE_TIME : FIELDVALUE_TEXT;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* "b;a; b" as "a;b". */
static const char *
multi_normal(const char *text, struct arena *arena)
{
	const char **parts = arena_array(arena, strlen(text) + 1, sizeof *parts);
	char *copy = arena_dup(arena, text, strlen(text)), *state = NULL;
	struct buf all = {0};
	size_t n = 0;

	for (char *part = strtok_r(copy, ";", &state); part; part = strtok_r(NULL, ";", &state)) {
		const char *begin = part;
		size_t size = strlen(part);
		fold_trim_span(&begin, &size);
		if (size > 0)
			parts[n++] = arena_dup(arena, begin, size);
	}
	if (n > 1)
		qsort(parts, n, sizeof *parts, compare);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || strcmp(parts[i], parts[i - 1]) != 0)
			buf_printf(&all, "%s%s", i ? ";" : "", parts[i]);
	const char *normal = n > 0 ? arena_dup(arena, all.text, all.size) : NULL;
	buf_free(&all);
	return normal;
}

static const char *
boolean_normal(const char *text)
{
	if (strcmp(text, "1") == 0)
		return "true";
	if (strcmp(text, "0") == 0)
		return "false";
	return text;
}

static const char *
lower(const char *text, struct arena *arena)
{
	char *out = arena_dup(arena, text, strlen(text));

	for (char *c = out; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return out;
}

const char *
fieldvalue_normal(struct json value, enum fieldvalue_type type, struct arena *arena)
{
	const char *text = text_of(value, arena), *number;
	char id[SFID_SIZE], date[RFC3339_SIZE];
	int64_t ms;

	if (!text)
		return type == FIELDVALUE_BOOLEAN ? "false" : NULL;
	switch (type) {
	case FIELDVALUE_NUMBER:
		return (number = decimal_normal(text, arena)) ? number : text;
	case FIELDVALUE_BOOLEAN:
		return boolean_normal(lower(text, arena));
	case FIELDVALUE_TIME:
		if (rfc3339_parse(text, strlen(text), &ms) != 0)
			return text;
		return arena_printf(arena, "%" PRId64, (ms - (ms % 1000 + 1000) % 1000) / 1000);
	case FIELDVALUE_DATE:
		if (rfc3339_parse(text, strlen(text), &ms) != 0 || ms % RFC3339_DAY_MS != 0)
			return text;
		return arena_dup(arena, rfc3339_format_date(ms, date), strlen("2026-11-20"));
	case FIELDVALUE_MULTI:
		return multi_normal(text, arena);
	case FIELDVALUE_ID:
		return sfid_widen(text, strlen(text), id) == 0 ? arena_dup(arena, id, strlen(id))
							       : text;
	case FIELDVALUE_EMAIL:
		return lower(text, arena);
	default:
		return text;
	}
}

bool
fieldvalue_same(struct json a, struct json b, enum fieldvalue_type type, struct arena *arena)
{
	const char *one = fieldvalue_normal(a, type, arena);
	const char *other = fieldvalue_normal(b, type, arena);

	return one && other ? strcmp(one, other) == 0 : one == other;
}

/* Whether the text can stand in JSON as a number. */
static bool
is_json_number(const char *text, struct arena *arena)
{
	struct json value;
	struct err ignored = {0};

	return json_check(text, strlen(text), arena, &value, &ignored) == 0 &&
	       json_kind(value) == JSON_IS_NUMBER;
}

void
fieldvalue_put(struct buf *json, struct json value, enum fieldvalue_type type, struct arena *arena)
{
	const char *text = text_of(value, arena), *normal = fieldvalue_normal(value, type, arena);
	enum json_kind kind = json_kind(value);

	if (!normal)
		buf_puts(json, "null");
	else if (type == FIELDVALUE_BOOLEAN &&
		 (strcmp(normal, "true") == 0 || strcmp(normal, "false") == 0))
		buf_puts(json, normal);
	else if (type == FIELDVALUE_NUMBER && kind == JSON_IS_STRING && is_json_number(text, arena))
		buf_puts(json, text);
	else if (type == FIELDVALUE_DATE && kind == JSON_IS_STRING)
		json_put_string(json, normal, strlen(normal));
	else if (type == FIELDVALUE_TEXT && kind != JSON_IS_STRING)
		json_put_string(json, text, strlen(text));
	else
		buf_put(json, value.at, value.size);
}

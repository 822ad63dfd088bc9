#include "push_key.h"

#include "decimal.h"
#include "fold.h"
#include "rfc3339.h"
#include "sfid.h"
#include "soql.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The string's text, trimmed, or that of any other value. */
static const char *
text_of(struct json value, struct arena *arena, size_t *size)
{
	const char *text = json_decode(value, arena, size);

	if (!text) {
		*size = value.at ? value.size : 0;
		return arena_dup(arena, value.at ? value.at : "", *size);
	}
	fold_trim_span(&text, size);
	return arena_dup(arena, text, *size);
}

const char *
push_key_value(struct json value, struct arena *arena)
{
	size_t size;
	int64_t ms;
	char id[SFID_SIZE];
	const char *text = text_of(value, arena, &size), *number;

	if (rfc3339_parse(text, size, &ms) == 0)
		return arena_printf(arena, "%" PRId64, ms);
	if ((number = decimal_normal(text, arena)))
		return number;
	if (sfid_widen(text, size, id) == 0)
		size = 15;
	return fold_case_only(text, size, arena);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *
push_key_find(struct json find, struct arena *arena)
{
	struct json_each each = json_each(find);
	struct json_member member;
	struct buf all = {0};
	size_t n = 0, size;

	while (json_next(&each, &member))
		n++;
	const char **parts = arena_array(arena, n + 1, sizeof *parts);
	each = json_each(find);
	for (n = 0; json_next(&each, &member); n++) {
		const char *name = json_decode(member.name, arena, &size);
		parts[n] = arena_printf(arena, "%s=%s", fold_case_only(name, size, arena),
		    push_key_value(member.value, arena));
	}
	qsort(parts, n, sizeof *parts, compare);
	for (size_t i = 0; i < n; i++)
		buf_printf(&all, "%s%s", i ? "\n" : "", parts[i]);
	const char *key = arena_dup(arena, all.text ? all.text : "", all.size);
	buf_free(&all);
	return key;
}

bool
push_key_same(struct json a, struct json b, struct arena *arena)
{
	size_t m, n;
	int64_t ms, other;
	char id[SFID_SIZE], wide[SFID_SIZE];
	const char *x = text_of(a, arena, &m), *y = text_of(b, arena, &n);

	if (json_kind(a) == JSON_IS_NUMBER || json_kind(b) == JSON_IS_NUMBER) {
		const char *p = decimal_normal(x, arena), *q = decimal_normal(y, arena);
		return p && q && strcmp(p, q) == 0;
	}
	if (json_kind(a) != json_kind(b))
		return false;
	if (sfid_widen(x, m, id) == 0 && sfid_widen(y, n, wide) == 0 && strcmp(id, wide) == 0)
		return true;
	if (rfc3339_parse(x, m, &ms) == 0 && rfc3339_parse(y, n, &other) == 0 && ms == other)
		return true;
	return strcmp(fold_case_only(x, m, arena), fold_case_only(y, n, arena)) == 0;
}

struct json
push_key_field(struct json record, const char *name)
{
	struct json_each each = json_each(record);
	struct json_member member;
	size_t size = strcspn(name, ".");

	while (json_next(&each, &member)) {
		if (member.name.size != size + 2 ||
		    strncasecmp(member.name.at + 1, name, size) != 0)
			continue;
		return name[size] ? push_key_field(member.value, name + size + 1) : member.value;
	}
	return (struct json){0};
}

bool
push_key_is_time(struct json value, struct arena *arena)
{
	size_t size;
	int64_t ms;

	if (json_kind(value) != JSON_IS_STRING)
		return false;
	const char *text = text_of(value, arena, &size);
	return rfc3339_parse(text, size, &ms) == 0 || rfc3339_parse_date(text, size, &ms) == 0;
}

void
push_key_put_literal(struct buf *soql, struct json value, bool as_text, struct arena *arena)
{
	size_t size;
	int64_t ms;

	if (json_kind(value) != JSON_IS_STRING) {
		soql_put_literal(soql, value, arena);
		return;
	}
	const char *text = text_of(value, arena, &size);
	if (!as_text && rfc3339_parse_date(text, size, &ms) == 0)
		buf_put(soql, text, size);
	else if (!as_text && rfc3339_parse(text, size, &ms) == 0)
		soql_put_time(soql, ms);
	else
		soql_put_string(soql, text, size);
}

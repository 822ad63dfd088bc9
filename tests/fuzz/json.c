/* json_check() and jansson take and refuse the same texts, but for what is listed here. */
#include "json.h"
#include "arena.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ASSERT(fact)                                                                               \
	do {                                                                                       \
		if (!(fact))                                                                       \
			abort();                                                                   \
	} while (0)

/* jansson has no numbers beyond its types, nests deeper, and passes over a NUL behind a number. */
static bool
may_differ(bool ours, const struct err *err, const json_error_t *theirs, bool nul)
{
	if (ours)
		return json_error_code(theirs) == json_error_numeric_overflow;
	return nul || strstr(err->text, "nested too deep");
}

/* A string decodes as jansson's, and is the same again once it was written. */
static void
check_string(struct json text, const json_t *string, struct arena *arena)
{
	struct json again;
	struct err err = {0};
	struct buf out = {0};
	size_t size;
	char *decoded = json_decode(text, arena, &size);

	ASSERT(decoded && size == json_string_length(string));
	ASSERT(memcmp(decoded, json_string_value(string), size) == 0);
	json_put_string(&out, decoded, size);
	ASSERT(json_check(out.text, out.size, arena, &again, &err) == 0);
	ASSERT(json_same(again, text) && json_is(text, decoded));
	buf_free(&out);
}

static void
check_value(struct json text, const json_t *value, struct arena *arena)
{
	struct json_each each = json_each(text);
	struct json_member m;
	size_t n = 0;

	ASSERT((json_kind(text) == JSON_IS_OBJECT) == json_is_object(value));
	ASSERT((json_kind(text) == JSON_IS_NUMBER) == json_is_number(value));
	ASSERT((json_kind(text) == JSON_IS_TRUE) == json_is_true(value));
	ASSERT(json_has(text) == !json_is_null(value));
	if (json_is_string(value))
		check_string(text, value, arena);
	while (json_next(&each, &m)) {
		const json_t *inner = json_array_get(value, n++);
		if (json_is_object(value)) {
			char *name = json_decode(m.name, arena, NULL);
			inner = json_object_get(value, name);
			ASSERT(json_get(text, name).at == m.value.at);
		}
		ASSERT(inner);
		check_value(m.value, inner, arena);
	}
	if (json_is_object(value) || json_is_array(value))
		ASSERT(n ==
		       (json_is_object(value) ? json_object_size(value) : json_array_size(value)));
}

static bool
same_span(struct json a, struct json b)
{
	return a.at == b.at && a.size == b.size;
}

/* What json_scan() saw of the outermost object is what is found by looking for it. */
static void
check_scan(const char *text, size_t size, struct json value, struct arena *arena)
{
	struct json_text whole;
	struct json_member m;
	struct err err = {0};
	size_t n = 0, n_items = 0;

	ASSERT(json_scan(text, size, arena, &whole, &err) == 0 && same_span(whole.value, value));
	struct json_each each = json_each(value);
	while (each.object && json_next(&each, &m)) {
		size_t name_size, more = 0;
		const char *name = json_decode(m.name, arena, &name_size);
		ASSERT(n < whole.n_members && same_span(whole.members[n].name, m.name));
		ASSERT(same_span(whole.members[n].value, m.value));
		ASSERT(whole.heads[n++] == json_head(name, name_size, name_size));
		const struct json_member *items = NULL;
		if (json_kind(m.value) == JSON_IS_ARRAY)
			items = json_items(m.value, arena, &more);
		for (size_t i = 0; whole.items && i < more; i++, n_items++) {
			ASSERT(n_items < whole.n_items);
			ASSERT(same_span(items[i].name, whole.items[n_items].name));
			ASSERT(same_span(items[i].value, whole.items[n_items].value));
		}
	}
	ASSERT(n == whole.n_members && (!whole.items || n_items == whole.n_items));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct arena *arena = arena_open();
	struct json value;
	struct err err = {0};
	json_error_t theirs;

	bool ours = json_check(text, size, arena, &value, &err) == 0;
	json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &theirs);
	if (ours != (root != NULL))
		ASSERT(may_differ(ours, &err, &theirs, size && memchr(text, 0, size)));
	else if (ours)
		check_value(value, root, arena);
	if (ours)
		check_scan(text, size, value, arena);
	json_decref(root);
	arena_close(arena);
	return 0;
}

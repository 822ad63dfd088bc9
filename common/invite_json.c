#include "invite_json.h"

#include "diag.h"
#include "invite_google.h"
#include "invite_graph.h"
#include "invite_value.h"
#include "json.h"

#include <string.h>

/* Where in the text we are; at only moves forward. */
struct place {
	const char *at;
	uint64_t line;
};

static uint64_t
line_of(struct place *place, const char *at)
{
	for (; place->at < at; place->at++)
		place->line += *place->at == '\n';
	return place->line;
}

static void read_value(
    struct invite_run *run, struct place *place, struct json value, const char *zone);

/* All that is in a list, or in a map from names; other things among events are passed over. */
static void
read_each(struct invite_run *run, struct place *place, struct json list, bool map, const char *zone)
{
	struct json_each each = json_each(list);

	for (struct json_member item; json_next(&each, &item);) {
		if (!map || google_is(item.value) || graph_is(item.value))
			read_value(run, place, item.value, zone);
		else
			invite_skip(run, line_of(place, item.value.at), "no event");
	}
}

static bool
is_map(struct json object)
{
	struct json_each each = json_each(object);

	for (struct json_member member; json_next(&each, &member);)
		if (google_is(member.value) || graph_is(member.value))
			return true;
	return false;
}

static void
refuse(struct invite_run *run, uint64_t line, struct json value)
{
	struct json error = json_get(value, "error");
	const char *message = value_text(run, json_get(error, "message"));
	char shown[256];

	if (message)
		invite_reject(run, line, "an error answer, no event: %s",
		    diag_escape(shown, sizeof shown, message, strlen(message)));
	else
		invite_reject(run, line, "no event of Google Calendar or Microsoft Graph");
}

static void
read_value(struct invite_run *run, struct place *place, struct json value, const char *zone)
{
	uint64_t line = line_of(place, value.at);
	struct json items = json_get(value, "items"), list = json_get(value, "value");

	if (json_kind(value) == JSON_IS_ARRAY)
		read_each(run, place, value, false, zone);
	else if (json_kind(items) == JSON_IS_ARRAY)
		read_each(run, place, items, false, value_text(run, json_get(value, "timeZone")));
	else if (json_kind(list) == JSON_IS_ARRAY)
		read_each(run, place, list, false, NULL);
	else if (google_is(value))
		google_read(run, line, value, zone);
	else if (graph_is(value))
		graph_read(run, line, value);
	else if (is_map(value))
		read_each(run, place, value, true, zone);
	else
		refuse(run, line, value);
}

static void
read_document(struct invite_run *run, struct place *place, const char *text, size_t size)
{
	struct json value;
	struct err err = {0};

	if (json_check(text, size, run->scratch, &value, &err) == 0)
		read_value(run, place, value, NULL);
	else
		invite_reject(run, line_of(place, text), "%s", err.text);
	arena_reset(run->scratch);
}

/* The size of the object or array that the text begins with, all of it if its end is missing. */
static size_t
document_size(const char *text, size_t size)
{
	size_t depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < size; i++) {
		char c = text[i];
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			depth++;
		else if (!quoted && (c == '}' || c == ']') && --depth == 0)
			return i + 1;
	}
	return size;
}

static size_t
skip_space(const char *text, size_t size)
{
	size_t at = 0;

	while (at < size && strchr(" \t\r\n", text[at]) && text[at])
		at++;
	return at;
}

/* Whether one of the first two lines is a whole object: then each line stands for itself. */
static bool
is_ndjson(struct invite_run *run, const char *text, size_t size)
{
	bool whole = false;

	for (int i = 0; i < 2 && size > 0 && !whole; i++) {
		size_t skip = skip_space(text, size);
		struct json value;
		struct err err = {0};
		text += skip;
		size -= skip;
		const char *newline = memchr(text, '\n', size);
		size_t line = newline ? (size_t)(newline - text) : size;
		whole = line > 0 && *text == '{' &&
			json_check(text, line, run->scratch, &value, &err) == 0;
		text += line;
		size -= line;
	}
	arena_reset(run->scratch);
	return whole;
}

void
invite_json_read(struct invite_run *run, const char *text, size_t size)
{
	struct place place = {text, 1};
	bool lines = is_ndjson(run, text, size);

	for (size_t at = skip_space(text, size); at < size;) {
		const char *newline = lines ? memchr(text + at, '\n', size - at) : NULL;
		size_t one = newline ? (size_t)(newline - text) - at
			     : lines ? size - at
				     : document_size(text + at, size - at);
		read_document(run, &place, text + at, one);
		at += one;
		at += skip_space(text + at, size - at);
	}
}

#include "soql.h"

#include "rfc3339.h"

#include <string.h>

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_word(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

bool
soql_name_ok(const char *name)
{
	if (strlen(name) > 255)
		return false;
	for (;;) {
		if (!is_letter(*name))
			return false;
		while (is_word(*name))
			name++;
		if (*name != '.')
			return *name == '\0';
		name++;
	}
}

void
soql_put_string(struct buf *soql, const char *text, size_t size)
{
	static const char values[] = "\\'\n\r\t\b\f\"", letters[] = "\\'nrtbf\"";

	buf_putc(soql, '\'');
	for (size_t i = 0; i < size; i++) {
		const char *value = text[i] ? strchr(values, text[i]) : NULL;
		if (value)
			buf_printf(soql, "\\%c", letters[value - values]);
		else if ((unsigned char)text[i] < 0x20)
			buf_printf(soql, "\\u%04x", (unsigned)(unsigned char)text[i]);
		else
			buf_putc(soql, text[i]);
	}
	buf_putc(soql, '\'');
}

bool
soql_put_literal(struct buf *soql, struct json value, struct arena *arena)
{
	size_t size;
	const char *text;

	switch (json_kind(value)) {
	case JSON_IS_STRING:
		text = json_decode(value, arena, &size);
		soql_put_string(soql, text, size);
		return true;
	case JSON_IS_NULL:
	case JSON_IS_TRUE:
	case JSON_IS_FALSE:
	case JSON_IS_NUMBER:
		buf_put(soql, value.at, value.size);
		return true;
	default:
		return false;
	}
}

void
soql_put_time(struct buf *soql, int64_t ms)
{
	char text[RFC3339_SIZE];

	buf_puts(soql, rfc3339_format_ms(ms, text));
}

void
soql_put_select(struct buf *soql, const char *const *fields, size_t n, const char *object)
{
	buf_puts(soql, "SELECT ");
	for (size_t i = 0; i < n; i++)
		buf_printf(soql, "%s%s", i ? ", " : "", fields[i]);
	buf_printf(soql, " FROM %s", object);
}

void
soql_put_encoded(struct buf *url, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		char c = text[i];
		if (is_word(c) || c == '-' || c == '.' || c == '~')
			buf_putc(url, c);
		else
			buf_printf(url, "%%%02X", (unsigned)(unsigned char)c);
	}
}

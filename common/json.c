#include "json.h"

#include "json_bytes.h"
#include "utf8.h"

#include <stdint.h>
#include <string.h>

/* Behind the string that begins at at. */
static inline const char *
skip_string(const char *at, const char *end)
{
	for (at = json_skip_text(at + 1, end); at < end && *at != '"';)
		at = json_skip_text(at + 2, end);
	return at + 1;
}

/* Behind the array or object that begins at at, in checked text. */
static const char *
skip_nested(const char *at, const char *end)
{
	size_t depth = 0;

	do {
		switch (*at) {
		case '"':
			at = skip_string(at, end);
			break;
		case '{':
		case '[':
			depth++;
			at++;
			break;
		case '}':
		case ']':
			depth--;
			at++;
			break;
		default:
			at++;
		}
	} while (depth > 0 && at < end);
	return at;
}

static inline const char *
skip_value(const char *at, const char *end)
{
	if (*at == '"')
		return skip_string(at, end);
	if (*at == '{' || *at == '[')
		return skip_nested(at, end);
	while (at<end && * at> ' ' && *at != ',' && *at != '}' && *at != ']')
		at++;
	return at;
}

/* At the next item or member, or the bracket that closes; false there. */
static inline bool
find_next(struct json_each *each)
{
	const char *at = json_skip_space(each->at, each->end);

	if (at < each->end && *at == ',')
		at = json_skip_space(at + 1, each->end);
	each->at = at;
	return at < each->end && *at != ']' && *at != '}';
}

bool
json_next(struct json_each *each, struct json_member *member)
{
	if (!find_next(each))
		return false;
	const char *at = each->at;
	member->name = (struct json){0};
	if (each->object) {
		const char *behind = skip_string(at, each->end);
		member->name = (struct json){at, (size_t)(behind - at)};
		at = json_skip_space(behind, each->end);
		at = json_skip_space(at + 1, each->end); /* the colon */
	}
	each->at = skip_value(at, each->end);
	member->value = (struct json){at, (size_t)(each->at - at)};
	return true;
}

/* The members of an item that is an object. */
static void
add_members(struct json_each *item, struct arena *arena, struct json_member **items, size_t *n,
    size_t *room)
{
	struct json_member m;

	while (json_next(item, &m)) {
		if (*n == *room)
			*items = arena_more(arena, *items, room, 16, sizeof m);
		(*items)[(*n)++] = m;
	}
}

struct json_member *
json_items(struct json value, struct arena *arena, size_t *n)
{
	struct json_each each = json_each(value), item;
	struct json_member *items = NULL, m = {.value = value};
	size_t room = 0;

	*n = 0;
	while (each.object || json_next(&each, &m)) {
		if (*n == room)
			items = arena_more(arena, items, &room, 16, sizeof m);
		items[(*n)++] = m;
		item = json_each(m.value);
		if (item.object)
			add_members(&item, arena, &items, n, &room);
		if (each.object)
			break;
	}
	return items;
}

static size_t
put_utf8(char *out, uint32_t code)
{
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* The value of four hex digits, in checked text. */
static uint32_t
hex4(const char *at)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++) {
		uint32_t c = (unsigned char)at[i];
		value = value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return value;
}

/* The character of the escape whose backslash is at *at; *at is moved behind it. */
static uint32_t
decode_escape(const char **at)
{
	static const char letters[] = "bfnrt", values[] = "\b\f\n\r\t";
	char c = (*at)[1];
	const char *letter = strchr(letters, c);

	if (c != 'u') {
		*at += 2;
		return letter ? (uint32_t)values[letter - letters] : (uint32_t)(unsigned char)c;
	}
	uint32_t code = hex4(*at + 2);
	*at += 6;
	if (code >= 0xd800 && code <= 0xdbff) {
		uint32_t low = hex4(*at + 2);
		*at += 6;
		code = 0x10000 + ((code - 0xd800) << 10 | (low - 0xdc00));
	}
	return code;
}

char *
json_decode(struct json value, struct arena *arena, size_t *size)
{
	if (json_kind(value) != JSON_IS_STRING)
		return NULL;
	const char *at = value.at + 1, *end = value.at + value.size - 1;
	char *out = arena_alloc(arena, (size_t)(end - at) + 1);
	size_t n = 0;

	while (at < end) {
		const char *escape = memchr(at, '\\', (size_t)(end - at));
		size_t plain = (size_t)((escape ? escape : end) - at);
		memcpy(out + n, at, plain);
		n += plain;
		at += plain;
		if (escape)
			n += put_utf8(out + n, decode_escape(&at));
	}
	out[n] = '\0';
	if (size)
		*size = n;
	return out;
}

const char *
json_text(struct json value, struct arena *arena, size_t *size)
{
	if (json_kind(value) != JSON_IS_STRING)
		return NULL;
	const char *at = value.at + 1, *end = value.at + value.size - 1;
	if (json_skip_text(at, end) != end)
		return json_decode(value, arena, size);
	*size = (size_t)(end - at);
	return at;
}

/* The next byte's worth of a string: one plain byte or one decoded escape, as UTF-8. */
static size_t
decode_next(const char **at, char *out)
{
	if (**at == '\\')
		return put_utf8(out, decode_escape(at));
	out[0] = *(*at)++;
	return 1;
}

bool
json_is_text(struct json value, const char *text, size_t size)
{
	const char *at = value.at + 1, *end = value.at + value.size - 1;
	char c[4];

	if ((size_t)(end - at) == size && memcmp(at, text, size) == 0)
		return size == 0 || !memchr(at, '\\', size);
	if (!memchr(at, '\\', (size_t)(end - at)))
		return false;
	while (at < end) {
		size_t n = decode_next(&at, c);
		if (strncmp(text, c, n) != 0)
			return false;
		text += n;
	}
	return *text == '\0';
}

bool
json_same(struct json a, struct json b)
{
	if (!a.at || !b.at)
		return a.at == b.at;
	if (a.size == b.size && memcmp(a.at, b.at, a.size) == 0)
		return true;
	if (json_kind(a) != JSON_IS_STRING || json_kind(b) != JSON_IS_STRING)
		return false;
	const char *x = a.at + 1, *x_end = a.at + a.size - 1;
	const char *y = b.at + 1, *y_end = b.at + b.size - 1;
	while (x < x_end && y < y_end) {
		char c[8], d[8]; /* a whole character and what it took to gather it */
		size_t n = 0, m = 0;
		/* gather whole characters: one side may spell with an escape what the other does not */
		n = decode_next(&x, c);
		m = decode_next(&y, d);
		while (n < m && x < x_end)
			n += decode_next(&x, c + n);
		while (m < n && y < y_end)
			m += decode_next(&y, d + m);
		if (n != m || memcmp(c, d, n) != 0)
			return false;
	}
	return x == x_end && y == y_end;
}

struct json
json_get(struct json object, const char *name)
{
	struct json_each each = json_each(object);
	struct json_member member;

	while (each.object && json_next(&each, &member))
		if (json_is(member.name, name))
			return member.value;
	return (struct json){0};
}

/* What text[0] needs as JSON: itself, an escape, or U+FFFD; the number of bytes used. */
static size_t
put_character(struct buf *buf, const unsigned char *text, size_t size)
{
	static const char letters[] = "bfnrt", values[] = "\b\f\n\r\t";
	unsigned char c = text[0];
	const char *value = c ? strchr(values, c) : NULL;

	if (c == '"' || c == '\\') {
		buf_printf(buf, "\\%c", c);
	} else if (value) {
		buf_printf(buf, "\\%c", letters[value - values]);
	} else if (c == 0) {
		buf_puts(buf, "\xef\xbf\xbd"); /* no string of ours holds a NUL */
	} else if (c < 0x20) {
		buf_printf(buf, "\\u%04x", c);
	} else if (c < 0x80) {
		buf_put(buf, (const char *)text, 1);
	} else {
		size_t n = utf8_length((const char *)text, size);
		if (n > 0) {
			buf_put(buf, (const char *)text, n);
			return n;
		}
		buf_puts(buf, "\xef\xbf\xbd");
	}
	return 1;
}

/* What is behind the plain beginning of a string, and the quote. */
static void
put_rest(struct buf *buf, const char *at, const char *end)
{
	while (at < end) {
		at += put_character(buf, (const unsigned char *)at, (size_t)(end - at));
		const char *plain = json_skip_plain(at, end);
		buf_put(buf, at, (size_t)(plain - at));
		at = plain;
	}
	buf_putc(buf, '"');
}

/* Copies what stands in a string as it is, up to the first byte that does not: how much that was. */
static inline size_t
copy_plain(char *out, const char *text, size_t size)
{
	size_t i = 0;

	for (; size - i >= JSON_STEP; i += JSON_STEP) {
		json_bits special = json_special(text + i, false);
		memcpy(out + i, text + i, JSON_STEP);
		if (special)
			return i + json_first(special);
	}
	if (i > 0 && i < size) { /* the last ones with some that were copied */
		i = size - JSON_STEP;
		json_bits special = json_special(text + i, false);
		memcpy(out + i, text + i, JSON_STEP);
		return special ? i + json_first(special) : size;
	}
	if (size - i >= 8 && json_is_plain8(text) && json_is_plain8(text + size - 8)) {
		memcpy(out, text, 8);
		memcpy(out + size - 8, text + size - 8, 8);
		return size;
	}
	for (; i < size && json_is_plain(text[i]); i++)
		out[i] = text[i];
	return i;
}

void
json_put_string(struct buf *buf, const char *text, size_t size)
{
	buf_reserve(buf, size + 2);
	char *out = buf->text + buf->size;
	*out++ = '"';
	size_t plain = copy_plain(out, text, size);
	buf->size += plain + 1;
	if (plain < size) {
		put_rest(buf, text + plain, text + size);
		return;
	}
	out[size] = '"';
	out[size + 1] = '\0';
	buf->size++;
}

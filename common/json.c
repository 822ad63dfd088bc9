#include "json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Up to so many names in an object are compared each with each; more are sorted. */
#define FEW_NAMES 24

/* A member name, decoded, for finding one twice. */
struct name {
	const char *at;
	size_t size;
	uint64_t head; /* size and first bytes: unequal heads, unequal names */
};

struct frame {
	bool object;
	size_t first_name; /* where this object's names begin in scan.names */
};

struct scan {
	const char *start, *at, *end;
	struct arena *arena;
	struct err *err;
	unsigned depth;
	struct frame frames[JSON_MAX_DEPTH];
	struct name *names;
	size_t n_names, room_names;
	struct json_member *members;
	size_t n_members, room_members;
};

static int
fail(struct scan *s, const char *at, const char *what)
{
	return err_set(
	    s->err, ST_REJECTED, "no JSON: byte %zu: %s", (size_t)(at - s->start) + 1, what);
}

static const char *
skip_space(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
		at++;
	return at;
}

/* Whether any of eight bytes is a quote, a backslash, a control or not ASCII. */
static bool
has_special(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101U, high = 0x8080808080808080U;
	uint64_t quote = w ^ (ones * '"'), backslash = w ^ (ones * '\\');

	return ((w | (w - ones * 0x20) | ((quote - ones) & ~quote) |
		    ((backslash - ones) & ~backslash)) &
		   high) != 0;
}

/* Length of the UTF-8 character at at, 0 if it is none (RFC 3629: no overlong, no surrogate). */
static size_t
utf8_length(const unsigned char *at, size_t room)
{
	unsigned char c = at[0];
	unsigned char low = 0x80, high = 0xbf;
	size_t n;

	if (c >= 0xc2 && c <= 0xdf) {
		n = 2;
	} else if (c >= 0xe0 && c <= 0xef) {
		n = 3;
		low = c == 0xe0 ? 0xa0 : 0x80;
		high = c == 0xed ? 0x9f : 0xbf;
	} else if (c >= 0xf0 && c <= 0xf4) {
		n = 4;
		low = c == 0xf0 ? 0x90 : 0x80;
		high = c == 0xf4 ? 0x8f : 0xbf;
	} else {
		return 0;
	}
	if (room < n || at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

/* Four hex digits, or -1. */
static int
hex4(const char *at, const char *end)
{
	int value = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = at[i];
		int digit = c >= '0' && c <= '9'   ? c - '0'
			    : c >= 'a' && c <= 'f' ? c - 'a' + 10
			    : c >= 'A' && c <= 'F' ? c - 'A' + 10
						   : -1;
		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

/* s->at is at the u of an escape. */
static int
scan_unicode_escape(struct scan *s)
{
	const char *begin = s->at - 1;
	int code = hex4(s->at + 1, s->end);

	if (code < 0)
		return fail(s, begin, "\\u without four hex digits");
	if (code == 0)
		return fail(s, begin, "a NUL in a string");
	s->at += 5;
	if (code >= 0xdc00 && code <= 0xdfff)
		return fail(s, begin, "a lone surrogate");
	if (code < 0xd800 || code > 0xdbff)
		return 0;
	int low = s->end - s->at >= 6 && s->at[0] == '\\' && s->at[1] == 'u'
		      ? hex4(s->at + 2, s->end)
		      : -1;
	if (low < 0xdc00 || low > 0xdfff)
		return fail(s, begin, "a lone surrogate");
	s->at += 6;
	return 0;
}

static int
scan_escape(struct scan *s)
{
	if (++s->at == s->end)
		return fail(s, s->at, "ends in a string");
	if (*s->at == 'u')
		return scan_unicode_escape(s);
	if (*s->at == '\0' || !strchr("\"\\/bfnrt", *s->at))
		return fail(s, s->at - 1, "no such escape");
	s->at++;
	return 0;
}

/* s->at is at the opening quote, and behind the closing one after. */
static int
scan_string(struct scan *s, bool *escaped)
{
	uint64_t word;

	s->at++;
	for (;;) {
		while (s->end - s->at >= 8 && (memcpy(&word, s->at, 8), !has_special(word)))
			s->at += 8;
		if (s->at == s->end)
			return fail(s, s->at, "ends in a string");
		unsigned char c = (unsigned char)*s->at;
		if (c == '"') {
			s->at++;
			return 0;
		}
		if (c == '\\') {
			*escaped = true;
			if (scan_escape(s) != 0)
				return -1;
		} else if (c < 0x20) {
			return fail(
			    s, s->at, c ? "a control character in a string" : "a NUL in a string");
		} else if (c < 0x80) {
			s->at++;
		} else {
			size_t n =
			    utf8_length((const unsigned char *)s->at, (size_t)(s->end - s->at));
			if (n == 0)
				return fail(s, s->at, "invalid UTF-8");
			s->at += n;
		}
	}
}

static const char *
skip_digits(const char *at, const char *end)
{
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at;
}

static int
scan_number(struct scan *s)
{
	const char *at = s->at + (*s->at == '-'), *digits = at;

	at = skip_digits(at, s->end);
	if (at == digits || (*digits == '0' && at - digits > 1))
		return fail(s, s->at, "not a number");
	if (at < s->end && *at == '.') {
		digits = ++at;
		at = skip_digits(at, s->end);
		if (at == digits)
			return fail(s, s->at, "not a number");
	}
	if (at < s->end && (*at == 'e' || *at == 'E')) {
		at++;
		if (at < s->end && (*at == '+' || *at == '-'))
			at++;
		digits = at;
		at = skip_digits(at, s->end);
		if (at == digits)
			return fail(s, s->at, "not a number");
	}
	s->at = at;
	return 0;
}

static int
scan_word(struct scan *s, const char *word)
{
	size_t size = strlen(word);

	if ((size_t)(s->end - s->at) < size || memcmp(s->at, word, size) != 0)
		return fail(s, s->at, "not a value");
	s->at += size;
	return 0;
}

/* A string, number, true, false or null. */
static int
scan_scalar(struct scan *s)
{
	bool escaped = false;

	switch (*s->at) {
	case '"':
		return scan_string(s, &escaped);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	default:
		if (*s->at == '-' || (*s->at >= '0' && *s->at <= '9'))
			return scan_number(s);
		return fail(s, s->at, "not a value");
	}
}

static void *
grow(struct arena *arena, void *old, size_t *room, size_t item)
{
	size_t more = *room ? *room * 2 : 32;
	void *grown = arena_array(arena, more, item);

	if (*room)
		memcpy(grown, old, *room * item);
	*room = more;
	return grown;
}

static void
push_name(struct scan *s, struct json quoted, bool escaped)
{
	struct name name = {.at = quoted.at + 1, .size = quoted.size - 2};

	if (escaped)
		name.at = json_decode(quoted, s->arena, &name.size);
	name.head = name.size;
	for (size_t i = 0; i < 7 && i < name.size; i++)
		name.head = name.head << 8 | (unsigned char)name.at[i];
	if (s->n_names == s->room_names)
		s->names = grow(s->arena, s->names, &s->room_names, sizeof *s->names);
	s->names[s->n_names++] = name;
}

/* The name of a member and its colon. */
static int
scan_name(struct scan *s)
{
	bool escaped = false;
	const char *begin = s->at;

	if (s->at == s->end || *s->at != '"')
		return fail(s, s->at, "expected a member name");
	if (scan_string(s, &escaped) != 0)
		return -1;
	struct json quoted = {begin, (size_t)(s->at - begin)};
	push_name(s, quoted, escaped);
	if (s->depth == 1) {
		if (s->n_members == s->room_members)
			s->members =
			    grow(s->arena, s->members, &s->room_members, sizeof *s->members);
		s->members[s->n_members++] = (struct json_member){.name = quoted};
	}
	s->at = skip_space(s->at, s->end);
	if (s->at == s->end || *s->at != ':')
		return fail(s, s->at, "expected ':'");
	s->at = skip_space(s->at + 1, s->end);
	return 0;
}

static int
compare_names(const void *a, const void *b)
{
	const struct name *x = a, *y = b;

	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return memcmp(x->at, y->at, x->size);
}

static bool
name_twice(struct name *names, size_t n)
{
	if (n > FEW_NAMES) { /* no quadratic time for a hostile line */
		qsort(names, n, sizeof *names, compare_names);
		for (size_t i = 1; i < n; i++)
			if (compare_names(&names[i - 1], &names[i]) == 0)
				return true;
		return false;
	}
	for (size_t i = 1; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (names[i].head == names[j].head &&
			    compare_names(&names[i], &names[j]) == 0)
				return true;
	return false;
}

static int
scan_open(struct scan *s)
{
	if (s->depth == JSON_MAX_DEPTH)
		return fail(s, s->at, "nested too deep");
	s->frames[s->depth++] = (struct frame){.object = *s->at == '{', .first_name = s->n_names};
	s->at = skip_space(s->at + 1, s->end);
	return 0;
}

static int
scan_close(struct scan *s)
{
	struct frame *frame = &s->frames[s->depth - 1];

	if (frame->object &&
	    name_twice(s->names + frame->first_name, s->n_names - frame->first_name))
		return fail(s, s->at, "a member name twice in the object that ends here");
	s->n_names = frame->first_name;
	s->depth--;
	s->at++;
	return 0;
}

/* Behind a value: closes what ends here. 1: a value or member follows, 0: all is closed, or -1. */
static int
scan_behind(struct scan *s)
{
	while (s->depth > 0) {
		struct frame *frame = &s->frames[s->depth - 1];
		s->at = skip_space(s->at, s->end);
		if (s->at < s->end && *s->at == ',') {
			s->at = skip_space(s->at + 1, s->end);
			return 1;
		}
		if (s->at == s->end || *s->at != (frame->object ? '}' : ']'))
			return fail(s, s->at,
			    frame->object ? "expected ',' or '}'" : "expected ',' or ']'");
		if (scan_close(s) != 0)
			return -1;
		if (s->depth == 1 && s->frames[0].object) {
			struct json_member *last = &s->members[s->n_members - 1];
			last->value.size = (size_t)(s->at - last->value.at);
		}
	}
	return 0;
}

/* One step: a scalar, or the opening of an array or object with its first member's name. */
static int
scan_value(struct scan *s)
{
	struct json_member *member = NULL;

	if (s->depth > 0 && s->frames[s->depth - 1].object) {
		if (scan_name(s) != 0)
			return -1;
		if (s->depth == 1) {
			member = &s->members[s->n_members - 1];
			member->value.at = s->at;
		}
	}
	if (s->at == s->end)
		return fail(s, s->at, "ends too early");
	if (*s->at == '{' || *s->at == '[') {
		char close = *s->at == '{' ? '}' : ']';
		if (scan_open(s) != 0)
			return -1;
		if (s->at == s->end || *s->at != close)
			return 1;
		if (scan_close(s) != 0)
			return -1;
	} else if (scan_scalar(s) != 0) {
		return -1;
	}
	if (member)
		member->value.size = (size_t)(s->at - member->value.at);
	return scan_behind(s);
}

int
json_check(const char *text, size_t size, struct arena *arena, struct json *value,
    struct json_member **members, size_t *n_members, struct err *err)
{
	struct scan s = {.start = text, .end = text + size, .arena = arena, .err = err};
	int more;

	s.at = skip_space(text, s.end);
	const char *begin = s.at;
	while ((more = scan_value(&s)) == 1)
		;
	if (more < 0)
		return -1;
	*value = (struct json){begin, (size_t)(s.at - begin)};
	*members = s.members;
	*n_members = s.n_members;
	s.at = skip_space(s.at, s.end);
	if (s.at != s.end)
		return fail(&s, s.at, "more behind the value");
	return 0;
}

enum json_kind
json_kind(struct json value)
{
	if (!value.at)
		return JSON_IS_ABSENT;
	switch (*value.at) {
	case 'n':
		return JSON_IS_NULL;
	case 'f':
		return JSON_IS_FALSE;
	case 't':
		return JSON_IS_TRUE;
	case '"':
		return JSON_IS_STRING;
	case '[':
		return JSON_IS_ARRAY;
	case '{':
		return JSON_IS_OBJECT;
	default:
		return JSON_IS_NUMBER;
	}
}

bool
json_has(struct json value)
{
	return value.at && *value.at != 'n';
}

/* Behind the string that begins at at. */
static const char *
skip_string(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		if (*at == '\\')
			at++;
	return at < end ? at + 1 : end;
}

/* Behind the value that begins at at, in checked text. */
static const char *
skip_value(const char *at, const char *end)
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
			while (depth == 0 && at < end && !strchr(",}] \t\r\n", *at))
				at++;
		}
	} while (depth > 0 && at < end);
	return at;
}

struct json_each
json_each(struct json value)
{
	enum json_kind type = json_kind(value);

	if (type != JSON_IS_OBJECT && type != JSON_IS_ARRAY)
		return (struct json_each){0};
	return (struct json_each){
	    .at = value.at + 1, .end = value.at + value.size - 1, .object = type == JSON_IS_OBJECT};
}

bool
json_next(struct json_each *each, struct json_member *member)
{
	const char *at = skip_space(each->at, each->end);

	if (at < each->end && *at == ',')
		at = skip_space(at + 1, each->end);
	if (at >= each->end)
		return false;
	*member = (struct json_member){0};
	if (each->object) {
		const char *behind = skip_string(at, each->end);
		member->name = (struct json){at, (size_t)(behind - at)};
		at = skip_space(behind, each->end);
		at = skip_space(at + 1, each->end); /* the colon */
	}
	each->at = skip_value(at, each->end);
	member->value = (struct json){at, (size_t)(each->at - at)};
	return true;
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

/* The character of the escape whose backslash is at *at; *at is moved behind it. */
static uint32_t
decode_escape(const char **at, const char *end)
{
	static const char letters[] = "bfnrt", values[] = "\b\f\n\r\t";
	char c = (*at)[1];
	const char *letter = strchr(letters, c);

	if (c != 'u') {
		*at += 2;
		return letter ? (uint32_t)values[letter - letters] : (uint32_t)(unsigned char)c;
	}
	uint32_t code = (uint32_t)hex4(*at + 2, end);
	*at += 6;
	if (code >= 0xd800 && code <= 0xdbff) {
		uint32_t low = (uint32_t)hex4(*at + 2, end);
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
			n += put_utf8(out + n, decode_escape(&at, end));
	}
	out[n] = '\0';
	if (size)
		*size = n;
	return out;
}

/* The next byte's worth of a string: one plain byte or one decoded escape, as UTF-8. */
static size_t
decode_next(const char **at, const char *end, char *out)
{
	if (**at == '\\')
		return put_utf8(out, decode_escape(at, end));
	out[0] = *(*at)++;
	return 1;
}

bool
json_is(struct json value, const char *text)
{
	size_t size = strlen(text);
	char c[4];

	if (json_kind(value) != JSON_IS_STRING)
		return false;
	const char *at = value.at + 1, *end = value.at + value.size - 1;
	if ((size_t)(end - at) == size && memcmp(at, text, size) == 0 && !memchr(at, '\\', size))
		return true;
	if (!memchr(at, '\\', (size_t)(end - at)))
		return false;
	while (at < end) {
		size_t n = decode_next(&at, end, c);
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
		n = decode_next(&x, x_end, c);
		m = decode_next(&y, y_end, d);
		while (n < m && x < x_end)
			n += decode_next(&x, x_end, c + n);
		while (m < n && y < y_end)
			m += decode_next(&y, y_end, d + m);
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
		buf_putc(buf, (char)c);
	} else {
		size_t n = utf8_length(text, size);
		if (n > 0) {
			buf_put(buf, (const char *)text, n);
			return n;
		}
		buf_puts(buf, "\xef\xbf\xbd");
	}
	return 1;
}

void
json_put_string(struct buf *buf, const char *text, size_t size)
{
	size_t i = 0;

	buf_reserve(buf, size + 2);
	buf_putc(buf, '"');
	while (i < size) {
		size_t plain = i;
		while (plain < size && (unsigned char)text[plain] >= 0x20 && text[plain] != '"' &&
		       text[plain] != '\\' && (unsigned char)text[plain] < 0x80)
			plain++;
		buf_put(buf, text + i, plain - i);
		i = plain;
		if (i < size)
			i += put_character(buf, (const unsigned char *)text + i, size - i);
	}
	buf_putc(buf, '"');
}

void
json_put_name(struct buf *buf, const char *name)
{
	char last = buf->size ? buf->text[buf->size - 1] : '\0';

	if (last && last != '{' && last != '[')
		buf_putc(buf, ',');
	json_put_string(buf, name, strlen(name));
	buf_putc(buf, ':');
}

void
json_put_member(struct buf *buf, const char *name, const char *text)
{
	if (!text)
		return;
	json_put_name(buf, name);
	json_put_string(buf, text, strlen(text));
}

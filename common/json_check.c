#include "json.h"
#include "utf8.h"

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
	err_set(s->err, ST_REJECTED, "no JSON: byte %zu: %s", (size_t)(at - s->start) + 1, what);
	return -1;
}

static const char *
skip_space(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
		at++;
	return at;
}

/* The high bit of each of eight bytes that is a quote, a backslash, a control or not ASCII. */
static uint64_t
special_bytes(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101U, high = 0x8080808080808080U;
	uint64_t quote = w ^ (ones * '"'), backslash = w ^ (ones * '\\');

	return (w | (w - ones * 0x20) | ((quote - ones) & ~quote) |
		   ((backslash - ones) & ~backslash)) &
	       high;
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
		uint64_t special = 0;
		while (s->end - s->at >= 8 &&
		       (memcpy(&word, s->at, 8), !(special = special_bytes(word))))
			s->at += 8;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
		if (special) /* the first of them; behind it a borrow may show one that is none */
			s->at += __builtin_ctzll(special) / 8;
#endif
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
			size_t n = utf8_length(s->at, (size_t)(s->end - s->at));
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
	size_t n = s->n_names - frame->first_name;

	if (n > 1 && name_twice(s->names + frame->first_name, n))
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

#include "json.h"
#include "json_bytes.h"
#include "utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Up to so many names in an object are compared each with each; more are sorted. */
#define FEW_NAMES 24
#define FIRST_NAMES 64 /* no more than that needs memory of the arena */
#define HEAD_BYTES 7

/* A member name, decoded, for finding one twice. */
struct name {
	const char *at;
	size_t size;
	uint64_t head; /* size and first bytes: unequal heads, unequal names */
};

struct frame {
	bool object;
	bool maybe_twice;  /* two names share a bit of seen */
	size_t first_name; /* where this object's names begin in scan.names */
	uint64_t seen;     /* a bit for each name's head */
};

/* Each function of the scan takes the place where it begins and gives the one behind what it has
 * read, or NULL with err set. */
struct scan {
	const char *start, *end;
	struct arena *arena;
	struct err *err;
	size_t depth;
	struct name *names;
	size_t n_names, room_names;
	struct json_member *members;
	size_t n_members, room_members;
	struct name first_names[FIRST_NAMES];
	struct frame frames[JSON_MAX_DEPTH];
};

static const char *
fail(struct scan *s, const char *at, const char *what)
{
	err_set(s->err, ST_REJECTED, "no JSON: byte %zu: %s", (size_t)(at - s->start) + 1, what);
	return NULL;
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

/* at is at the backslash, before a u. */
static const char *
scan_unicode_escape(struct scan *s, const char *at)
{
	const char *begin = at;
	int code = hex4(at + 2, s->end);

	if (code < 0)
		return fail(s, begin, "\\u without four hex digits");
	if (code == 0)
		return fail(s, begin, "a NUL in a string");
	at += 6;
	if (code >= 0xdc00 && code <= 0xdfff)
		return fail(s, begin, "a lone surrogate");
	if (code < 0xd800 || code > 0xdbff)
		return at;
	int low = s->end - at >= 6 && at[0] == '\\' && at[1] == 'u' ? hex4(at + 2, s->end) : -1;
	if (low < 0xdc00 || low > 0xdfff)
		return fail(s, begin, "a lone surrogate");
	return at + 6;
}

static const char *
scan_escape(struct scan *s, const char *at)
{
	if (at + 1 == s->end)
		return fail(s, at + 1, "ends in a string");
	if (at[1] == 'u')
		return scan_unicode_escape(s, at);
	if (at[1] == '\0' || !strchr("\"\\/bfnrt", at[1]))
		return fail(s, at, "no such escape");
	return at + 2;
}

/* What is not plain in a string, but for the quote: escapes and characters that are not ASCII. */
static const char *
scan_special(struct scan *s, const char *at, bool *escaped)
{
	if (at == s->end)
		return fail(s, at, "ends in a string");
	if (*at == '\\') {
		*escaped = true;
		return scan_escape(s, at);
	}
	if ((unsigned char)*at < 0x20)
		return fail(s, at, *at ? "a control character in a string" : "a NUL in a string");
	while (at < s->end && (unsigned char)*at >= 0x80) {
		size_t n = utf8_length(at, (size_t)(s->end - at));
		if (n == 0)
			return fail(s, at, "invalid UTF-8");
		at += n;
	}
	return at;
}

/* From behind the opening quote to behind the closing one. */
static inline const char *
scan_string(struct scan *s, const char *at, bool *escaped)
{
	for (;;) {
		at = json_skip_plain(at, s->end);
		if (at < s->end && *at == '"')
			return at + 1;
		at = scan_special(s, at, escaped);
		if (!at)
			return NULL;
	}
}

static const char *
skip_digits(const char *at, const char *end)
{
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at;
}

static const char *
scan_number(struct scan *s, const char *begin)
{
	const char *at = begin + (*begin == '-'), *digits = at;

	at = skip_digits(at, s->end);
	if (at == digits || (*digits == '0' && at - digits > 1))
		return fail(s, begin, "not a number");
	if (at < s->end && *at == '.') {
		digits = ++at;
		at = skip_digits(at, s->end);
		if (at == digits)
			return fail(s, begin, "not a number");
	}
	if (at < s->end && (*at == 'e' || *at == 'E')) {
		at++;
		if (at < s->end && (*at == '+' || *at == '-'))
			at++;
		digits = at;
		at = skip_digits(at, s->end);
		if (at == digits)
			return fail(s, begin, "not a number");
	}
	return at;
}

static inline const char *
scan_word(struct scan *s, const char *at, const char *word)
{
	size_t size = strlen(word);

	if ((size_t)(s->end - at) < size || memcmp(at, word, size) != 0)
		return fail(s, at, "not a value");
	return at + size;
}

/* A string, number, true, false or null. */
static inline const char *
scan_scalar(struct scan *s, const char *at)
{
	bool escaped = false;

	switch (*at) {
	case '"':
		return scan_string(s, at + 1, &escaped);
	case 't':
		return scan_word(s, at, "true");
	case 'f':
		return scan_word(s, at, "false");
	case 'n':
		return scan_word(s, at, "null");
	default:
		if (*at == '-' || (*at >= '0' && *at <= '9'))
			return scan_number(s, at);
		return fail(s, at, "not a value");
	}
}

/* A copy with twice the room. */
static void *
grow(struct arena *arena, void *old, size_t *room, size_t item)
{
	void *grown = arena_array(arena, *room ? *room * 2 : 32, item);

	if (*room)
		memcpy(grown, old, *room * item);
	*room = *room ? *room * 2 : 32;
	return grown;
}

/* The size and the first bytes; room is what may be read from at on. */
static inline uint64_t
name_head(const char *at, size_t size, size_t room)
{
	uint64_t head = 0;

	if (room >= sizeof head)
		memcpy(&head, at, sizeof head);
	else
		memcpy(&head, at, room);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	head = __builtin_bswap64(head);
#endif
	head &= (UINT64_C(1) << 8 * (size < HEAD_BYTES ? size : HEAD_BYTES)) - 1;
	return head | (uint64_t)size << 8 * HEAD_BYTES;
}

static inline void
push_name(struct scan *s, struct json quoted, bool escaped)
{
	struct name name = {.at = quoted.at + 1, .size = quoted.size - 2};
	struct frame *frame = &s->frames[s->depth - 1];
	size_t room = (size_t)(s->end - name.at);

	if (escaped) {
		name.at = json_decode(quoted, s->arena, &name.size);
		room = name.size;
	}
	name.head = name_head(name.at, name.size, room);
	uint64_t bit = UINT64_C(1) << (name.head * UINT64_C(0x9e3779b97f4a7c15) >> 58);
	frame->maybe_twice = frame->maybe_twice || (frame->seen & bit);
	frame->seen |= bit;
	if (s->n_names == s->room_names)
		s->names = grow(s->arena, s->names, &s->room_names, sizeof *s->names);
	s->names[s->n_names++] = name;
}

/* The name of a member and its colon. */
static inline const char *
scan_name(struct scan *s, const char *at)
{
	bool escaped = false;
	const char *begin = at;

	if (at == s->end || *at != '"')
		return fail(s, at, "expected a member name");
	at = scan_string(s, at + 1, &escaped);
	if (!at)
		return NULL;
	struct json quoted = {begin, (size_t)(at - begin)};
	push_name(s, quoted, escaped);
	at = json_skip_space(at, s->end);
	if (at == s->end || *at != ':')
		return fail(s, at, "expected ':'");
	at = json_skip_space(at + 1, s->end);
	if (s->depth == 1) {
		if (s->n_members == s->room_members)
			s->members =
			    grow(s->arena, s->members, &s->room_members, sizeof *s->members);
		s->members[s->n_members++] = (struct json_member){.name = quoted, .value.at = at};
	}
	return at;
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

static inline const char *
scan_open(struct scan *s, const char *at)
{
	if (s->depth == JSON_MAX_DEPTH)
		return fail(s, at, "nested too deep");
	s->frames[s->depth++] = (struct frame){.object = *at == '{', .first_name = s->n_names};
	return json_skip_space(at + 1, s->end);
}

static inline const char *
scan_close(struct scan *s, const char *at)
{
	struct frame *frame = &s->frames[s->depth - 1];

	if (frame->maybe_twice &&
	    name_twice(s->names + frame->first_name, s->n_names - frame->first_name))
		return fail(s, at, "a member name twice in the object that ends here");
	s->n_names = frame->first_name;
	s->depth--;
	return at + 1;
}

/* The value of the outermost object's last member has ended. */
static inline void
end_member(struct scan *s, const char *at)
{
	if (s->depth == 1 && s->frames[0].object) {
		struct json_member *last = &s->members[s->n_members - 1];
		last->value.size = (size_t)(at - last->value.at);
	}
}

/* Behind a value: closes what ends here. To the next value or member, or, with depth 0, the end. */
static inline const char *
scan_behind(struct scan *s, const char *at)
{
	while (s->depth > 0) {
		end_member(s, at);
		bool object = s->frames[s->depth - 1].object;
		at = json_skip_space(at, s->end);
		if (at < s->end && *at == ',')
			return json_skip_space(at + 1, s->end);
		if (at == s->end || *at != (object ? '}' : ']'))
			return fail(s, at, object ? "expected ',' or '}'" : "expected ',' or ']'");
		at = scan_close(s, at);
		if (!at)
			return NULL;
	}
	return at;
}

/* One step: a scalar, or the opening of an array or object, behind a member's name. */
static inline const char *
scan_value(struct scan *s, const char *at)
{
	if (s->depth > 0 && s->frames[s->depth - 1].object) {
		at = scan_name(s, at);
		if (!at)
			return NULL;
	}
	if (at == s->end)
		return fail(s, at, "ends too early");
	if (*at == '{' || *at == '[') {
		char close = *at == '{' ? '}' : ']';
		at = scan_open(s, at);
		if (!at || at == s->end || *at != close)
			return at;
		at = scan_close(s, at);
	} else {
		at = scan_scalar(s, at);
	}
	return at ? scan_behind(s, at) : NULL;
}

int
json_check(const char *text, size_t size, struct arena *arena, struct json *value,
    struct json_member **members, size_t *n_members, struct err *err)
{
	struct scan s; /* its frames and names are set when they are needed */
	const char *at, *begin;

	s.start = text;
	s.end = text + size;
	s.arena = arena;
	s.err = err;
	s.depth = s.n_names = s.n_members = s.room_members = 0;
	s.names = s.first_names;
	s.room_names = FIRST_NAMES;
	s.members = NULL;
	at = begin = json_skip_space(text, s.end);
	do
		at = scan_value(&s, at);
	while (at && s.depth > 0);
	if (!at)
		return -1;
	*value = (struct json){begin, (size_t)(at - begin)};
	*members = s.members;
	*n_members = s.n_members;
	at = json_skip_space(at, s.end);
	return at == s.end || fail(&s, at, "more behind the value") ? 0 : -1;
}

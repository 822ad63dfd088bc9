#include "json.h"
#include "json_bytes.h"
#include "json_names.h"
#include "utf8.h"

#include <stdint.h>
#include <string.h>

/* What is done for each string, in each place where it is: a call would cost as much. */
#define INLINE inline __attribute__((always_inline))

#define ITEMS_MAX 1000 /* that are kept of a text */

/* What is kept of the members or items of an array or object. */
enum keep {
	KEEP_WHOLE, /* around the outermost value */
	KEEP_MEMBERS,
	KEEP_ITEMS,        /* of an array among those members */
	KEEP_ITEM_MEMBERS, /* of an object among those items */
	KEEP_NOTHING,
};

/* Each function of the scan takes the place where it begins and gives the one behind what it has
 * read, or NULL with err set. */
struct scan {
	const char *start, *end;
	struct arena *arena;
	struct err *err;
	struct json_text whole;
	size_t room_members, room_heads, room_items;
	bool many_items;
	struct json_names names;
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
static INLINE const char *
scan_string(struct scan *s, const char *at, bool *escaped)
{
	if (s->end - at >= JSON_STEP) { /* mostly it is short */
		json_bits special = json_special(at, false);
		if (special && at[json_first(special)] == '"')
			return at + json_first(special) + 1;
	}
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
static INLINE const char *
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

static inline void
push_member(struct scan *s, const struct json_member *member, uint64_t head)
{
	struct json_text *whole = &s->whole;

	if (whole->n_members == s->room_members) {
		whole->members = arena_more(
		    s->arena, whole->members, &s->room_members, 32, sizeof *whole->members);
		whole->heads = arena_more(s->arena, whole->heads, &s->room_heads, 32, sizeof head);
	}
	whole->heads[whole->n_members] = head;
	whole->members[whole->n_members++] = *member;
}

static inline void
push_item(struct scan *s, const struct json_member *item)
{
	struct json_text *whole = &s->whole;

	if (whole->n_items == ITEMS_MAX) {
		s->many_items = true;
		return;
	}
	if (whole->n_items == s->room_items)
		whole->items =
		    arena_more(s->arena, whole->items, &s->room_items, 64, sizeof *whole->items);
	whole->items[whole->n_items++] = *item;
}

/* The name of a member and its colon. */
static inline const char *
scan_name(struct scan *s, const char *at, struct json_names_of *names, struct json_member *member,
    uint64_t *head)
{
	bool escaped = false;
	const char *begin = at;

	if (at == s->end || *at != '"')
		return fail(s, at, "expected a member name");
	at = scan_string(s, at + 1, &escaped);
	if (!at)
		return NULL;
	member->name = (struct json){begin, (size_t)(at - begin)};
	*head =
	    json_names_push(&s->names, names, member->name, (size_t)(s->end - begin - 1), escaped);
	at = json_skip_space(at, s->end);
	if (at == s->end || *at != ':')
		return fail(s, at, "expected ':'");
	return json_skip_space(at + 1, s->end);
}

static const char *scan_object(struct scan *s, const char *at, size_t depth, enum keep keep);
static const char *scan_array(struct scan *s, const char *at, size_t depth, enum keep keep);

/* An array or object in so many others; keep: what is kept of the one that it is in. */
static __attribute__((noinline)) const char *
scan_nested(struct scan *s, const char *at, size_t depth, enum keep keep)
{
	if (depth == JSON_MAX_DEPTH)
		return fail(s, at, "nested too deep");
	if (*at == '[')
		return scan_array(
		    s, at, depth + 1, keep == KEEP_MEMBERS ? KEEP_ITEMS : KEEP_NOTHING);
	return scan_object(s, at, depth + 1,
	    keep == KEEP_WHOLE   ? KEEP_MEMBERS
	    : keep == KEEP_ITEMS ? KEEP_ITEM_MEMBERS
				 : KEEP_NOTHING);
}

static INLINE const char *
scan_value(struct scan *s, const char *at, size_t depth, enum keep keep)
{
	if (at == s->end)
		return fail(s, at, "ends too early");
	if (*at == '{' || *at == '[')
		return scan_nested(s, at, depth, keep);
	return scan_scalar(s, at);
}

static const char *
scan_object(struct scan *s, const char *at, size_t depth, enum keep keep)
{
	struct json_names_of names = {.first = s->names.n};
	struct json_member member;
	uint64_t head = 0;

	at = json_skip_space(at + 1, s->end);
	if (at < s->end && *at == '}')
		return at + 1;
	for (;; at = json_skip_space(at + 1, s->end)) {
		at = scan_name(s, at, &names, &member, &head);
		if (!at)
			return NULL;
		member.value.at = at;
		at = scan_value(s, at, depth, keep);
		if (!at)
			return NULL;
		member.value.size = (size_t)(at - member.value.at);
		if (keep == KEEP_MEMBERS)
			push_member(s, &member, head);
		else if (keep == KEEP_ITEM_MEMBERS)
			push_item(s, &member);
		at = json_skip_space(at, s->end);
		if (at == s->end || (*at != ',' && *at != '}'))
			return fail(s, at, "expected ',' or '}'");
		if (*at == '}')
			break;
	}
	if (!json_names_end(&s->names, &names))
		return fail(s, at, "a member name twice in the object that ends here");
	return at + 1;
}

static const char *
scan_array(struct scan *s, const char *at, size_t depth, enum keep keep)
{
	at = json_skip_space(at + 1, s->end);
	if (at < s->end && *at == ']')
		return at + 1;
	for (;; at = json_skip_space(at + 1, s->end)) {
		struct json_member item = {.value.at = at};
		size_t place = s->whole.n_items;
		if (keep == KEEP_ITEMS)
			push_item(s, &item);
		at = scan_value(s, at, depth, keep);
		if (!at)
			return NULL;
		if (keep == KEEP_ITEMS && place < s->whole.n_items)
			s->whole.items[place].value.size = (size_t)(at - item.value.at);
		at = json_skip_space(at, s->end);
		if (at == s->end || (*at != ',' && *at != ']'))
			return fail(s, at, "expected ',' or ']'");
		if (*at == ']')
			return at + 1;
	}
}

int
json_scan(
    const char *text, size_t size, struct arena *arena, struct json_text *whole, struct err *err)
{
	struct scan s; /* its names are set when they are needed */
	const char *at, *begin;

	s.start = text;
	s.end = text + size;
	s.arena = arena;
	s.err = err;
	s.whole = (struct json_text){0};
	s.room_members = s.room_heads = s.room_items = 0;
	s.many_items = false;
	json_names_begin(&s.names, arena);
	at = begin = json_skip_space(text, s.end);
	at = scan_value(&s, at, 0, KEEP_WHOLE);
	if (!at)
		return -1;
	*whole = s.whole;
	whole->value = (struct json){begin, (size_t)(at - begin)};
	if (s.many_items)
		whole->items = NULL;
	at = json_skip_space(at, s.end);
	return at == s.end || fail(&s, at, "more behind the value") ? 0 : -1;
}

int
json_check(const char *text, size_t size, struct arena *arena, struct json *value, struct err *err)
{
	struct json_text whole;

	if (json_scan(text, size, arena, &whole, err) != 0)
		return -1;
	*value = whole.value;
	return 0;
}

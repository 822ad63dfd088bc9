#include "message_mend.h"

#include "buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define MAX_COLONS 200

/* 0 to 63; 64: no digit of base64. */
static uint32_t
digit(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (uint32_t)(at - digits) : 64;
}

/* Whether it is base64 of whole groups; what is not is left to GMime, which joins it to the next. */
static bool
is_whole(const char *text, size_t size)
{
	size_t n = size;

	while (n > 0 && size - n < 2 && text[n - 1] == '=')
		n--;
	for (size_t i = 0; i < n; i++)
		if (digit(text[i]) == 64)
			return false;
	return size > 0 && size % 4 == 0;
}

/* =E3=81=82 */
static void
put_q(struct buf *out, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i += 4) {
		uint32_t group = 0;
		int bytes = text[i + 2] == '=' ? 1 : text[i + 3] == '=' ? 2 : 3;
		for (size_t j = 0; j < 4; j++)
			group = group << 6 | (digit(text[i + j]) & 63);
		for (int j = 0; j < bytes; j++)
			buf_printf(out, "=%02X", group >> (16 - 8 * j) & 0xff);
	}
}

/* The encoded word that begins here, as Q; its length, 0 if it is none of B. */
static size_t
put_word(struct buf *out, const char *text)
{
	size_t charset = strcspn(text + 2, "? \t");

	if (charset == 0 || text[2 + charset] != '?' ||
	    (text[3 + charset] != 'B' && text[3 + charset] != 'b') || text[4 + charset] != '?')
		return 0;
	const char *body = text + 2 + charset + 3;
	size_t size = strcspn(body, "? \t");
	if (body[size] != '?' || body[size + 1] != '=' || !is_whole(body, size))
		return 0;
	buf_put(out, text, 2 + charset);
	buf_puts(out, "?Q?");
	put_q(out, body, size);
	buf_puts(out, "?=");
	return (size_t)(body - text) + size + 2;
}

/* How many comments are open at the end. */
static size_t
open_comments(const char *text)
{
	size_t depth = 0;
	bool quoted = false;

	for (const char *at = text; *at; at++) {
		if (*at == '\\' && at[1])
			at++;
		else if (*at == '"' && depth == 0)
			quoted = !quoted;
		else if (*at == '(' && !quoted)
			depth++;
		else if (*at == ')' && !quoted && depth > 0)
			depth--;
	}
	return depth;
}

static void
put_words(struct buf *out, const char *text)
{
	while (*text) {
		const char *next = strstr(text, "=?");
		size_t n = next ? (size_t)(next - text) : strlen(text);
		buf_put(out, text, n);
		text += n;
		if (!next)
			break;
		size_t word = put_word(out, text);
		if (word == 0)
			buf_put(out, text, word = 2);
		text += word;
	}
}

static char *
keep(struct buf *text, struct arena *arena)
{
	char *kept = arena_dup(arena, text->text ? text->text : "", text->size);

	buf_free(text);
	return kept;
}

char *
message_mend_words(const char *text, struct arena *arena)
{
	struct buf out = {0};

	put_words(&out, text);
	return keep(&out, arena);
}

char *
message_mend_addresses(const char *text, struct arena *arena)
{
	struct buf out = {0};
	size_t colons = 0;

	put_words(&out, text);
	for (size_t i = 0; i < out.size; i++)
		if (out.text[i] == ':' && ++colons > MAX_COLONS)
			out.text[i] = ',';
	for (size_t open = open_comments(out.text ? out.text : ""); open > 0; open--)
		buf_putc(&out, ')');
	return keep(&out, arena);
}

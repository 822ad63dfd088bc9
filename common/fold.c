#include "fold.h"

#include "buf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <utf8proc.h>

#define REPLACEMENT 0xfffd

/* The White_Space property; it is not the category Z alone, and utf8proc does not have it. */
static bool
is_space(utf8proc_int32_t c)
{
	return (c >= 0x09 && c <= 0x0d) || c == 0x20 || c == 0x85 || c == 0xa0 || c == 0x1680 ||
	       (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
	       c == 0x205f || c == 0x3000;
}

static bool
is_letter(utf8proc_int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

static bool
is_mark(utf8proc_int32_t c)
{
	utf8proc_category_t category = utf8proc_category(c);

	return category >= UTF8PROC_CATEGORY_MN && category <= UTF8PROC_CATEGORY_ME;
}

/* The character at text and how many bytes it takes. */
static size_t
next_char(const char *text, size_t size, utf8proc_int32_t *c)
{
	const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text;
	utf8proc_ssize_t n = utf8proc_iterate(bytes, (utf8proc_ssize_t)size, c);

	if (n > 0)
		return (size_t)n;
	*c = REPLACEMENT;
	return 1;
}

static void
put_char(struct buf *out, utf8proc_int32_t c)
{
	utf8proc_uint8_t bytes[4];
	utf8proc_ssize_t n = utf8proc_encode_char(c, bytes);

	buf_put(out, (const char *)bytes, (size_t)n);
}

/* The last character and how many bytes it takes. */
static size_t
last_char(const char *text, size_t size, utf8proc_int32_t *c)
{
	size_t i = size - 1;

	while (i > 0 && size - i < 4 && ((unsigned char)text[i] & 0xc0) == 0x80)
		i--;
	if (next_char(text + i, size - i, c) == size - i)
		return size - i;
	*c = REPLACEMENT;
	return 1;
}

/* ASCII, and no space. */
static bool
is_plain(char c)
{
	return c > ' ' && c < 0x7f;
}

void
fold_trim_span(const char **text, size_t *size)
{
	utf8proc_int32_t c;
	size_t n;

	if (*size > 0 && is_plain((*text)[0]) && is_plain((*text)[*size - 1]))
		return;
	for (; *size > 0; *text += n, *size -= n) {
		n = next_char(*text, *size, &c);
		if (!is_space(c))
			break;
	}
	for (; *size > 0; *size -= n) {
		n = last_char(*text, *size, &c);
		if (!is_space(c))
			break;
	}
}

bool
fold_has_space(const char *text, size_t size)
{
	utf8proc_int32_t c;

	for (size_t i = 0, n; i < size; i += n) {
		n = next_char(text + i, size - i, &c);
		if (is_space(c))
			return true;
	}
	return false;
}

char *
fold_trim(const char *text, size_t size, struct arena *arena)
{
	fold_trim_span(&text, &size);
	return size > 0 ? arena_dup(arena, text, size) : NULL;
}

/* The character decomposed as the options say, without its marks. */
static void
put_decomposed(struct buf *out, utf8proc_int32_t c, utf8proc_option_t options)
{
	utf8proc_int32_t parts[32];
	int boundary = UTF8PROC_BOUNDCLASS_START;
	utf8proc_ssize_t n = utf8proc_decompose_char(c, parts, 32, options, &boundary);

	if (n < 0 || n > 32) { /* none is this long; an unassigned one stays as it is */
		parts[0] = c;
		n = 1;
	}
	for (utf8proc_ssize_t i = 0; i < n; i++)
		if (!is_mark(parts[i]))
			put_char(out, parts[i]);
}

static void
put_all_decomposed(struct buf *out, const char *text, size_t size, utf8proc_option_t options)
{
	utf8proc_int32_t c;

	for (size_t i = 0, n; i < size; i += n) {
		if ((unsigned char)text[i] < 0x80) { /* most of most names: as it is, or lowered */
			bool upper =
			    text[i] >= 'A' && text[i] <= 'Z' && options & UTF8PROC_CASEFOLD;
			char lower[2] = {(char)(text[i] | 0x20), text[i]};
			buf_put(out, &lower[!upper], 1);
			n = 1;
			continue;
		}
		n = next_char(text + i, size - i, &c);
		put_decomposed(out, c, options);
	}
}

/* Marks go before folding, which would make a letter of U+0345; and those that folding brings go
 * as well, so that the order in which a source composed its text does not matter. */
static void
fold_case(struct buf *out, const char *text, size_t size)
{
	struct buf decomposed = {0};

	put_all_decomposed(&decomposed, text, size, UTF8PROC_DECOMPOSE);
	buf_clear(out);
	put_all_decomposed(out, decomposed.text, decomposed.size,
	    (utf8proc_option_t)(UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD));
	buf_free(&decomposed);
}

/* One space for each run of white space, none at the ends. */
static void
squeeze(struct buf *out, const char *text, size_t size)
{
	utf8proc_int32_t c;
	bool gap = false;

	buf_clear(out);
	for (size_t i = 0, n; i < size; i += n) {
		n = next_char(text + i, size - i, &c);
		if (is_space(c)) {
			gap = out->size > 0;
			continue;
		}
		if (gap)
			buf_putc(out, ' ');
		gap = false;
		put_char(out, c);
	}
}

/* The size without a last "(...)", whose brackets pair, and the space before it. */
static size_t
without_bracket(const char *text, size_t size)
{
	size_t depth = 0;
	size_t i = size;

	if (size == 0 || text[size - 1] != ')')
		return size;
	while (i > 0) {
		i--;
		depth += text[i] == ')';
		depth -= text[i] == '(';
		if (depth == 0)
			return i > 0 && text[i - 1] == ' ' ? i - 1 : i;
	}
	return size;
}

static bool
has_letter(const char *text, size_t size)
{
	utf8proc_int32_t c;

	for (size_t i = 0, n; i < size; i += n) {
		n = next_char(text + i, size - i, &c);
		if (is_letter(c))
			return true;
	}
	return false;
}

static char *
fold_unicode(const char *text, size_t size, struct arena *arena)
{
	struct buf folded = {0};
	struct buf squeezed = {0};
	char *name = NULL;

	fold_case(&folded, text, size);
	squeeze(&squeezed, folded.text, folded.size);
	size_t rest = without_bracket(squeezed.text, squeezed.size);
	if (has_letter(squeezed.text, rest))
		name = arena_dup(arena, squeezed.text, rest);
	buf_free(&folded);
	buf_free(&squeezed);
	return name;
}

/* The same by simpler means where all is ASCII, as most names are: -1 if not; else the size. */
static ssize_t
fold_ascii(const char *text, size_t size, char *out)
{
	bool gap = false, letter = false;
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		char c = text[i];
		if ((unsigned char)c >= 0x80)
			return -1;
		if (c == ' ' || (c >= '\t' && c <= '\r')) {
			gap = n > 0;
			continue;
		}
		if (gap)
			out[n++] = ' ';
		gap = false;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		out[n++] = c;
	}
	n = without_bracket(out, n);
	for (size_t i = 0; i < n && !letter; i++)
		letter = out[i] >= 'a' && out[i] <= 'z';
	return letter ? (ssize_t)n : 0;
}

char *
fold_name(const char *text, size_t size, struct arena *arena)
{
	char *ascii = arena_alloc(arena, size + 1);
	ssize_t n = fold_ascii(text, size, ascii);

	if (n < 0)
		return fold_unicode(text, size, arena);
	ascii[n] = '\0';
	return n > 0 ? ascii : NULL;
}

char *
fold_case_only(const char *text, size_t size, struct arena *arena)
{
	utf8proc_uint8_t *folded = NULL;
	utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)size,
	    &folded, (utf8proc_option_t)(UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD));
	char *out = n < 0 ? arena_dup(arena, text, size)
			  : arena_dup(arena, (const char *)folded, (size_t)n);

	free(folded);
	return out;
}

size_t
fold_words(const char *folded)
{
	size_t words = folded && *folded ? 1 : 0;

	for (; folded && *folded; folded++)
		words += *folded == ' ';
	return words;
}

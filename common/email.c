#include "email.h"

#include "fold.h"
#include "table.h"

#include <errno.h>
#include <idn2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_FREEMAIL_LINE 1024

static const char *const built_in[] = {
#include "freemail.inc"
};

struct freemail {
	struct arena *arena;
	char **domains;
	size_t n_domains;
	size_t room;
	struct table by_name;
};

static bool
is_ascii(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)text[i] > 0x7f)
			return false;
	return true;
}

/* What no address has unless it is quoted, which nobody does: there would be text around one. */
static bool
has_stranger(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)text[i] < ' ' || strchr("<>\x7f", text[i]))
			return true;
	return fold_has_space(text, size);
}

static char *
lower_ascii(char *text)
{
	for (char *c = text; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return text;
}

/* Sources nest them in every order: " <mailto:a@x.com>", "mailto:<a@x.com>". */
static void
unwrap(const char **text, size_t *size)
{
	for (size_t before = *size + 1; *size < before;) {
		before = *size;
		fold_trim_span(text, size);
		if (*size >= 2 && (*text)[0] == '<' && (*text)[*size - 1] == '>') {
			*text += 1;
			*size -= 2;
		} else if (*size >= 7 && strncasecmp(*text, "mailto:", 7) == 0) {
			*text += 7;
			*size -= 7;
		}
	}
}

/* The A-labels of a domain that is not ASCII, or NULL. */
static char *
a_labels(const char *domain, struct arena *arena)
{
	uint8_t *ascii = NULL;
	int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;

	if (idn2_lookup_u8((const uint8_t *)domain, &ascii, flags) != IDN2_OK)
		return NULL;
	char *copy = arena_dup(arena, (char *)ascii, strlen((char *)ascii));
	idn2_free(ascii);
	return copy;
}

/* The mapping before A-labels turns a full-width @ or space into a plain one: look again. */
static char *
normalize_domain(const char *text, size_t size, struct arena *arena)
{
	char *domain = arena_dup(arena, text, size);

	if (!is_ascii(text, size))
		domain = a_labels(domain, arena);
	if (!domain)
		return NULL;
	size = strlen(domain);
	while (size > 0 && domain[size - 1] == '.')
		domain[--size] = '\0';
	if (size == 0 || has_stranger(domain, size) || strchr(domain, '@'))
		return NULL;
	return lower_ascii(domain);
}

/* 1: a small letter, a digit, or one of . _ + - */
static const unsigned char usual_letters[256] = {['a'] = 1,
    ['b'] = 1,
    ['c'] = 1,
    ['d'] = 1,
    ['e'] = 1,
    ['f'] = 1,
    ['g'] = 1,
    ['h'] = 1,
    ['i'] = 1,
    ['j'] = 1,
    ['k'] = 1,
    ['l'] = 1,
    ['m'] = 1,
    ['n'] = 1,
    ['o'] = 1,
    ['p'] = 1,
    ['q'] = 1,
    ['r'] = 1,
    ['s'] = 1,
    ['t'] = 1,
    ['u'] = 1,
    ['v'] = 1,
    ['w'] = 1,
    ['x'] = 1,
    ['y'] = 1,
    ['z'] = 1,
    ['0'] = 1,
    ['1'] = 1,
    ['2'] = 1,
    ['3'] = 1,
    ['4'] = 1,
    ['5'] = 1,
    ['6'] = 1,
    ['7'] = 1,
    ['8'] = 1,
    ['9'] = 1,
    ['.'] = 1,
    ['_'] = 1,
    ['+'] = 1,
    ['-'] = 1};

/* Whether it is in normal form beyond doubt, as most are: letters, digits and . _ + - around an @. */
static bool
is_normal(const char *text, size_t size)
{
	size_t i = 0;

	while (i < size && usual_letters[(unsigned char)text[i]] == 1)
		i++;
	if (i == 0 || i + 1 >= size || text[i] != '@' || text[size - 1] == '.')
		return false;
	for (i++; i < size && usual_letters[(unsigned char)text[i]] == 1;)
		i++;
	return i == size;
}

char *
email_normalize(const char *text, size_t size, struct arena *arena)
{
	if (is_normal(text, size))
		return arena_dup(arena, text, size);
	unwrap(&text, &size);
	const char *at = size > 0 ? memchr(text, '@', size) : NULL;
	if (!at || at == text || has_stranger(text, size))
		return NULL;
	size_t local = (size_t)(at - text);
	char *domain = normalize_domain(at + 1, size - local - 1, arena);
	if (!domain)
		return NULL;
	size_t domain_size = strlen(domain);
	char *email = arena_alloc(arena, local + 1 + domain_size + 1);
	memcpy(email, text, local + 1);
	memcpy(email + local + 1, domain, domain_size + 1);
	return lower_ascii(email);
}

const char *
email_domain(const char *email)
{
	return strchr(email, '@') + 1;
}

char *
email_normalize_domain(const char *text, size_t size, struct arena *arena)
{
	fold_trim_span(&text, &size);
	return normalize_domain(text, size, arena);
}

static const char *
domain_key(const void *arg, uint32_t n)
{
	return ((const struct freemail *)arg)->domains[n];
}

static void
add_domain(struct freemail *freemail, char *domain)
{
	if (freemail->n_domains == freemail->room) {
		freemail->room = freemail->room * 2 + 64;
		freemail->domains =
		    xrealloc(freemail->domains, freemail->room * sizeof *freemail->domains);
	}
	freemail->domains[freemail->n_domains] = domain;
	table_put(&freemail->by_name, (uint32_t)freemail->n_domains++);
}

/* A line without its remark: nothing, or a domain. */
static int
add_line(struct freemail *freemail, const char *line)
{
	size_t size = strcspn(line, "#\r\n");

	fold_trim_span(&line, &size);
	if (size == 0)
		return 0;
	char *domain = email_normalize_domain(line, size, freemail->arena);
	if (!domain || !strchr(domain, '.'))
		return -1;
	add_domain(freemail, domain);
	return 0;
}

static int
read_lines(struct freemail *freemail, FILE *file, const char *path, struct err *err)
{
	char line[MAX_FREEMAIL_LINE];
	char escaped[128];

	for (unsigned long n = 1; fgets(line, sizeof line, file); n++) {
		if (n == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0)
			memcpy(line, "   ", 3);
		if (!strchr(line, '\n') && !feof(file))
			return err_set(err, ST_CONFIG, "%s:%lu: line too long", path, n);
		if (add_line(freemail, line) != 0)
			return err_set(err, ST_CONFIG, "%s:%lu: no domain: \"%s\"", path, n,
			    diag_escape(escaped, sizeof escaped, line, strcspn(line, "\r\n")));
	}
	if (ferror(file))
		return err_set(err, ST_CONFIG, "%s: %s", path, strerror(errno));
	return 0;
}

static int
read_file(struct freemail *freemail, const char *path, struct err *err)
{
	FILE *file = fopen(path, "r");

	if (!file)
		return err_set(err, ST_CONFIG, "%s: %s", path, strerror(errno));
	int result = read_lines(freemail, file, path, err);
	fclose(file);
	return result;
}

struct freemail *
freemail_open(const char *path, struct err *err)
{
	struct freemail *freemail = xalloc(sizeof *freemail);

	freemail->arena = arena_open();
	freemail->by_name = (struct table){.key = domain_key, .arg = freemail};
	if (path && read_file(freemail, path, err) != 0) {
		freemail_close(freemail);
		return NULL;
	}
	for (size_t i = 0; !path && i < sizeof built_in / sizeof *built_in; i++)
		add_line(freemail, built_in[i]);
	return freemail;
}

void
freemail_close(struct freemail *freemail)
{
	if (!freemail)
		return;
	arena_close(freemail->arena);
	table_free(&freemail->by_name);
	free(freemail->domains);
	free(freemail);
}

bool
freemail_has(const struct freemail *freemail, const char *domain)
{
	return table_get(&freemail->by_name, domain) != TABLE_NONE;
}

#include "invite_line.h"

#include <string.h>
#include <strings.h>

struct content_lines
content_open(const char *text, size_t size)
{
	return (struct content_lines){.at = text, .end = text + size, .number = 1};
}

void
content_free(struct content_lines *lines)
{
	buf_free(&lines->whole);
}

/* One physical line without its end; all CRs there go, as mails are often turned twice. */
static void
take_physical(struct content_lines *lines)
{
	size_t left = (size_t)(lines->end - lines->at);
	const char *newline = memchr(lines->at, '\n', left);
	size_t size = newline ? (size_t)(newline - lines->at) : left;
	const char *start = lines->at;

	lines->at += newline ? size + 1 : size;
	lines->number++;
	while (size > 0 && start[size - 1] == '\r')
		size--;
	buf_put(&lines->whole, start, size);
}

static bool
is_folded(const struct content_lines *lines)
{
	return lines->at < lines->end && (*lines->at == ' ' || *lines->at == '\t');
}

static bool
is_name_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.';
}

/* The colon before the value: the first outside quotes; if a quote is never closed, the first. */
static char *
find_value(char *params)
{
	bool quoted = false;

	for (char *c = params; *c; c++) {
		if (*c == '"')
			quoted = !quoted;
		else if (*c == ':' && !quoted)
			return c;
	}
	return strchr(params, ':');
}

static void
upper_case(char *text)
{
	for (char *c = text; *c; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
}

/* Cuts the unfolded text into name, parameters and value. */
static int
split(char *text, size_t size, struct content_line *line, const char **why)
{
	size_t name = 0;

	*line = (struct content_line){line->number, "", "", "", 0};
	while (is_name_char(text[name]))
		name++;
	char after = text[name];
	if (name == 0 || (after != ':' && after != ';')) {
		*why = "no content line";
		return -1;
	}
	char *colon = find_value(text + name);
	text[name] = '\0';
	upper_case(text);
	line->name = text;
	bool nul = memchr(text + name + 1, '\0', size - name - 1) != NULL;
	if (nul || !colon) {
		*why = nul ? "NUL byte" : "property without a value";
		return -1;
	}
	*colon = '\0';
	if (after == ';')
		line->params = text + name + 1;
	line->value = colon + 1;
	line->value_size = size - (size_t)(line->value - text);
	return 1;
}

int
content_next(struct content_lines *lines, struct content_line *line, const char **why)
{
	do {
		if (lines->at >= lines->end)
			return 0;
		buf_clear(&lines->whole);
		line->number = lines->number;
		take_physical(lines);
		while (is_folded(lines)) {
			lines->at++;
			take_physical(lines);
		}
	} while (lines->whole.size == 0);
	return split(lines->whole.text, lines->whole.size, line, why);
}

bool
content_is(const struct content_line *line, const char *name)
{
	return strcmp(line->name, name) == 0;
}

/* RFC 6868: ^n a newline, ^^ a caret, ^' a quote. Backslashes are not meant here, but written.
 * NULL if these two characters stand for themselves. */
static const char *
escaped(const char *two)
{
	if (two[0] == '^')
		return two[1] == 'n' ? " " : two[1] == '^' ? "^" : two[1] == '\'' ? "\"" : NULL;
	return two[0] == '\\' && two[1] && strchr(",;\\", two[1]) ? two + 1 : NULL;
}

static char *
decode_param(const char *text, size_t size, struct arena *arena)
{
	char *value = arena_alloc(arena, size + 1), *out = value;

	for (size_t i = 0; i < size; i++) {
		const char *c = text + i, *meant = i + 1 < size ? escaped(c) : NULL;
		if (meant)
			i++;
		else if (*c != '"')
			meant = c;
		if (meant)
			*out++ = *meant;
	}
	return value;
}

/* The size of what stands before one of these marks, outside quotes. */
static size_t
span_until(const char *text, const char *marks)
{
	bool quoted = false;
	const char *c = text;

	for (; *c && (quoted || !strchr(marks, *c)); c++)
		if (*c == '"')
			quoted = !quoted;
	return (size_t)(c - text);
}

const char *
content_param(const struct content_line *line, const char *name, struct arena *arena)
{
	size_t size = strlen(name);

	for (const char *at = line->params; *at;) {
		size_t whole = span_until(at, ";");
		if (whole > size && at[size] == '=' && strncasecmp(at, name, size) == 0)
			return decode_param(at + size + 1, whole - size - 1, arena);
		at += whole;
		at += *at == ';';
	}
	return NULL;
}

char *
content_text(const char *value, struct arena *arena)
{
	char *text = arena_alloc(arena, strlen(value) + 1), *out = text;

	for (const char *c = value; *c; c++) {
		if (*c == '\\' && c[1]) {
			c++;
			*out++ = (char)(*c == 'n' || *c == 'N' ? '\n' : *c);
		} else {
			*out++ = *c;
		}
	}
	return text;
}

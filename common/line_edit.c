#include "line.h"

#include <string.h>

struct line_edit {
	struct line_edit *next;
	const char *name;
	size_t name_size;
	const char *json; /* NULL: taken away */
	size_t size;
	bool done;
};

/* As json_is(), with the size known. */
static inline bool
is_named(struct json name, const char *text, size_t size)
{
	return name.size >= size + 2 && (name.at[1] == *text || name.at[1] == '\\' || size == 0) &&
	       json_is_text(name, text, size);
}

struct json
line_find(const struct line *line, const char *name, size_t size)
{
	for (size_t i = 0; i < line->n_members; i++)
		if (is_named(line->members[i].name, name, size))
			return line->members[i].value;
	return (struct json){0};
}

const char *
line_string(const struct line *line, const char *name)
{
	return json_decode(line_get(line, name), line->arena, NULL);
}

const char *
line_sobject(const struct line *line)
{
	if (line_get(line, "kind").at)
		return NULL;
	return json_decode(json_get(line_get(line, "attributes"), "type"), line->arena, NULL);
}

static struct line_edit *
find_edit(const struct line *line, struct json name)
{
	for (struct line_edit *e = line->edits; e; e = e->next)
		if (is_named(name, e->name, e->name_size))
			return e;
	return NULL;
}

/* Edits stay in the order in which their names came first. */
static void
edit(struct line *line, const char *name, const char *json, size_t size)
{
	struct line_edit **last = &line->edits;

	while (*last && strcmp((*last)->name, name) != 0)
		last = &(*last)->next;
	if (!*last)
		*last = arena_alloc(line->arena, sizeof **last);
	**last = (struct line_edit){.next = (*last)->next,
	    .name = name,
	    .name_size = strlen(name),
	    .json = json,
	    .size = size};
}

void
line_set(struct line *line, const char *name, const char *json, size_t size)
{
	edit(line, name, json, size);
}

void
line_remove(struct line *line, const char *name)
{
	edit(line, name, NULL, 0);
}

static const char *
behind(const struct json_member *m)
{
	return m->value.at + m->value.size;
}

/* The members that the line has: kept, replaced, or left out with one comma. Those that are kept
 * behind each other are put at once. */
static bool
put_members(struct buf *out, const struct line *line)
{
	const char *run = NULL; /* what is kept and not yet put begins there */
	bool any = false;

	for (size_t i = 0; i < line->n_members; i++) {
		const struct json_member *m = &line->members[i];
		struct line_edit *e = find_edit(line, m->name);
		if (e)
			e->done = true;
		if (!e || e->json) {
			if (!run) /* with the comma and the space that stood before it */
				run = any ? behind(m - 1) : m->name.at;
			any = true;
		}
		if (e && run) {
			const char *end = e->json ? m->value.at : behind(m - 1);
			buf_put(out, run, (size_t)(end - run));
			if (e->json)
				buf_put(out, e->json, e->size);
			run = NULL;
		}
	}
	if (run)
		buf_put(out, run, (size_t)(behind(&line->members[line->n_members - 1]) - run));
	return any;
}

void
line_text(const struct line *line, struct buf *out)
{
	const char *end = line->text + line->size;
	const char *tail = line->object.at + line->object.size - 1;
	const char *first = line->n_members ? line->members[0].name.at : tail;

	if (line->n_members) {
		const struct json *last = &line->members[line->n_members - 1].value;
		tail = last->at + last->size;
	}
	buf_put(out, line->text, (size_t)(first - line->text));
	bool any = put_members(out, line);
	for (struct line_edit *e = line->edits; e; e = e->next) {
		if (!e->done && e->json) {
			if (any)
				buf_putc(out, ',');
			any = true;
			json_put_string(out, e->name, e->name_size);
			buf_putc(out, ':');
			buf_put(out, e->json, e->size);
		}
		e->done = false;
	}
	buf_put(out, tail, (size_t)(end - tail));
}

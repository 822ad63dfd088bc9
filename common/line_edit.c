#include "line.h"

#include <string.h>

struct line_edit {
	struct line_edit *next;
	const char *name;
	size_t name_size;
	uint64_t head;
	const char *json; /* NULL: taken away */
	size_t size;
	bool done;
};

int
line_check(struct line *line, struct err *err)
{
	struct json_text whole;

	if (json_scan(line->text, line->size, line->arena, &whole, err) != 0)
		return -1;
	line->object = whole.value;
	line->members = whole.members;
	line->heads = whole.heads;
	line->n_members = whole.n_members;
	line->items = whole.items;
	line->n_items = whole.n_items;
	return 0;
}

/* Their heads are known to be equal. */
static inline bool
is_named(struct json name, const char *text, size_t size)
{
	return size <= JSON_HEAD_BYTES || json_is_text(name, text, size);
}

struct json
line_find(const struct line *line, const char *name, size_t size, uint64_t head)
{
	for (size_t i = 0; i < line->n_members; i++)
		if (line->heads[i] == head && is_named(line->members[i].name, name, size))
			return line->members[i].value;
	return (struct json){0};
}

/* The first item behind a place in the text. */
static size_t
item_behind(const struct line *line, const char *at)
{
	size_t low = 0, high = line->n_items;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (line->items[middle].value.at > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

const struct json_member *
line_items(const struct line *line, struct json value, size_t *n)
{
	if (!line->items || json_kind(value) != JSON_IS_ARRAY)
		return json_items(value, line->arena, n);
	size_t first = item_behind(line, value.at);
	*n = item_behind(line, value.at + value.size - 1) - first;
	return line->items + first;
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
find_edit(const struct line *line, size_t member)
{
	for (struct line_edit *e = line->edits; e; e = e->next)
		if (e->head == line->heads[member] &&
		    is_named(line->members[member].name, e->name, e->name_size))
			return e;
	return NULL;
}

/* Edits stay in the order in which their names came first. */
static void
edit(struct line *line, const char *name, const char *json, size_t size)
{
	struct line_edit **last = &line->edits;
	size_t name_size = strlen(name);
	uint64_t head = json_head(name, name_size, name_size);

	while (*last && ((*last)->head != head || strcmp((*last)->name, name) != 0))
		last = &(*last)->next;
	if (!*last)
		*last = arena_alloc(line->arena, sizeof **last);
	**last = (struct line_edit){.next = (*last)->next,
	    .name = name,
	    .name_size = name_size,
	    .head = head,
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
		struct line_edit *e = find_edit(line, i);
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

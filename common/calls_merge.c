#include "calls_merge.h"

#include "email.h"
#include "fold.h"

#include <string.h>

#define MAX_NAMED 1000 /* in a list of the line: each is compared with all that are stored */

/* The lists that it changes. */
static const char *const lists[] = {"invitees", "participants"};
#define N_LISTS (sizeof lists / sizeof *lists)

/* Somebody in a list, and what they are known by. */
struct someone {
	struct json json;
	const char *email; /* or NULL */
	const char *name;  /* folded, or NULL */
};

struct list {
	struct someone *items;
	size_t n;
};

static bool
is_cancel(const struct line *line)
{
	return json_is(line_get(line, "method"), "cancel");
}

/* Google's cancellation holds little more than an id. */
bool
calls_is_bare(const struct line *line)
{
	return json_is(line_get(line, "status"), "cancelled") && !json_has(line_get(line, "start"));
}

bool
calls_is_part(const struct line *line)
{
	struct json method = line_get(line, "method");

	return json_is(method, "reply") || json_is(method, "counter") || is_cancel(line) ||
	       calls_is_bare(line);
}

static size_t
count(struct json array)
{
	struct json_each each = json_each(array);
	struct json_member m;
	size_t n = 0;

	while (!each.object && json_next(&each, &m))
		n++;
	return n;
}

static struct list
read_list(struct json array, struct arena *arena)
{
	struct json_each each = json_each(array);
	struct json_member m;
	struct list list = {0};
	size_t size, n = count(array);

	list.items = arena_array(arena, n, sizeof *list.items);
	while (list.n < n && json_next(&each, &m)) {
		struct someone *s = &list.items[list.n++];
		s->json = m.value;
		const char *text = json_decode(json_get(m.value, "email"), arena, &size);
		s->email = text ? email_normalize(text, size, arena) : NULL;
		text = json_decode(json_get(m.value, "name"), arena, &size);
		s->name = text ? fold_name(text, size, arena) : NULL;
	}
	return list;
}

static const struct someone *
find(const struct list *list, const struct someone *who)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct someone *other = &list->items[i];
		if (who->email && other->email && strcmp(who->email, other->email) == 0)
			return other;
		if (!who->email && who->name && other->name && !strcmp(who->name, other->name))
			return other;
	}
	return NULL;
}

/* The person with the response of the one who answered. */
static void
put_answered(struct buf *out, struct json person, struct json response)
{
	struct json_each each = json_each(person);
	struct json_member m;
	bool any = false, done = !json_has(response);

	buf_putc(out, '{');
	while (json_next(&each, &m)) {
		bool is_it = json_is(m.name, "response") && json_has(response);
		struct json value = is_it ? response : m.value;
		done |= is_it;
		buf_printf(out, "%s%.*s:", any ? "," : "", (int)m.name.size, m.name.at);
		buf_put(out, value.at, value.size);
		any = true;
	}
	if (!done) {
		buf_puts(out, any ? ",\"response\":" : "\"response\":");
		buf_put(out, response.at, response.size);
	}
	buf_putc(out, '}');
}

/* Whether it is taken away by a cancellation: who came stays, and so does the organizer. */
static bool
goes(const struct someone *person, const char *organizer)
{
	if (json_kind(json_get(person->json, "attended")) == JSON_IS_TRUE)
		return false;
	return !organizer || !person->email || strcmp(person->email, organizer) != 0;
}

struct merge {
	const char *organizer;
	bool cancel;
	bool people; /* somebody came or went */
	struct arena *arena;
};

/* A list of the stored call with those whom the line names. */
static struct json
merge_list(struct merge *merge, struct json stored, struct json named)
{
	struct list old = read_list(stored, merge->arena), new = read_list(named, merge->arena);
	struct buf out = {0};

	buf_putc(&out, '[');
	for (size_t i = 0; i < old.n; i++) {
		const struct someone *by = find(&new, &old.items[i]);
		if (by && merge->cancel && goes(&old.items[i], merge->organizer)) {
			merge->people = true;
			continue;
		}
		if (out.size > 1)
			buf_putc(&out, ',');
		if (by && !merge->cancel)
			put_answered(&out, old.items[i].json, json_get(by->json, "response"));
		else
			buf_put(&out, old.items[i].json.at, old.items[i].json.size);
	}
	for (size_t i = 0; i < new.n && !merge->cancel; i++) {
		if (find(&old, &new.items[i]))
			continue;
		merge->people = true;
		if (out.size > 1)
			buf_putc(&out, ',');
		buf_put(&out, new.items[i].json.at, new.items[i].json.size);
	}
	buf_putc(&out, ']');
	struct json list = {arena_dup(merge->arena, out.text, out.size), out.size};
	buf_free(&out);
	return list;
}

static void
put_member(struct buf *out, const char *name, struct json value)
{
	json_put_name(out, name);
	buf_put(out, value.at, value.size);
}

/* The stored call's members, those lists in their place, the status behind if it is off. */
static void
put_call(struct buf *out, struct json stored, const struct json *merged, bool off)
{
	struct json_each each = json_each(stored);
	struct json_member m;

	buf_putc(out, '{');
	while (json_next(&each, &m)) {
		struct json value = m.value;
		for (size_t i = 0; i < N_LISTS; i++)
			if (json_is(m.name, lists[i]))
				value = merged[i];
		if (off && json_is(m.name, "status"))
			continue;
		if (out->size > 1)
			buf_putc(out, ',');
		buf_put(out, m.name.at, m.name.size);
		buf_putc(out, ':');
		buf_put(out, value.at, value.size);
	}
	for (size_t i = 0; i < N_LISTS; i++)
		if (!json_get(stored, lists[i]).at && count(merged[i]) > 0)
			put_member(out, lists[i], merged[i]);
	if (off)
		put_member(out, "status", (struct json){"\"cancelled\"", 11});
	buf_putc(out, '}');
}

int
calls_merge(
    struct json stored, const struct line *line, struct json *text, bool *people, struct err *err)
{
	size_t size;
	const char *organizer = json_decode(json_get(stored, "organizer"), line->arena, &size);
	struct merge merge = {.arena = line->arena, .cancel = is_cancel(line)};
	struct json merged[N_LISTS];
	struct buf out = {0};
	/* a cancellation that names nobody is of the whole meeting */
	bool off = json_is(line_get(line, "status"), "cancelled") ||
		   (merge.cancel && count(line_get(line, "invitees")) == 0);

	if (organizer)
		merge.organizer = email_normalize(organizer, size, line->arena);
	for (size_t i = 0; i < N_LISTS; i++) {
		struct json named = line_get(line, lists[i]);
		if (count(named) > MAX_NAMED)
			return err_set(err, ST_REJECTED, "a %s with more than %d %s",
			    merge.cancel ? "cancellation" : "reply", MAX_NAMED, lists[i]);
		merged[i] = merge_list(&merge, json_get(stored, lists[i]), named);
	}
	put_call(&out, stored, merged, off);
	*text = (struct json){arena_dup(line->arena, out.text, out.size), out.size};
	*people = merge.people;
	buf_free(&out);
	return 0;
}

#include "participant.h"

#include "email.h"
#include "fold.h"

#include <string.h>

/* Each is compared with all that were found before: some more would take minutes. */
#define PARTICIPANTS_MAX 10000

static void
add_address(struct party *p, struct json value, struct arena *arena)
{
	size_t size;
	const char *text = json_text(value, arena, &size);
	const char *email = text ? email_normalize(text, size, arena) : NULL;

	for (size_t i = 0; email && i < p->n_addresses; i++)
		if (strcmp(p->addresses[i], email) == 0)
			return;
	if (email)
		p->addresses[p->n_addresses++] = email;
}

static const char *
trimmed(struct json value, struct arena *arena)
{
	size_t size;
	const char *text = json_text(value, arena, &size);

	return text ? fold_trim(text, size, arena) : NULL;
}

static void
read_addresses(struct party *p, struct json email, struct json others, struct arena *arena)
{
	struct json_each each = json_each(others);
	struct json_member m;
	size_t n = 1;

	while (!each.object && json_next(&each, &m))
		n++;
	p->addresses = arena_array(arena, n, sizeof *p->addresses);
	add_address(p, email, arena);
	each = json_each(others);
	while (!each.object && json_next(&each, &m))
		add_address(p, m.value, arena);
}

static void
read_one(struct party *p, const struct json_member *members, size_t n, struct arena *arena)
{
	struct json email = {0}, others = {0}, name = {0};

	for (const struct json_member *m = members; m < members + n; m++) {
		if (json_is(m->name, "email"))
			email = m->value;
		else if (json_is(m->name, "other_emails"))
			others = m->value;
		else if (json_is(m->name, "phone"))
			p->phone = trimmed(m->value, arena);
		else if (json_is(m->name, "name"))
			name = m->value;
		else if (json_is(m->name, "internal"))
			p->internal = json_kind(m->value) == JSON_IS_TRUE;
	}
	read_addresses(p, email, others, arena);
	p->shown = p->n_addresses ? p->addresses[0] : p->phone;
	if (!p->shown)
		p->shown = trimmed(name, arena);
}

/* One more; NULL with err set if they are too many. */
static struct party *
add(struct party_list *list, struct arena *arena, struct err *err)
{
	if (list->n == PARTICIPANTS_MAX) {
		err_set(err, ST_REJECTED, "more than %d participants", PARTICIPANTS_MAX);
		return NULL;
	}
	if (list->n == list->room) {
		size_t room = list->room ? list->room * 2 : 8;
		struct party *items = arena_array(arena, room, sizeof *items);
		if (list->n)
			memcpy(items, list->items, list->n * sizeof *items);
		list->items = items;
		list->room = room;
	}
	return &list->items[list->n++];
}

/* The member's participants: an array of objects; in an email, a single one will do. */
static int
read_member(const struct line *line, const char *name, struct party_list *list, struct err *err)
{
	struct json value = line_get(line, name);
	enum json_kind kind = json_kind(value);
	size_t n, last;

	if (!json_has(value))
		return 0;
	if (kind != JSON_IS_ARRAY && (kind != JSON_IS_OBJECT || !line_is(line, "email")))
		return err_set(err, ST_REJECTED, "%s is no array", name);
	const struct json_member *items = line_items(line, value, &n);
	for (size_t i = 0; i < n; i = last) {
		if (json_kind(items[i].value) != JSON_IS_OBJECT)
			return err_set(err, ST_REJECTED, "%s holds what is no object", name);
		struct party *p = add(list, line->arena, err);
		if (!p)
			return -1;
		for (last = i + 1; last < n && items[last].name.at;)
			last++;
		read_one(p, items + i + 1, last - i - 1, line->arena);
	}
	return 0;
}

int
participant_read(const struct line *line, struct party_list *list, struct err *err)
{
	static const char *const of_call[] = {"participants", NULL};
	static const char *const of_email[] = {"from", "to", "cc", NULL};
	bool email = line_is(line, "email");

	*list = (struct party_list){0};
	if (!email && !json_has(line_get(line, "participants")))
		return err_set(err, ST_REJECTED, "no participants: merge-participants makes them");
	for (const char *const *name = email ? of_email : of_call; *name; name++)
		if (read_member(line, *name, list, err) != 0)
			return -1;
	return 0;
}

#include "participant.h"

#include "email.h"
#include "fold.h"

#include <string.h>

/* Each is compared with all that were found before: some more would take minutes. */
#define PARTICIPANTS_MAX 10000

/* How many values an array has; one for an object, none for anything else. */
static size_t
count(struct json value)
{
	struct json_each each = json_each(value);
	struct json_member m;
	size_t n = 0;

	if (json_kind(value) == JSON_IS_OBJECT)
		return 1;
	while (json_next(&each, &m))
		n++;
	return n;
}

static void
add_address(struct party *p, struct json value, struct arena *arena)
{
	size_t size;
	const char *text = json_decode(value, arena, &size);
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
	const char *text = json_decode(value, arena, &size);

	return text ? fold_trim(text, size, arena) : NULL;
}

/* In one pass over its members: this is done for everybody in every call. */
static void
read_one(struct party *p, struct json object, struct arena *arena)
{
	struct json email = {0}, others = {0}, name = {0};
	struct json_each each = json_each(object);
	struct json_member m;

	while (json_next(&each, &m)) {
		if (json_is(m.name, "email"))
			email = m.value;
		else if (json_is(m.name, "other_emails"))
			others = m.value;
		else if (json_is(m.name, "phone"))
			p->phone = trimmed(m.value, arena);
		else if (json_is(m.name, "name"))
			name = m.value;
		else if (json_is(m.name, "internal"))
			p->internal = json_kind(m.value) == JSON_IS_TRUE;
	}
	p->addresses = arena_array(arena, count(others) + 1, sizeof *p->addresses);
	add_address(p, email, arena);
	each = json_each(others);
	while (!each.object && json_next(&each, &m))
		add_address(p, m.value, arena);
	p->shown = p->n_addresses ? p->addresses[0] : p->phone;
	if (!p->shown)
		p->shown = trimmed(name, arena);
}

/* The member's participants: an array of objects; in an email, a single one will do. */
static int
read_member(const struct line *line, const char *name, struct party_list *list, struct err *err)
{
	struct json value = line_get(line, name);
	struct json_each each = json_each(value);
	struct json_member m;

	if (!json_has(value))
		return 0;
	if (json_kind(value) == JSON_IS_OBJECT && line_is(line, "email")) {
		read_one(&list->items[list->n++], value, line->arena);
		return 0;
	}
	if (json_kind(value) != JSON_IS_ARRAY)
		return err_set(err, ST_REJECTED, "%s is no array", name);
	while (json_next(&each, &m)) {
		if (json_kind(m.value) != JSON_IS_OBJECT)
			return err_set(err, ST_REJECTED, "%s holds what is no object", name);
		read_one(&list->items[list->n++], m.value, line->arena);
	}
	return 0;
}

int
participant_read(const struct line *line, struct party_list *list, struct err *err)
{
	static const char *const of_call[] = {"participants", NULL};
	static const char *const of_email[] = {"from", "to", "cc", NULL};
	bool email = line_is(line, "email");
	const char *const *names = email ? of_email : of_call;
	size_t n = 0;

	*list = (struct party_list){0};
	if (!email && !json_has(line_get(line, "participants")))
		return err_set(err, ST_REJECTED, "no participants: merge-participants makes them");
	for (const char *const *name = names; *name; name++)
		n += count(line_get(line, *name));
	if (n > PARTICIPANTS_MAX)
		return err_set(err, ST_REJECTED, "more than %d participants", PARTICIPANTS_MAX);
	list->items = arena_array(line->arena, n ? n : 1, sizeof *list->items);
	for (const char *const *name = names; *name; name++)
		if (read_member(line, *name, list, err) != 0)
			return -1;
	return 0;
}

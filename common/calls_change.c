#include "calls_change.h"

#include "set.h"

#include <string.h>

#define MAX_MEMBERS 4000 /* of a call that are compared each with each */

enum shown { WHOLE, PEOPLE, RECORDS };

static const struct {
	const char *name;
	enum shown shown;
} members[] = {
    {"associations", RECORDS},
    {"attendees", PEOPLE},
    {"cc", PEOPLE},
    {"date", WHOLE},
    {"end", WHOLE},
    {"from", PEOPLE},
    {"held", WHOLE},
    {"invitees", PEOPLE},
    {"organizer", WHOLE},
    {"participants", PEOPLE},
    {"primary", WHOLE},
    {"start", WHOLE},
    {"status", WHOLE},
    {"subject", WHOLE},
    {"to", PEOPLE},
    {"unmatched", WHOLE},
};

static struct json
find(const struct json_member *list, size_t n, struct json name)
{
	for (size_t i = 0; i < n; i++)
		if (json_same(list[i].name, name))
			return list[i].value;
	return (struct json){0};
}

static struct json_member *
list_members(struct json object, struct arena *arena, size_t *n)
{
	struct json_each each = json_each(object);
	struct json_member m;
	size_t count = 0;

	while (json_next(&each, &m) && count < MAX_MEMBERS)
		count++;
	struct json_member *list = arena_array(arena, count, sizeof *list);
	each = json_each(object);
	for (*n = 0; *n < count && json_next(&each, &m);)
		list[(*n)++] = m;
	return list;
}

struct mirror_change *
calls_differ(struct json stored, struct json text, struct arena *arena, size_t *n)
{
	size_t n_old, n_new;
	struct json_member *old = list_members(stored, arena, &n_old);
	struct json_member *new = list_members(text, arena, &n_new);
	struct mirror_change *changes = arena_array(arena, n_old + n_new, sizeof *changes);

	*n = 0;
	for (size_t i = 0; i < n_new; i++) {
		struct json before = find(old, n_old, new[i].name);
		if (!json_same(before, new[i].value))
			changes[(*n)++] = (struct mirror_change){new[i].name, before, new[i].value};
	}
	for (size_t i = 0; i < n_old; i++)
		if (!find(new, n_new, old[i].name).at)
			changes[(*n)++] = (struct mirror_change){old[i].name, old[i].value, {0}};
	return changes;
}

bool
calls_differ_in(const struct mirror_change *changes, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (json_is(changes[i].name, name))
			return true;
	return false;
}

/* ["jane@acme.com","+14155550100"]: what each is known by. */
static void
put_people(struct buf *out, struct json list)
{
	static const char *const known_by[] = {"email", "phone", "name"};
	struct json_each each = json_each(list);
	struct json_member m = {.value = list};
	bool one = json_kind(list) == JSON_IS_OBJECT, any = false;

	buf_putc(out, '[');
	while (one || (!each.object && json_next(&each, &m))) {
		struct json shown = {0};
		for (size_t i = 0; i < 3 && !json_has(shown); i++)
			shown = json_get(m.value, known_by[i]);
		if (json_has(shown)) {
			if (any)
				buf_putc(out, ',');
			any = true;
			buf_put(out, shown.at, shown.size);
		}
		if (one)
			break;
	}
	buf_putc(out, ']');
}

/* [{"object":"Account","id":"001..."}], each once, without those of less. */
static void
put_records(struct buf *out, struct json list, struct json less)
{
	struct json lists[] = {less, list};
	struct buf entry = {0};
	struct set seen = {0};
	struct json_member m;
	bool any = false;

	buf_putc(out, '[');
	for (size_t i = 0; i < 2; i++) {
		struct json_each each = json_each(lists[i]);
		while (json_next(&each, &m)) {
			struct json object = json_get(m.value, "object");
			struct json id = json_get(m.value, "id");
			if (!object.at || !id.at)
				continue;
			buf_clear(&entry);
			buf_printf(&entry, "{\"object\":%.*s,\"id\":%.*s}", (int)object.size,
			    object.at, (int)id.size, id.at);
			if (!set_add(&seen, entry.text) || i == 0)
				continue;
			if (any)
				buf_putc(out, ',');
			any = true;
			buf_put(out, entry.text, entry.size);
		}
	}
	buf_putc(out, ']');
	set_free(&seen);
	buf_free(&entry);
}

static void
put_value(struct buf *out, struct json name, struct json value, bool *any)
{
	for (size_t i = 0; value.at && i < sizeof members / sizeof *members; i++) {
		if (!json_is(name, members[i].name))
			continue;
		if (*any)
			buf_putc(out, ',');
		*any = true;
		buf_put(out, name.at, name.size);
		buf_putc(out, ':');
		if (members[i].shown == PEOPLE)
			put_people(out, value);
		else if (members[i].shown == RECORDS)
			put_records(out, value, (struct json){0});
		else
			buf_put(out, value.at, value.size);
	}
}

static void
put_side(
    struct buf *out, const char *name, const struct mirror_change *changes, size_t n, bool after)
{
	bool any = false;

	buf_printf(out, "%s{", name);
	for (size_t i = 0; i < n; i++)
		put_value(out, changes[i].name, after ? changes[i].after : changes[i].before, &any);
	buf_putc(out, '}');
}

/* What the call is associated with since, and no longer. */
static void
put_difference(struct buf *out, const struct mirror_change *changes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!json_is(changes[i].name, "associations"))
			continue;
		buf_puts(out, ",\"added\":");
		put_records(out, changes[i].after, changes[i].before);
		buf_puts(out, ",\"removed\":");
		put_records(out, changes[i].before, changes[i].after);
	}
}

void
calls_change_line(struct buf *out, int64_t seq, const char *kind, const char *id,
    const struct mirror_change *changes, size_t n, bool is_new)
{
	bool any = false;

	buf_printf(out, "{\"kind\":\"change\",\"seq\":%lld,\"side\":\"calls\"", (long long)seq);
	json_put_member(out, "object", kind);
	json_put_member(out, "id", id);
	buf_puts(out, ",\"fields\":[");
	for (size_t i = 0; i < n; i++) {
		if (json_is(changes[i].name, "kind") || json_is(changes[i].name, "id"))
			continue;
		if (any)
			buf_putc(out, ',');
		any = true;
		buf_put(out, changes[i].name.at, changes[i].name.size);
	}
	buf_putc(out, ']');
	if (is_new)
		buf_puts(out, ",\"before\":null");
	else
		put_side(out, ",\"before\":", changes, n, false);
	put_side(out, ",\"after\":", changes, n, true);
	put_difference(out, changes, n);
	buf_putc(out, '}');
}

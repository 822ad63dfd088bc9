#include "association.h"

#include "sfid.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

bool
association_is_virtual(const struct association *entry)
{
	return strncmp(entry->object, "Virtual", 7) == 0;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

struct association *
association_find(const struct association_list *list, const char *object, const char *id)
{
	for (size_t i = 0; i < list->n; i++) {
		struct association *a = list->items[i];
		if (same_text(a->object, object) && strcmp(a->id, id) == 0)
			return a;
	}
	return NULL;
}

static struct association *
append(struct association_list *list, const char *object, const char *id)
{
	struct association *a = arena_alloc(list->arena, sizeof *a);

	*a = (struct association){.object = object, .id = id};
	if (list->n == list->room)
		list->items = arena_more(
		    list->arena, list->items, &list->room, 8, sizeof(struct association *));
	list->items[list->n++] = a;
	return a;
}

struct association *
association_add(struct association_list *list, const char *object, const char *id)
{
	struct association *a = association_find(list, object, id);

	return a ? a : append(list, object, id);
}

void
association_because(struct association_list *list, struct association *entry,
    const char *participant, const char *by, const char *record, int64_t of)
{
	for (size_t i = 0; i < entry->n_reasons; i++) {
		const struct association_reason *r = &entry->reasons[i];
		if (same_text(r->by, by) && same_text(r->participant, participant) &&
		    same_text(r->record, record))
			return;
	}
	if (entry->n_reasons == entry->room_reasons)
		entry->reasons = arena_more(
		    list->arena, entry->reasons, &entry->room_reasons, 4, sizeof *entry->reasons);
	entry->reasons[entry->n_reasons++] = (struct association_reason){
	    .participant = participant, .by = by, .record = record, .of = of};
}

bool
association_matched(const struct association *entry)
{
	for (size_t i = 0; i < entry->n_reasons; i++)
		if (strcmp(entry->reasons[i].by, "manual") != 0)
			return true;
	return false;
}

size_t
association_participants(const struct association *entry)
{
	size_t n = 0;

	for (size_t i = 0; i < entry->n_reasons; i++) {
		const char *participant = entry->reasons[i].participant;
		bool seen = !participant;
		for (size_t j = 0; j < i && !seen; j++)
			seen = same_text(entry->reasons[j].participant, participant);
		n += !seen;
	}
	return n;
}

static void
read_reasons(struct association_list *list, struct association *a, struct json matches)
{
	struct json_each each = json_each(matches);
	struct json_member m;

	while (json_next(&each, &m)) {
		const char *by = json_decode(json_get(m.value, "by"), list->arena, NULL);
		struct json of = json_get(m.value, "of");
		if (!by)
			continue;
		association_because(list, a,
		    json_decode(json_get(m.value, "participant"), list->arena, NULL), by,
		    json_decode(json_get(m.value, "record"), list->arena, NULL),
		    json_kind(of) == JSON_IS_NUMBER ? strtoll(of.at, NULL, 10) : 0);
	}
}

/* A decoded Id, widened to 18 characters; what is no Salesforce Id (a virtual one) as it is. */
static const char *
read_id(struct association_list *list, struct json value)
{
	char *wide = arena_alloc(list->arena, SFID_SIZE);
	size_t size;
	const char *id = json_decode(value, list->arena, &size);

	return id && sfid_widen(id, size, wide) == 0 ? wide : id;
}

void
association_read(struct association_list *list, struct json array)
{
	struct json_each each = json_each(array);
	struct json_member m;

	while (json_next(&each, &m)) {
		const char *object = json_decode(json_get(m.value, "object"), list->arena, NULL);
		const char *id = read_id(list, json_get(m.value, "id"));
		if (!object || !id)
			continue;
		struct association *a = association_add(list, object, id);
		a->name = json_decode(json_get(m.value, "name"), list->arena, NULL);
		a->account = read_id(list, json_get(m.value, "account"));
		a->company = json_decode(json_get(m.value, "company"), list->arena, NULL);
		a->kept = json_kind(json_get(m.value, "kept")) == JSON_IS_TRUE;
		a->deleted = json_kind(json_get(m.value, "deleted")) == JSON_IS_TRUE;
		read_reasons(list, a, json_get(m.value, "matches"));
	}
}

static void
write_reasons(const struct association *a, struct buf *out)
{
	json_put_name(out, "matches");
	buf_putc(out, '[');
	for (size_t i = 0; i < a->n_reasons; i++) {
		const struct association_reason *r = &a->reasons[i];
		buf_puts(out, i ? ",{" : "{");
		json_put_member(out, "participant", r->participant);
		json_put_member(out, "by", r->by);
		json_put_member(out, "record", r->record);
		if (r->of > 1)
			buf_printf(out, ",\"of\":%" PRId64, r->of);
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}

void
association_write(const struct association_list *list, struct buf *out)
{
	buf_putc(out, '[');
	for (size_t i = 0; i < list->n; i++) {
		const struct association *a = list->items[i];
		buf_puts(out, i ? ",{" : "{");
		json_put_member(out, "object", a->object);
		json_put_member(out, "id", a->id);
		json_put_member(out, "name", a->name);
		json_put_member(out, "account", a->account);
		json_put_member(out, "company", a->company);
		json_put_member(out, "by", a->by);
		json_put_member(out, "activity", a->activity);
		json_put_member(out, "window", a->window);
		if (a->n_reasons > 0)
			write_reasons(a, out);
		if (a->kept)
			buf_puts(out, ",\"kept\":true");
		if (a->deleted)
			buf_puts(out, ",\"deleted\":true");
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}

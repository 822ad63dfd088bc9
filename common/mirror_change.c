#include "mirror_change.h"

bool
mirror_change_skips(struct json name)
{
	return json_is(name, "SystemModstamp") || json_is(name, "attributes");
}

static void
put_head(struct buf *out, int64_t seq, const char *side, const char *object, const char *id)
{
	buf_printf(out, "{\"kind\":\"change\",\"seq\":%lld", (long long)seq);
	json_put_member(out, "side", side);
	json_put_member(out, "object", object);
	json_put_member(out, "id", id);
	buf_puts(out, ",\"fields\":[");
}

/* name:value, behind a comma unless it is the first. */
static void
put_value(struct buf *out, struct json name, struct json value, bool *any)
{
	if (!value.at)
		return;
	if (*any)
		buf_putc(out, ',');
	*any = true;
	buf_put(out, name.at, name.size);
	buf_putc(out, ':');
	buf_put(out, value.at, value.size);
}

static void
put_side(struct buf *out, const char *name, const struct mirror_change *changes, size_t n,
    bool there, bool after)
{
	bool any = false;

	buf_puts(out, name);
	if (!there) {
		buf_puts(out, "null");
		return;
	}
	buf_putc(out, '{');
	for (size_t i = 0; i < n; i++)
		put_value(out, changes[i].name, after ? changes[i].after : changes[i].before, &any);
	buf_putc(out, '}');
}

/* A member that stands there only for the values of before has the same value after. */
void
mirror_change_line(struct buf *out, int64_t seq, const char *side, const char *object,
    const char *id, const struct mirror_change *changes, size_t n, bool has_before, bool has_after)
{
	bool any = false;

	put_head(out, seq, side, object, id);
	for (size_t i = 0; i < n; i++) {
		if (has_before && json_same(changes[i].before, changes[i].after))
			continue;
		if (any)
			buf_putc(out, ',');
		any = true;
		buf_put(out, changes[i].name.at, changes[i].name.size);
	}
	put_side(out, "],\"before\":", changes, n, has_before, false);
	put_side(out, ",\"after\":", changes, n, has_after, true);
	buf_putc(out, '}');
}

/* Every member of a record, on one side or none. */
static void
put_record(struct buf *out, struct json record, bool before, bool after)
{
	struct json_each each = json_each(record);
	struct json_member member;
	bool any = false;

	while (json_next(&each, &member)) {
		if (mirror_change_skips(member.name))
			continue;
		if (any)
			buf_putc(out, ',');
		any = true;
		buf_put(out, member.name.at, member.name.size);
	}
	buf_puts(out, before ? "],\"before\":{" : "],\"before\":null,\"after\":");
	any = false;
	each = json_each(record);
	if (after)
		buf_putc(out, '{');
	while ((before || after) && json_next(&each, &member))
		if (!mirror_change_skips(member.name))
			put_value(out, member.name, member.value, &any);
	buf_puts(out, before ? "},\"after\":null}" : after ? "}}" : "null}");
}

void
mirror_change_new(struct buf *out, int64_t seq, const char *side, const char *object,
    const char *id, struct json record, bool deleted)
{
	put_head(out, seq, side, object, id);
	put_record(out, record, false, !deleted);
}

void
mirror_change_gone(struct buf *out, int64_t seq, const char *side, const char *object,
    const char *id, struct json record)
{
	put_head(out, seq, side, object, id);
	put_record(out, record, true, false);
}

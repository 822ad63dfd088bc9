#include "mirror_merge.h"

#include "mirror_value.h"

#include <string.h>

/* The place of a name among the store's members: records have them in much the same order, so
 * look at *next first. */
static size_t
find_stored(const struct mirror_merge *merge, struct json name, size_t *next)
{
	for (size_t i = 0; i < merge->n_stored; i++) {
		size_t at = *next + i < merge->n_stored ? *next + i : *next + i - merge->n_stored;
		if (json_same(name, merge->stored[at].name)) {
			*next = at + 1;
			return at;
		}
	}
	return merge->n_stored;
}

static bool
same_meaning(const struct sobject_field *field, struct json a, struct json b, struct arena *arena)
{
	struct mirror_value x, y;
	struct err err = {0};

	if (json_same(a, b))
		return true;
	if (!field || !field->column || !json_has(a) || !json_has(b) ||
	    (field->type != SOBJECT_TIME && field->type != SOBJECT_TIME_MS &&
		field->type != SOBJECT_DATE && field->type != SOBJECT_ID &&
		field->type != SOBJECT_BOOL))
		return false;
	return mirror_value(field, a, NULL, arena, &x, &err) == 0 &&
	       mirror_value(field, b, NULL, arena, &y, &err) == 0 && mirror_value_same(&x, &y);
}

static void
read_stored(const struct sobject *sobject, struct json stored, struct mirror_merge *merge)
{
	struct json_each each = json_each(stored);
	struct json_member member;
	size_t n = 0, next = 0;

	while (json_next(&each, &member))
		n++;
	merge->stored = arena_array(merge->line->arena, n, sizeof *merge->stored);
	each = json_each(stored);
	while (json_next(&each, &member)) {
		const struct sobject_field *field = mirror_field(sobject, member.name, &next);
		if (field)
			merge->values[field - sobject->fields] = member.value;
		merge->stored[merge->n_stored++] = member;
	}
}

void
mirror_merge(const struct sobject *sobject, struct json stored, const struct line *line,
    const struct sobject_field *const *fields, struct mirror_merge *merge)
{
	size_t next = 0;

	*merge = (struct mirror_merge){.line = line};
	read_stored(sobject, stored, merge);
	merge->at = arena_array(line->arena, line->n_members, sizeof *merge->at);
	merge->changes = arena_array(line->arena, line->n_members, sizeof *merge->changes);
	for (size_t i = 0; i < line->n_members; i++) {
		const struct json_member *m = &line->members[i];
		size_t at = find_stored(merge, m->name, &next);
		struct json before = {0};
		merge->at[i] = at;
		if (at < merge->n_stored)
			before = merge->stored[at].value;
		if (json_is(m->name, "attributes") ||
		    same_meaning(fields[i], before, m->value, line->arena))
			continue;
		if (fields[i]) {
			merge->fields |= UINT32_C(1) << (fields[i] - sobject->fields);
			merge->values[fields[i] - sobject->fields] = m->value;
		}
		merge->tells |= !mirror_change_skips(m->name);
		merge->changes[merge->n_changes++] =
		    (struct mirror_change){.name = m->name, .before = before, .after = m->value};
	}
}

static void
put_member(struct buf *out, struct json name, struct json value)
{
	if (out->size > 1)
		buf_putc(out, ',');
	buf_put(out, name.at, name.size);
	buf_putc(out, ':');
	buf_put(out, value.at, value.size);
}

/* Whether the line has just the store's members, in their order: then it is the record. */
static bool
same_shape(const struct mirror_merge *merge)
{
	if (merge->line->n_members != merge->n_stored)
		return false;
	for (size_t i = 0; i < merge->n_stored; i++)
		if (merge->at[i] != i)
			return false;
	return true;
}

void
mirror_merge_text(const struct mirror_merge *merge, struct buf *out)
{
	const struct line *line = merge->line;

	buf_clear(out);
	if (same_shape(merge)) {
		buf_put(out, line->object.at, line->object.size);
		return;
	}
	size_t *from = arena_array(line->arena, merge->n_stored, sizeof *from);
	for (size_t i = 0; i < line->n_members; i++)
		if (merge->at[i] < merge->n_stored)
			from[merge->at[i]] = i + 1;
	buf_putc(out, '{');
	for (size_t i = 0; i < merge->n_stored; i++)
		put_member(out, merge->stored[i].name,
		    from[i] ? line->members[from[i] - 1].value : merge->stored[i].value);
	for (size_t i = 0; i < line->n_members; i++)
		if (merge->at[i] == merge->n_stored)
			put_member(out, line->members[i].name, line->members[i].value);
	buf_putc(out, '}');
}

/* Whether a change of this name is among the first n. */
static bool
is_among(const struct mirror_change *changes, size_t n, struct json name)
{
	for (size_t i = 0; i < n; i++)
		if (json_same(changes[i].name, name))
			return true;
	return false;
}

struct mirror_change *
mirror_merge_old(const struct sobject *sobject, const struct mirror_merge *merge, size_t *n)
{
	struct mirror_change *old =
	    arena_array(merge->line->arena, merge->n_changes + merge->n_stored, sizeof *old);
	size_t next = 0;

	*n = 0;
	for (size_t i = 0; i < merge->n_changes; i++)
		if (!mirror_change_skips(merge->changes[i].name))
			old[(*n)++] = merge->changes[i];
	size_t changed = *n;
	for (size_t i = 0; i < merge->n_stored; i++) {
		const struct json_member *m = &merge->stored[i];
		const struct sobject_field *field = mirror_field(sobject, m->name, &next);
		if (field && mirror_sql_has(field) && !mirror_change_skips(m->name) &&
		    !is_among(old, changed, m->name))
			old[(*n)++] = (struct mirror_change){m->name, m->value, m->value};
	}
	return old;
}

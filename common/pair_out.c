#include "pair_out.h"

#include "fieldvalue.h"
#include "sfid.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct seen *
pair_seen(const struct pair *pair, char side, const char *object, const char *id)
{
	const char *key = arena_printf(pair->arena, "%c %s %s", side, object, id);
	uint32_t number = table_get(&pair->by_key, key);

	return number == TABLE_NONE ? NULL : &pair->seen[number];
}

void
pair_mark(struct pair *pair, char side, const char *object, const char *id, const char *partner)
{
	if (pair_seen(pair, side, object, id))
		return;
	if (pair->n_seen >= pair->seen_room || !pair->seen) {
		pair->seen_room *= 2;
		pair->seen = xrealloc(pair->seen, pair->seen_room * sizeof *pair->seen);
	}
	pair->seen[pair->n_seen] =
	    (struct seen){arena_printf(pair->seen_arena, "%c %s %s", side, object, id),
		partner ? arena_dup(pair->seen_arena, partner, strlen(partner)) : NULL};
	table_put(&pair->by_key, (uint32_t)pair->n_seen++);
}

void
pair_mark_record(struct pair *pair, const struct pair_record *record, const char *partner)
{
	pair_mark(pair, 'S', record->object->name, record->id, partner);
}

static int
tell_map(struct pair *pair, const struct fieldmap_object *object, struct err *err)
{
	size_t i = (size_t)(object - pair->map->objects);

	if (pair->told[i])
		return 0;
	pair->told[i] = true;
	return pair_line_put_map(pair->out, pair->store, object, err);
}

/* The pair line; both are then done with. */
int
pair_put(struct pair *pair, const struct pair_line *line, struct err *err)
{
	if (tell_map(pair, line->object, err) != 0)
		return -1;
	if (line->record)
		pair_mark_record(pair, line->record, line->local ? line->local->id : NULL);
	if (line->local)
		pair_mark(pair, 'L', line->local->object, line->local->id,
		    line->record ? line->record->id : NULL);
	return pair_line_put(pair->out, pair->store, line, err);
}

void
pair_put_off(struct pair *pair, const char *object, const char *local, const char *id,
    const char *code, const char *why)
{
	struct buf *out = pair->out;

	buf_puts(out, "{\"kind\":\"op\",\"to\":\"local\",\"op\":\"none\"");
	json_put_member(out, "object", object);
	json_put_member(out, local ? "local_id" : "id", id);
	json_put_member(out, "local_object", local);
	buf_puts(out, ",\"result\":{\"ok\":false,\"errors\":[{");
	json_put_member(out, "statusCode", code);
	json_put_member(out, "message", why);
	buf_puts(out, "}],\"retry\":true}}\n");
}

void
pair_put_unlink(struct pair *pair, const struct link *link, const char *why)
{
	struct link_pair ended = {
	    link->object, link->salesforce_id, link->local_object, link->local_id};

	pair_line_put_link(pair->out, &ended, NULL, (struct json){0}, true, why);
	pair_mark(pair, 'L', link->local_object, link->local_id, NULL);
}

int
pair_had_link(struct pair *pair, const struct pair_record *record, const struct pair_local *local,
    struct link *link, struct err *err)
{
	if (record)
		return link_of_record(
		    pair->store, record->object->name, record->id, true, pair->arena, link, err);
	if (!local)
		return 0;
	return link_of_local(pair->store, local->object, local->id, true, pair->arena, link, err);
}

/* A record without a counterpart. */
int
pair_put_alone(
    struct pair *pair, const struct pair_record *record, const char *why, struct err *err)
{
	struct link link;
	int had = pair_had_link(pair, record, NULL, &link, err);
	struct pair_line line = {.object = record->object,
	    .local_object = record->object->local,
	    .record = record,
	    .had_link = had == 1 || why,
	    .why = why};

	return had < 0 ? -1 : pair_put(pair, &line, err);
}

/* What OwnerId gets where the mapped field gives nothing. */
static struct json
default_owner(const struct fieldmap_create *create, const struct pair_local *local)
{
	for (size_t i = 0; i < create->n_defaults; i++) {
		const struct fieldmap_default *one = &create->defaults[i];
		if (strcasecmp(one->salesforce, "OwnerId") == 0)
			return one->local ? json_get(local->fields, one->local) : one->text;
	}
	return (struct json){0};
}

/* The active user whom OwnerId names, if what is created is written as its owner. */
static int
find_owner(struct pair *pair, const struct fieldmap_object *object, const struct pair_local *local,
    const char **owner, struct err *err)
{
	const struct fieldmap_field *field = fieldmap_salesforce(object, "OwnerId");
	struct json value = {0};
	char wide[SFID_SIZE];

	*owner = NULL;
	if (object->create.run_as != FIELDMAP_AS_OWNER)
		return 0;
	if (field && field->local && field->direction != FIELDMAP_PULL &&
	    object->create.as == object->name)
		value = json_get(local->fields, field->local);
	if (!fieldvalue_normal(value, FIELDVALUE_ID, pair->arena))
		value = default_owner(&object->create, local);
	const char *id = fieldvalue_normal(value, FIELDVALUE_ID, pair->arena);
	if (!id || sfid_widen(id, strlen(id), wide) != 0)
		return 0;
	return pair_read_user(pair->reader, wide, pair->arena, owner, err) < 0 ? -1 : 0;
}

/* A local record without a counterpart. */
int
pair_put_local_alone(struct pair *pair, const struct fieldmap_object *object,
    const struct pair_local *local, const char *why, struct err *err)
{
	struct link link;
	const char *email = pair_local_email(object, local, pair->arena);
	int had = pair_had_link(pair, NULL, local, &link, err);
	struct pair_line line = {.object = object,
	    .local_object = local->object,
	    .local = local,
	    .had_link = had == 1 || local->salesforce_id || why,
	    .why = why};

	if (!why && had == 0 && local->salesforce_id)
		line.why = "its salesforce_id is of no record that it can be paired with";
	if (had < 0 || find_owner(pair, object, local, &line.owner, err) != 0)
		return -1;
	if (strcmp(object->name, "Lead") == 0 && email &&
	    pair_read_contact(pair->reader, email, pair->arena, &line.contact, err) < 0)
		return -1;
	return pair_put(pair, &line, err);
}

int
pair_put_found(struct pair *pair, const struct pair_record *record, const struct pair_local *local,
    const char *by, const struct link *link, const char *why, struct err *err)
{
	struct pair_line line = {.object = record->object,
	    .local_object = local->object,
	    .by = by,
	    .record = record,
	    .local = local,
	    .link = link,
	    .why = why};

	return pair_put(pair, &line, err);
}

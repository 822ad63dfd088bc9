#include "pair.h"

#include "email.h"
#include "pair_anew.h"
#include "pair_link.h"
#include "pair_switch.h"
#include "sfid.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *
seen_key(const void *arg, uint32_t number)
{
	const struct pair *pair = arg;

	return pair->seen[number].key;
}

struct pair *
pair_open(struct store *store, const struct fieldmap *map, const struct pair_options *options,
    struct err *err)
{
	if (!options->accept_switch && pair_switch_check(store, map, err) != 0)
		return NULL;
	struct pair *pair = xalloc(sizeof *pair);
	pair->store = store;
	pair->map = map;
	pair->options = options;
	pair->reader = pair_reader_open(store);
	pair->finder = pair_finder_open(store, pair->reader, map);
	pair->told = xalloc(map->n_objects + 1);
	pair->seen_arena = arena_open();
	pair->seen_room = 1024;
	pair->seen = xalloc(pair->seen_room * sizeof *pair->seen);
	pair->by_key = (struct table){.key = seen_key, .arg = pair};
	return pair;
}

void
pair_close(struct pair *pair)
{
	if (!pair)
		return;
	pair_finder_close(pair->finder);
	pair_reader_close(pair->reader);
	free(pair->told);
	free(pair->seen);
	table_free(&pair->by_key);
	arena_close(pair->seen_arena);
	free(pair);
}

void
pair_forget(struct pair *pair)
{
	table_free(&pair->by_key);
	pair->by_key = (struct table){.key = seen_key, .arg = pair};
	pair->n_seen = 0;
	arena_reset(pair->seen_arena);
}

uint64_t
pair_persons(const struct pair *pair)
{
	return pair->persons;
}

static int
pair_linked(
    struct pair *pair, const struct pair_record *record, const struct link *link, struct err *err)
{
	struct pair_local local = {0};
	const char *other_record, *other_local;
	int found = pair_read_local(
	    pair->reader, link->local_object, link->local_id, pair->arena, &local, err);

	if (found <= 0)
		return found; /* linked by hand to one that is yet to come */
	if (local.deleted) {
		pair_mark_record(pair, record, NULL);
		pair_put_unlink(pair, link, LINK_DELETED_LOCALLY);
		return 0;
	}
	int collides = pair_collides(pair, record, &local, link, &other_record, &other_local, err);
	if (collides != 0)
		return collides < 0
			   ? -1
			   : pair_part(pair, record, &local, link, other_record, other_local, err);
	return pair_put_found(pair, record, &local, "link", link, NULL, err);
}

static int handle_record(
    struct pair *pair, const struct fieldmap_object *object, const char *id, struct err *err);
static int handle_local(struct pair *pair, const char *name, const char *id, struct err *err);

/* A record without a link. What was merged into it, or became it, may bring one: then that comes
 * first, and 1. */
static int
handle_former(struct pair *pair, const struct pair_record *record, struct err *err)
{
	struct link link = {0};
	int found = pair_read_former(pair->reader, record->id, pair->arena, &link, err);
	const struct fieldmap_object *object =
	    found == 1 ? fieldmap_object(pair->map, link.object) : NULL;

	if (!object || pair_seen(pair, 'S', object->name, link.salesforce_id))
		return found < 0 ? -1 : 0;
	if (handle_record(pair, object, link.salesforce_id, err) != 0)
		return -1;
	return pair_seen(pair, 'S', record->object->name, record->id) != NULL;
}

/* A linked local record that has this record's email may part for it: then that comes first, and 1. */
static int
handle_local_namesake(struct pair *pair, const struct pair_record *record, struct err *err)
{
	const char *id = NULL;
	int found = pair_find_namesake(
	    pair->finder, record->object, true, record->email, pair->arena, &id, err);

	if (found <= 0)
		return found;
	if (handle_local(pair, record->object->local, id, err) != 0)
		return -1;
	return pair_seen(pair, 'S', record->object->name, record->id) != NULL;
}

static int
handle_record_namesake(struct pair *pair, const struct fieldmap_object *object,
    const struct pair_local *local, struct err *err)
{
	const char *id = NULL, *email = pair_local_email(object, local, pair->arena);
	int found = pair_find_namesake(pair->finder, object, false, email, pair->arena, &id, err);

	if (found <= 0)
		return found;
	if (handle_record(pair, object, id, err) != 0)
		return -1;
	return pair_seen(pair, 'L', local->object, local->id) != NULL;
}

static int
handle_unlinked(struct pair *pair, const struct pair_record *record, struct err *err)
{
	int done = handle_former(pair, record, err);

	if (done == 0)
		done = pair_revive_record(pair, record, err);
	if (done == 0)
		done = handle_local_namesake(pair, record, err);
	if (done != 0)
		return done < 0 ? -1 : 0;
	return pair_record_anew(pair, record, err);
}

static int
handle_record(
    struct pair *pair, const struct fieldmap_object *object, const char *id, struct err *err)
{
	struct pair_record record = {0};
	struct link link = {0};

	if (pair_seen(pair, 'S', object->name, id))
		return 0;
	int found = pair_read_record(pair->reader, object, id, pair->arena, &record, err);
	if (found <= 0)
		return found;
	int linked = link_of_record(pair->store, object->name, id, false, pair->arena, &link, err);
	if (linked < 0)
		return -1;
	if (!record.deleted && record.person) {
		pair_mark_record(pair, &record, NULL);
		pair->persons++;
		if (linked)
			pair_put_unlink(pair, &link, "a person account");
		return 0;
	}
	if (record.deleted || record.converted) {
		if (!linked)
			return 0;
		return record.deleted ? pair_record_gone(pair, &record, &link, err)
				      : pair_lead_converted(pair, &record, &link, err);
	}
	return linked ? pair_linked(pair, &record, &link, err)
		      : handle_unlinked(pair, &record, err);
}

static int
handle_local(struct pair *pair, const char *name, const char *id, struct err *err)
{
	struct pair_local local = {0};
	struct link link = {0};

	if (pair_seen(pair, 'L', name, id))
		return 0;
	int found = pair_read_local(pair->reader, name, id, pair->arena, &local, err);
	if (found <= 0)
		return found;
	int linked = link_of_local(pair->store, name, id, false, pair->arena, &link, err);
	if (linked < 0)
		return -1;
	if (linked) {
		const struct fieldmap_object *object = fieldmap_object(pair->map, link.object);
		if (object && handle_record(pair, object, link.salesforce_id, err) != 0)
			return -1;
		if (local.deleted && !pair_seen(pair, 'L', name, id))
			pair_put_unlink(pair, &link, LINK_DELETED_LOCALLY);
		return 0;
	}
	if (local.deleted)
		return 0;
	int done = pair_revive_local(pair, &local, err);
	for (size_t i = 0; i < pair->map->n_objects && done == 0; i++)
		if (strcmp(pair->map->objects[i].local, name) == 0)
			done = handle_record_namesake(pair, &pair->map->objects[i], &local, err);
	if (done != 0)
		return done < 0 ? -1 : 0;
	return pair_local_anew(pair, &local, err);
}

static bool
is_wanted(const struct pair *pair, const char *object)
{
	size_t i = 0, n = pair->options->n_only;

	while (i < n && strcasecmp(pair->options->only[i], object) != 0)
		i++;
	return n == 0 || i < n;
}

#define LEFT_OUT "NOT_PULLED", "the object was left out of this run"

/* A local object waits if one that it is mapped to does. */
static int
change_local(struct pair *pair, const char *local, const char *id, struct err *err)
{
	for (size_t i = 0; i < pair->map->n_objects; i++) {
		const struct fieldmap_object *object = &pair->map->objects[i];
		if (strcmp(object->local, local) == 0 && !is_wanted(pair, object->name)) {
			pair_put_off(pair, object->name, local, id, LEFT_OUT);
			return 0;
		}
	}
	return handle_local(pair, local, id, err);
}

static int
change_record(
    struct pair *pair, const struct fieldmap_object *object, const char *id, struct err *err)
{
	if (is_wanted(pair, object->name))
		return handle_record(pair, object, id, err);
	pair_put_off(pair, object->name, NULL, id, LEFT_OUT);
	return 0;
}

/* Those of the other side that have no link and this email come again: they may have waited for the
 * one that has it no more. local: which side they are of. */
static int
wake(struct pair *pair, const struct fieldmap_object *object, bool local, struct json email,
    struct err *err)
{
	size_t size, n;
	const char **ids, *text = json_decode(email, pair->arena, &size);
	const char *normal = text ? email_normalize(text, size, pair->arena) : NULL;

	if (!normal)
		return 0;
	if (pair_find_emails(pair->finder, object, local, normal, pair->arena, &ids, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if ((local ? change_local(pair, object->local, ids[i], err)
			   : change_record(pair, object, ids[i], err)) != 0)
			return -1;
	return 0;
}

/* The email that a record had before the change, or has and is nobody's counterpart any more. */
static int
wake_locals(struct pair *pair, const struct line *line, const struct fieldmap_object *mapped,
    const char *id, struct err *err)
{
	const struct fieldmap_object *lead = fieldmap_object(pair->map, "Lead");
	struct json before = json_get(line_get(line, "before"), "Email");
	struct pair_record record = {0};

	/* no lead is made of a contact's email */
	if (json_is(line_get(line, "object"), "Contact") && lead && lead->create.salesforce &&
	    wake(pair, lead, true, before, err) != 0)
		return -1;
	if (!mapped)
		return 0;
	int found = pair_read_record(pair->reader, mapped, id, pair->arena, &record, err);
	if (found < 0 || wake(pair, mapped, true, before, err) != 0)
		return -1;
	return found && (record.deleted || record.converted || record.person)
		   ? wake(pair, mapped, true, json_get(record.json, "Email"), err)
		   : 0;
}

/* The same the other way; a local record that is gone may have named its counterpart, too. */
static int
wake_records(
    struct pair *pair, const struct line *line, const char *name, const char *id, struct err *err)
{
	struct pair_local local = {0};
	int found = pair_read_local(pair->reader, name, id, pair->arena, &local, err);

	for (size_t i = 0; i < pair->map->n_objects && found >= 0; i++) {
		const struct fieldmap_object *object = &pair->map->objects[i];
		const struct fieldmap_field *email = fieldmap_salesforce(object, "Email");
		if (strcmp(object->local, name) != 0)
			continue;
		if (local.deleted && local.salesforce_id &&
		    change_record(pair, object, local.salesforce_id, err) != 0)
			return -1;
		if (!email || !email->local)
			continue;
		if (wake(pair, object, false, json_get(line_get(line, "before"), email->local),
			err) != 0 ||
		    (local.deleted &&
			wake(pair, object, false, json_get(local.fields, email->local), err) != 0))
			return -1;
	}
	return found < 0 ? -1 : 0;
}

static int
handle(struct pair *pair, const struct line *line, struct err *err)
{
	const char *side = line_string(line, "side"), *object = line_string(line, "object"),
		   *id = line_string(line, "id");
	char wide[SFID_SIZE];

	if (!side || !object || !id)
		return err_set(err, ST_REJECTED, "change: side, object and id must be strings");
	if (strcmp(side, "local") == 0)
		return change_local(pair, object, id, err) == 0
			   ? wake_records(pair, line, object, id, err)
			   : -1;
	const struct fieldmap_object *mapped =
	    strcmp(side, "salesforce") == 0 ? fieldmap_object(pair->map, object) : NULL;
	if (!mapped)
		return wake_locals(pair, line, NULL, id, err);
	if (sfid_widen(id, strlen(id), wide) != 0)
		return err_set(err, ST_REJECTED, "change: id is no Salesforce Id");
	if (change_record(pair, mapped, wide, err) != 0)
		return -1;
	return wake_locals(pair, line, mapped, wide, err);
}

int
pair_change(struct pair *pair, const struct line *line, struct buf *out, struct err *err)
{
	int status = store_begin(pair->store, err);

	pair->arena = line->arena;
	pair->out = out;
	if (status == 0)
		status = handle(pair, line, err);
	store_rollback(pair->store);
	return status;
}

#include "pair_link.h"

#include "email.h"

#include <string.h>

#define MAX_MERGES 32 /* in a chain */

/* The link that a deletion ended lives again once both are back. 1: this was one. */
static int
revive(struct pair *pair, const struct pair_record *record, const struct pair_local *local,
    const struct link *ended, struct err *err)
{
	struct link_pair two = {record->object->name, record->id, local->object, local->id};
	struct link link;

	if (!ended->why || (strcmp(ended->why, LINK_DELETED) != 0 &&
			       strcmp(ended->why, LINK_DELETED_LOCALLY) != 0))
		return 0;
	int taken =
	    link_of_record(pair->store, two.object, record->id, false, pair->arena, &link, err);
	if (taken == 0)
		taken = link_of_local(
		    pair->store, two.local_object, local->id, false, pair->arena, &link, err);
	if (taken != 0)
		return taken < 0 ? -1 : 0;
	pair_line_put_link(pair->out, &two, NULL, (struct json){0}, false, "undeleted");
	return pair_put_found(pair, record, local, "link", ended, NULL, err) == 0 ? 1 : -1;
}

int
pair_revive_record(struct pair *pair, const struct pair_record *record, struct err *err)
{
	struct link ended = {0};
	struct pair_local local = {0};
	int found = pair_had_link(pair, record, NULL, &ended, err);

	if (found == 1)
		found = pair_read_local(
		    pair->reader, ended.local_object, ended.local_id, pair->arena, &local, err);
	if (found <= 0 || local.deleted)
		return found < 0 ? -1 : 0;
	return revive(pair, record, &local, &ended, err);
}

int
pair_revive_local(struct pair *pair, const struct pair_local *local, struct err *err)
{
	struct link ended = {0};
	struct pair_record record = {0};
	int found = pair_had_link(pair, NULL, local, &ended, err);
	const struct fieldmap_object *object =
	    found == 1 ? fieldmap_object(pair->map, ended.object) : NULL;

	if (object)
		found = pair_read_record(
		    pair->reader, object, ended.salesforce_id, pair->arena, &record, err);
	if (found <= 0 || !object || record.deleted || record.converted || record.person)
		return found < 0 ? -1 : 0;
	return revive(pair, &record, local, &ended, err);
}

static bool
same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Whether the email of a side is another than the one that was settled. 1, 0, -1. */
static int
email_changed(
    struct pair *pair, const struct link *link, bool local, const char *email, struct err *err)
{
	struct json base = {0};
	size_t size;
	int there = link_get_base(pair->store, link->n, "Email", local, pair->arena, &base, err);

	if (there <= 0)
		return there;
	const char *text = json_decode(base, pair->arena, &size);
	return !same_text(text ? email_normalize(text, size, pair->arena) : NULL, email);
}

/* design 6: a changed email that now is that of another ends the link and pairs anew. *record or
 * *local is the other's id. */
int
pair_collides(struct pair *pair, const struct pair_record *record, const struct pair_local *local,
    const struct link *link, const char **other_record, const char **other_local, struct err *err)
{
	const char *email = pair_local_email(record->object, local, pair->arena);
	int found = 0;

	*other_record = *other_local = NULL;
	if (same_text(email, record->email) || strcmp(link->by, "hand") == 0)
		return 0;
	if (email)
		found = email_changed(pair, link, true, email, err);
	if (found == 1 && pair_find_email(pair->finder, record->object, false, email, pair->arena,
			      other_record, err) < 0)
		return -1;
	if (found >= 0 && record->email)
		found = email_changed(pair, link, false, record->email, err);
	if (found == 1 && pair_find_email(pair->finder, record->object, true, record->email,
			      pair->arena, other_local, err) < 0)
		return -1;
	if (*other_record && pair_seen(pair, 'S', record->object->name, *other_record))
		*other_record = NULL;
	if (*other_local && pair_seen(pair, 'L', record->object->local, *other_local))
		*other_local = NULL;
	return found < 0 ? -1 : *other_record || *other_local;
}

int
pair_part(struct pair *pair, const struct pair_record *record, const struct pair_local *local,
    const struct link *link, const char *other_record, const char *other_local, struct err *err)
{
	struct link_pair two = {
	    link->object, link->salesforce_id, link->local_object, link->local_id};
	struct pair_record new_record = {0};
	struct pair_local new_local = {0};
	const char *why = other_record
			      ? arena_printf(pair->arena, "its email became that of %s %s",
				    record->object->name, other_record)
			      : arena_printf(pair->arena, "its email became that of local %s %s",
				    local->object, other_local);

	pair_line_put_link(pair->out, &two, NULL, (struct json){0}, true, why);
	int status = other_local ? pair_read_local(pair->reader, record->object->local, other_local,
				       pair->arena, &new_local, err)
				 : 0;
	if (status >= 0)
		status = status == 1
			     ? pair_put_found(pair, record, &new_local, "email", NULL, why, err)
			     : pair_put_alone(pair, record, why, err);
	if (status < 0)
		return -1;
	status = other_record ? pair_read_record(pair->reader, record->object, other_record,
				    pair->arena, &new_record, err)
			      : 0;
	if (status < 0)
		return -1;
	return status == 1 ? pair_put_found(pair, &new_record, local, "email", NULL, why, err)
			   : pair_put_local_alone(pair, record->object, local, why, err);
}

/* The id of the local record that this one is linked to, or was paired with just now; or NULL. */
static int
partner_of(struct pair *pair, const struct fieldmap_object *object, const char *id,
    const char **partner, struct err *err)
{
	const struct seen *seen = pair_seen(pair, 'S', object->name, id);
	struct link link;
	int linked = link_of_record(pair->store, object->name, id, false, pair->arena, &link, err);

	*partner = linked == 1 ? link.local_id : seen ? seen->partner : NULL;
	return linked < 0 ? -1 : 0;
}

/* The link goes on to another record, what happened being "merged into", say. */
static int
move(struct pair *pair, const struct link *link, const struct fieldmap_object *object,
    const char *id, struct json fields, const char *happened, struct err *err)
{
	struct link_pair two = {object->name, id, link->local_object, link->local_id};
	const char *partner, *why = arena_printf(pair->arena, "%s %s", happened, id);
	struct pair_record record = {0};
	struct pair_local local = {0};

	if (partner_of(pair, object, id, &partner, err) != 0)
		return -1;
	if (partner) {
		why = arena_printf(pair->arena, "%s, which is linked to local %s", why, partner);
		char shown[512];
		diag_notice("ok", "LINK_ENDED", link->object, "local %s: its %s %s was %s",
		    diag_escape(shown, sizeof shown, link->local_id, strlen(link->local_id)),
		    link->object, link->salesforce_id, why);
		pair_put_unlink(pair, link, why);
		return 0;
	}
	pair_line_put_link(pair->out, &two, link, fields, false, why);
	struct link moved = *link;
	moved.object = object->name;
	moved.salesforce_id = id;
	moved.own = moved.modified = NULL;
	moved.told = false;
	int found = pair_read_local(
	    pair->reader, link->local_object, link->local_id, pair->arena, &local, err);
	if (found == 1 &&
	    local.deleted) { /* what it moved to had a link, too: it is not made anew */
		pair_mark(pair, 'S', object->name, id, NULL);
		pair_put_unlink(pair, &moved, LINK_DELETED_LOCALLY);
		return 0;
	}
	if (found == 1)
		found = pair_read_record(pair->reader, object, id, pair->arena, &record, err);
	if (found <= 0 || record.deleted || record.converted)
		return found < 0 ? -1 : 0;
	struct pair_line line = {.object = object,
	    .local_object = local.object,
	    .by = "link",
	    .record = &record,
	    .local = &local,
	    .link = &moved,
	    .base_fields = fields,
	    .why = why};
	return pair_put(pair, &line, err);
}

/* What became of it in the end; NULL: it was not merged. */
static int
last_master(
    struct pair *pair, const struct pair_record *record, const char **master, struct err *err)
{
	struct pair_record next = *record;

	*master = NULL;
	for (int i = 0; i < MAX_MERGES && next.deleted && next.master; i++) {
		*master = next.master;
		int found = pair_read_record(
		    pair->reader, record->object, *master, pair->arena, &next, err);
		if (found <= 0)
			return found;
	}
	if (next.deleted && !next.master && *master)
		*master = NULL; /* the winner is deleted too */
	return 0;
}

int
pair_record_gone(
    struct pair *pair, const struct pair_record *record, const struct link *link, struct err *err)
{
	const char *master;

	pair_mark_record(pair, record, NULL);
	if (last_master(pair, record, &master, err) != 0)
		return -1;
	if (master)
		return move(
		    pair, link, record->object, master, (struct json){0}, "merged into", err);
	pair_put_unlink(pair, link, LINK_DELETED);
	return 0;
}

/* The fields that both map to one local field, as a JSON array. */
static struct json
fields_of_both(struct pair *pair, const struct fieldmap_object *a, const struct fieldmap_object *b)
{
	struct buf list = {0};

	buf_putc(&list, '[');
	for (size_t i = 0; i < a->n_fields; i++) {
		const struct fieldmap_field *field = &a->fields[i];
		const struct fieldmap_field *other = fieldmap_salesforce(b, field->salesforce);
		if (!field->local || !other || !other->local ||
		    strcmp(field->local, other->local) != 0)
			continue;
		if (list.size > 1)
			buf_putc(&list, ',');
		json_put_string(&list, field->salesforce, strlen(field->salesforce));
	}
	buf_putc(&list, ']');
	struct json json = {arena_dup(pair->arena, list.text, list.size), list.size};
	buf_free(&list);
	return json;
}

int
pair_lead_converted(
    struct pair *pair, const struct pair_record *lead, const struct link *link, struct err *err)
{
	const struct fieldmap_object *object = fieldmap_object(pair->map, "Contact");
	struct pair_record contact = {0};
	const char *id = lead->contact, *master = NULL;
	int found = 0;

	pair_mark_record(pair, lead, NULL);
	if (object && id)
		found = pair_read_record(pair->reader, object, id, pair->arena, &contact, err);
	if (found == 1 && contact.deleted && last_master(pair, &contact, &master, err) != 0)
		return -1;
	if (found < 0)
		return -1;
	if (master)
		id = master;
	else if (!object || !id || contact.deleted || contact.person) {
		pair_put_unlink(pair, link, "converted");
		return 0;
	}
	return move(pair, link, object, id, fields_of_both(pair, lead->object, object),
	    "converted to contact", err);
}

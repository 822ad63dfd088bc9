#include "pair_line.h"

#include "described.h"

#include <string.h>

static void
put_text(struct buf *out, const char *name, const char *text)
{
	json_put_name(out, name);
	if (text)
		json_put_string(out, text, strlen(text));
	else
		buf_puts(out, "null");
}

static void
put_local(struct buf *out, const struct pair_local *local)
{
	json_put_name(out, "local");
	if (!local) {
		buf_puts(out, "null");
		return;
	}
	buf_putc(out, '{');
	json_put_member(out, "id", local->id);
	json_put_member(out, "modified", local->modified);
	put_text(out, "salesforce_id", local->salesforce_id);
	buf_puts(out, ",\"fields\":");
	buf_put(out, local->fields.at, local->fields.size);
	buf_puts(out, ",\"deleted\":false}");
}

/* When it was modified last by others: link.h says what was our own. */
static const char *
others_modified(const struct pair_line *line)
{
	const struct link *link = line->link;
	const char *modified = line->record->modified;

	if (link && link->own && modified && (!*link->own || strcmp(link->own, modified) == 0))
		return link->modified;
	return modified;
}

static void
put_modified(struct buf *out, const struct pair_line *line)
{
	buf_puts(out, ",\"modified\":{");
	if (line->record)
		json_put_member(out, "salesforce", others_modified(line));
	if (line->local)
		json_put_member(out, "local", line->local->changed);
	buf_putc(out, '}');
}

/* All that is known of the record is what we wrote, when it was created: no pull has brought it yet. */
static bool
is_unseen(const struct pair_line *line)
{
	const struct link *link = line->link;

	return link && link->own && !*link->own && line->record &&
	       !json_has(json_get(line->record->json, "SystemModstamp"));
}

int
pair_line_put(struct buf *out, struct store *store, const struct pair_line *line, struct err *err)
{
	buf_puts(out, "{\"kind\":\"pair\"");
	json_put_member(out, "object", line->object->name);
	json_put_member(out, "local_object", line->local_object);
	put_text(out, "paired_by", line->by);
	buf_puts(out, ",\"salesforce\":");
	if (line->record)
		buf_put(out, line->record->json.at, line->record->json.size);
	else
		buf_puts(out, "null");
	put_local(out, line->local);
	buf_puts(out, ",\"base\":");
	if (!line->link)
		buf_puts(out, "{}");
	else if (link_get_bases(store, line->link->n, line->base_fields, out, err) != 0)
		return -1;
	put_modified(out, line);
	if (is_unseen(line))
		buf_puts(out, ",\"unseen\":true");
	if (line->link && !line->link->told)
		buf_puts(out, ",\"new_link\":true");
	if (line->had_link)
		buf_puts(out, ",\"had_link\":true");
	json_put_member(out, "contact", line->contact);
	json_put_member(out, "owner", line->owner);
	json_put_member(out, "why", line->why);
	buf_puts(out, "}\n");
	return 0;
}

void
pair_line_put_link(struct buf *out, const struct link_pair *pair, const struct link *from,
    struct json fields, bool unlink, const char *why)
{
	buf_puts(out, "{\"kind\":\"link\"");
	json_put_member(out, "object", pair->object);
	json_put_member(out, "salesforce_id", pair->salesforce_id);
	json_put_member(out, "local_object", pair->local_object);
	json_put_member(out, "local_id", pair->local_id);
	if (unlink)
		buf_puts(out, ",\"unlink\":true");
	if (from) {
		json_put_member(out, "from", from->salesforce_id);
		json_put_member(out, "from_object", from->object);
	}
	if (fields.at) {
		json_put_name(out, "fields");
		buf_put(out, fields.at, fields.size);
	}
	json_put_member(out, "why", why);
	buf_puts(out, "}\n");
}

static int
count_links(struct store *store, const char *object, int64_t *n, struct err *err)
{
	struct store_query *query = store_query(
	    store, "SELECT count(*) FROM link WHERE object = ?1 AND ended IS NULL", err);

	if (!query)
		return -1;
	store_bind(query, 1, object);
	int step = store_step(query, err);
	*n = step == 1 ? store_int(query, 0) : 0;
	store_reset(query);
	return step < 0 ? -1 : 0;
}

static int
put_org(struct buf *out, struct store *store, struct err *err)
{
	struct store_query *query =
	    store_query(store, "SELECT value FROM meta WHERE name = 'org'", err);

	if (!query)
		return -1;
	int step = store_step(query, err);
	if (step == 1)
		json_put_member(out, "org", store_text(query, 0, NULL));
	store_reset(query);
	return step < 0 ? -1 : 0;
}

int
pair_line_put_map(
    struct buf *out, struct store *store, const struct fieldmap_object *object, struct err *err)
{
	int64_t linked = 0;

	if (count_links(store, object->name, &linked, err) != 0)
		return -1;
	buf_puts(out, "{\"kind\":\"map\"");
	json_put_member(out, "object", object->name);
	json_put_member(out, "local_object", object->local);
	buf_printf(out, ",\"create_salesforce\":%s", object->create.salesforce ? "true" : "false");
	json_put_member(out, "as", object->create.as);
	if (put_org(out, store, err) != 0 || described_put_types(store, object, out, err) != 0)
		return -1;
	buf_printf(out, ",\"linked\":%lld}\n", (long long)linked);
	return 0;
}

#include "local.h"

#include "email.h"
#include "mirror_change.h"
#include "rfc3339.h"
#include "sfid.h"

#include <stdlib.h>
#include <string.h>

struct local {
	struct store *store;
	struct queue *queue;
	struct local_counts counts;
	struct buf change; /* the line that is being made */
	struct buf merged; /* the fields that are being made */
};

/* A local record, as a line brings it or as the store holds it. */
struct record {
	const char *object, *id;
	const char *salesforce_id; /* or NULL */
	const char *modified;      /* in the store's form, or NULL */
	const char *changed;
	bool has_salesforce_id;
	bool deleted;
	struct json fields;
};

struct local *
local_open(struct store *store, struct queue *queue)
{
	struct local *local = xalloc(sizeof *local);

	local->store = store;
	local->queue = queue;
	return local;
}

void
local_close(struct local *local)
{
	if (!local)
		return;
	buf_free(&local->change);
	buf_free(&local->merged);
	free(local);
}

struct local_counts
local_counts(const struct local *local)
{
	return local->counts;
}

static int
read_salesforce_id(struct json json, struct record *record, struct arena *arena, struct err *err)
{
	char wide[SFID_SIZE];
	size_t size = 0;
	const char *text = json_decode(json, arena, &size);

	record->has_salesforce_id = json.at != NULL;
	if (!json_has(json) || (text && size == 0))
		return 0;
	if (!text || sfid_widen(text, size, wide) != 0)
		return err_set(err, ST_REJECTED, "local: salesforce_id is no Salesforce Id");
	record->salesforce_id = arena_dup(arena, wide, SFID_SIZE - 1);
	return 0;
}

static int
read_modified(struct json json, struct record *record, struct arena *arena, struct err *err)
{
	char out[RFC3339_SIZE];
	size_t size = 0;
	const char *text = json_decode(json, arena, &size);
	int64_t ms;

	if (!json_has(json))
		return 0;
	if (!text || rfc3339_parse(text, size, &ms) != 0)
		return err_set(err, ST_REJECTED, "local: modified is no RFC 3339 time");
	rfc3339_format_ms(ms, out);
	record->modified = arena_dup(arena, out, strlen(out));
	return 0;
}

static int
read_line(const struct line *line, struct record *record, struct err *err)
{
	struct json deleted = line_get(line, "deleted");

	*record = (struct record){.object = line_string(line, "object"),
	    .id = line_string(line, "id"),
	    .fields = line_get(line, "fields"),
	    .deleted = json_kind(deleted) == JSON_IS_TRUE};
	if (!record->object || !*record->object || !record->id || !*record->id)
		return err_set(err, ST_REJECTED, "local: object and id must be strings");
	if (json_has(deleted) && !record->deleted && json_kind(deleted) != JSON_IS_FALSE)
		return err_set(err, ST_REJECTED, "local: deleted is neither true nor false");
	if (record->fields.at && json_kind(record->fields) != JSON_IS_OBJECT)
		return err_set(err, ST_REJECTED, "local: fields is no object");
	if (!record->fields.at && !record->deleted)
		return err_set(err, ST_REJECTED, "local: without fields");
	if (read_salesforce_id(line_get(line, "salesforce_id"), record, line->arena, err) != 0)
		return -1;
	return read_modified(line_get(line, "modified"), record, line->arena, err);
}

/* 1 with what the store holds, 0 if it holds nothing. */
static int
select_stored(struct local *local, const struct record *key, struct record *stored,
    struct arena *arena, struct err *err)
{
	struct store_query *query = store_query(local->store,
	    "SELECT salesforce_id, modified, changed, deleted, fields FROM local_record"
	    " WHERE object = ?1 AND id = ?2",
	    err);

	if (!query)
		return -1;
	store_bind(query, 1, key->object);
	store_bind(query, 2, key->id);
	int step = store_step(query, err);
	if (step != 1)
		return step;
	*stored = (struct record){.object = key->object,
	    .id = key->id,
	    .salesforce_id = store_text_dup(query, 0, arena),
	    .modified = store_text_dup(query, 1, arena),
	    .changed = store_text_dup(query, 2, arena),
	    .deleted = store_int(query, 3) != 0};
	stored->fields.at = store_text_dup(query, 4, arena);
	stored->fields.size = strlen(stored->fields.at);
	store_reset(query);
	return 1;
}

static int
put_email(struct local *local, const struct record *record, const char *field, const char *email,
    struct err *err)
{
	struct store_query *query = store_query(
	    local->store, "INSERT OR IGNORE INTO local_email VALUES (?1, ?2, ?3, ?4)", err);

	if (!query)
		return -1;
	store_bind(query, 1, email);
	store_bind(query, 2, record->object);
	store_bind(query, 3, field);
	store_bind(query, 4, record->id);
	return store_run(query, err);
}

/* The emails among its fields; of a deleted one none. */
static int
put_emails(struct local *local, const struct record *record, struct arena *arena, struct err *err)
{
	struct json_each each = json_each(record->fields);
	struct json_member member;

	while (!record->deleted && json_next(&each, &member)) {
		size_t size;
		const char *text = json_decode(member.value, arena, &size);
		const char *email = text ? email_normalize(text, size, arena) : NULL;
		if (email && put_email(local, record, json_decode(member.name, arena, NULL), email,
				 err) != 0)
			return -1;
	}
	return 0;
}

/* The row and its emails. is_new: none is there. */
static int
write_row(struct local *local, const struct record *record, bool is_new, struct arena *arena,
    struct err *err)
{
	/* without their index the emails would be looked for in all of local_email */
	if (!is_new && store_build_indexes(local->store, err) != 0)
		return -1;
	struct store_query *query = store_query(local->store,
	    "INSERT OR REPLACE INTO local_record VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", err);
	if (!query)
		return -1;
	store_bind(query, 1, record->object);
	store_bind(query, 2, record->id);
	store_bind(query, 3, record->salesforce_id);
	store_bind(query, 4, record->modified);
	store_bind(query, 5, record->changed);
	store_bind_int(query, 6, record->deleted);
	store_bind_bytes(query, 7, record->fields.at, record->fields.size);
	if (store_run(query, err) != 0)
		return -1;
	if (!is_new) {
		query = store_query(
		    local->store, "DELETE FROM local_email WHERE object = ?1 AND id = ?2", err);
		if (!query)
			return -1;
		store_bind(query, 1, record->object);
		store_bind(query, 2, record->id);
		if (store_run(query, err) != 0)
			return -1;
	}
	return put_emails(local, record, arena, err);
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

/* The members of new that differ from old's, or that old lacks; the merged fields in local. */
static struct mirror_change *
merge(struct local *local, struct json old, struct json new, struct arena *arena, size_t *n)
{
	struct json_each each = json_each(new);
	struct json_member member;
	struct buf *out = &local->merged;
	size_t count = 0;

	while (json_next(&each, &member))
		count++;
	struct mirror_change *changes = arena_array(arena, count, sizeof *changes);
	*n = 0;
	for (each = json_each(new); json_next(&each, &member);) {
		char *name = json_decode(member.name, arena, NULL);
		struct json before = json_get(old, name);
		if (!json_same(before, member.value))
			changes[(*n)++] = (struct mirror_change){member.name, before, member.value};
	}
	buf_clear(out);
	buf_putc(out, '{');
	for (each = json_each(old); json_next(&each, &member);) {
		char *name = json_decode(member.name, arena, NULL);
		struct json value = json_get(new, name);
		put_member(out, member.name, value.at ? value : member.value);
	}
	for (size_t i = 0; i < *n; i++)
		if (!changes[i].before.at)
			put_member(out, changes[i].name, changes[i].after);
	buf_putc(out, '}');
	return changes;
}

static bool
same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Than what the store knows; what cannot be compared is not. */
static bool
is_older(const char *modified, const char *known)
{
	int64_t a, b;

	return modified && known && rfc3339_parse(modified, strlen(modified), &a) == 0 &&
	       rfc3339_parse(known, strlen(known), &b) == 0 && a < b;
}

static int
report(struct local *local, const struct record *record, const struct mirror_change *changes,
    size_t n, bool was_there, struct err *err)
{
	buf_clear(&local->change);
	mirror_change_line(&local->change, queue_next_seq(local->queue), "local", record->object,
	    record->id, changes, n, was_there, !record->deleted);
	return queue_put(
	    local->queue, "local", record->object, record->id, &local->change, false, err);
}

static int
put_new(struct local *local, struct record *record, struct arena *arena, struct err *err)
{
	size_t n;

	struct mirror_change *changes =
	    merge(local, (struct json){"{}", 2}, record->fields, arena, &n);
	record->fields = (struct json){local->merged.text, local->merged.size};
	record->changed = record->modified;
	local->counts.added++;
	if (write_row(local, record, true, arena, err) != 0)
		return -1;
	return report(local, record, changes, n, false, err);
}

static int
put_over(struct local *local, struct record *record, const struct record *stored,
    struct arena *arena, struct err *err)
{
	size_t n;
	struct mirror_change *changes = merge(local, stored->fields, record->fields, arena, &n);

	record->fields = (struct json){local->merged.text, local->merged.size};
	if (!record->has_salesforce_id)
		record->salesforce_id = stored->salesforce_id;
	if (!record->modified)
		record->modified = stored->modified;
	bool tells = n > 0 || record->deleted != stored->deleted ||
		     !same_text(record->salesforce_id, stored->salesforce_id);
	record->changed = tells ? record->modified : stored->changed;
	if (!tells && same_text(record->modified, stored->modified)) {
		local->counts.unchanged++;
		return 0;
	}
	if (write_row(local, record, false, arena, err) != 0)
		return -1;
	local->counts.changed += tells;
	local->counts.unchanged += !tells;
	return tells ? report(local, record, changes, n, !stored->deleted, err) : 0;
}

int
local_put(struct local *local, const struct line *line, struct err *err)
{
	struct record record, stored = {0};

	if (read_line(line, &record, err) != 0)
		return -1;
	int there = select_stored(local, &record, &stored, line->arena, err);
	if (there < 0)
		return -1;
	if (!there)
		return put_new(local, &record, line->arena, err);
	if (is_older(record.modified, stored.modified)) {
		local->counts.stale++;
		return 0;
	}
	return put_over(local, &record, &stored, line->arena, err);
}

int
local_write(
    struct local *local, const struct local_write *write, struct arena *arena, struct err *err)
{
	struct record record = {.object = write->object, .id = write->id}, stored = {0};
	struct json fields = write->fields.at ? write->fields : (struct json){"{}", 2};
	size_t n;

	if (read_modified(write->modified, &record, arena, err) != 0)
		return -1;
	const char *modified = record.modified;
	int there = select_stored(local, &record, &stored, arena, err);
	if (there < 0)
		return -1;
	if (there)
		record = stored;
	merge(local, there ? stored.fields : (struct json){"{}", 2}, fields, arena, &n);
	record.fields = (struct json){local->merged.text, local->merged.size};
	bool moves = modified && !is_older(modified, record.modified) &&
		     !same_text(modified, record.modified);
	if (moves)
		record.modified = modified;
	bool names = !record.salesforce_id && write->salesforce_id;
	if (names)
		record.salesforce_id = write->salesforce_id;
	return there && n == 0 && !moves && !names ? 0
						   : write_row(local, &record, !there, arena, err);
}

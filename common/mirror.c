#include "mirror.h"

#include "link.h"
#include "mirror_change.h"
#include "mirror_merge.h"
#include "mirror_sql.h"
#include "mirror_value.h"
#include "rfc3339.h"
#include "sfid.h"
#include "sobject.h"

#include <stdlib.h>
#include <string.h>

#define MAX_MEMBERS 4000 /* of a record; Salesforce has some 900 fields an object */

struct mirror {
	struct store *store;
	struct queue *queue;
	const char *region;
	struct mirror_sql *sql;
	struct mirror_counts counts;
	bool ours;         /* what is being written is our own */
	struct buf change; /* the line that is being made */
	struct buf merged; /* the record that is being made */
};

/* A record line as it comes in. */
struct record {
	const struct sobject *sobject;
	struct arena *arena;
	const struct line *line;
	char id[SFID_SIZE];
	const struct sobject_field **fields;   /* of each member, or NULL */
	struct json values[MIRROR_MAX_FIELDS]; /* of each field, absent if the line lacks it */
};

/* What the store holds of it. */
struct stored {
	struct json json;
	bool deleted;
	const char *stamp; /* or NULL */
};

struct mirror *
mirror_open(struct store *store, struct queue *queue, const char *region)
{
	struct mirror *mirror = xalloc(sizeof *mirror);

	*mirror = (struct mirror){
	    .store = store, .queue = queue, .region = region, .sql = mirror_sql_open()};
	return mirror;
}

void
mirror_close(struct mirror *mirror)
{
	if (!mirror)
		return;
	mirror_sql_close(mirror->sql);
	buf_free(&mirror->change);
	buf_free(&mirror->merged);
	free(mirror);
}

struct mirror_counts
mirror_counts(const struct mirror *mirror)
{
	return mirror->counts;
}

/* A prefix that no object of ours has passes. */
static int
check_prefix(const struct record *record, struct err *err)
{
	const struct sobject *named;

	if (sfid_has_prefix(record->id, record->sobject->prefix))
		return 0;
	named = sobject_find_id(record->id);
	if (!named)
		return 0;
	return err_set(err, ST_REJECTED, "Id %s is of another object, %s, not %s", record->id,
	    named->name, record->sobject->name);
}

static int
read_id(struct record *record, struct err *err)
{
	struct json id = record->values[0]; /* sobject.c: Id is the first of the fields */
	size_t size;
	const char *text = json_decode(id, record->arena, &size);
	char shown[64];

	if (!id.at)
		return err_set(err, ST_REJECTED, "%s without Id", record->sobject->name);
	if (text && sfid_widen(text, size, record->id) == 0)
		return check_prefix(record, err);
	diag_escape(shown, sizeof shown, id.at, id.size < 40 ? id.size : 40);
	return err_set(err, ST_REJECTED, "Id is no Salesforce Id: %s", shown);
}

static int
read_record(const struct line *line, struct record *record, struct err *err)
{
	const char *type = line_sobject(line);
	char shown[64];
	size_t next = 0;
	const struct sobject *sobject = type ? sobject_find_exact(type, strlen(type)) : NULL;

	*record = (struct record){.arena = line->arena, .line = line, .sobject = sobject};
	if (!sobject) {
		diag_escape(shown, sizeof shown, type ? type : "", type ? strlen(type) : 0);
		err_set(err, ST_REJECTED, "unknown object \"%s\"", shown);
		return -1;
	}
	if (line->n_members > MAX_MEMBERS)
		return err_set(err, ST_REJECTED, "more than %d members", MAX_MEMBERS);
	record->fields =
	    arena_array(line->arena, line->n_members, sizeof(const struct sobject_field *));
	for (size_t i = 0; i < line->n_members; i++) {
		record->fields[i] = mirror_field(sobject, line->members[i].name, &next);
		if (record->fields[i])
			record->values[record->fields[i] - sobject->fields] =
			    line->members[i].value;
	}
	return read_id(record, err);
}

/* The columns of these fields, from each one's JSON; all that is bad shows here. */
static int
read_values(const struct mirror *mirror, const struct record *record, const struct json *json,
    uint32_t fields, struct mirror_value *values, struct err *err)
{
	for (size_t i = 0; i < record->sobject->n_fields; i++) {
		const struct sobject_field *f = &record->sobject->fields[i];
		if (mirror_sql_has(f) && (fields & UINT32_C(1) << i) &&
		    mirror_value(f, json[i], mirror->region, record->arena, &values[i], err) != 0)
			return -1;
	}
	return 0;
}

static void
bind_values(struct store_query *query, const struct record *record, uint32_t fields,
    const struct mirror_value *values, int n)
{
	for (size_t i = 0; i < record->sobject->n_fields; i++) {
		const struct sobject_field *f = &record->sobject->fields[i];
		if (mirror_sql_has(f) && (fields & UINT32_C(1) << i))
			n = mirror_value_bind(f, &values[i], query, n);
	}
}

/* A new record's rows in person_phone, each number once. */
static int
put_phones(struct mirror *mirror, const struct record *record, const struct mirror_value *values,
    struct err *err)
{
	const struct sobject *sobject = record->sobject;

	for (size_t i = 0; i < sobject->n_fields; i++) {
		bool before = false;
		if (sobject->fields[i].type != SOBJECT_PHONE || !values[i].text)
			continue;
		for (size_t j = 0; j < i; j++)
			if (sobject->fields[j].type == SOBJECT_PHONE)
				before |= mirror_value_same(&values[i], &values[j]);
		if (before)
			continue;
		struct store_query *query =
		    store_query(mirror->store, "INSERT INTO person_phone VALUES (?1, ?2, ?3)", err);
		if (!query)
			return -1;
		store_bind_bytes(query, 1, values[i].text, values[i].size);
		store_bind(query, 2, sobject->name);
		store_bind(query, 3, record->id);
		if (store_run(query, err) != 0)
			return -1;
	}
	return 0;
}

static bool
is_deleted(const struct sobject *sobject, const struct mirror_value *values)
{
	for (size_t i = 0; i < sobject->n_fields; i++)
		if (strcmp(sobject->fields[i].name, "IsDeleted") == 0)
			return values[i].number != 0;
	return false;
}

/* The change of a record that was not there, or was deleted. */
static int
report_new(struct mirror *mirror, const struct record *record, struct json json, bool deleted,
    bool brief, struct err *err)
{
	buf_clear(&mirror->change);
	if (!brief || queue_reports(mirror->queue))
		mirror_change_new(&mirror->change, queue_next_seq(mirror->queue), "salesforce",
		    record->sobject->name, record->id, json, deleted);
	return queue_put(mirror->queue, "salesforce", record->sobject->name, record->id,
	    &mirror->change, brief, err);
}

/* 1: inserted, 0: it is there already. */
static int
insert(struct mirror *mirror, const struct record *record, struct err *err)
{
	struct mirror_value values[MIRROR_MAX_FIELDS] = {0};
	struct json object = record->line->object;

	if (read_values(mirror, record, record->values, UINT32_MAX, values, err) != 0)
		return -1;
	struct store_query *query =
	    store_query(mirror->store, mirror_sql_insert(mirror->sql, record->sobject), err);
	if (!query)
		return -1;
	store_bind_bytes(query, 1, record->id, SFID_SIZE - 1);
	store_bind(query, 2, record->sobject->name);
	store_bind_bytes(query, 3, object.at, object.size);
	bind_values(query, record, UINT32_MAX, values, 4);
	if (store_run(query, err) != 0)
		return -1;
	if (store_changes(mirror->store) == 0)
		return 0;
	if (put_phones(mirror, record, values, err) != 0 ||
	    report_new(mirror, record, object, is_deleted(record->sobject, values), true, err) != 0)
		return -1;
	mirror->counts.added++;
	return 1;
}

/* 1 with what the store holds, copied to the line's arena; 0 if it holds nothing. */
static int
select_stored(
    struct mirror *mirror, const struct record *record, struct stored *stored, struct err *err)
{
	struct store_query *query =
	    store_query(mirror->store, mirror_sql_select(mirror->sql, record->sobject), err);
	size_t size;

	if (!query)
		return -1;
	store_bind_bytes(query, 1, record->id, SFID_SIZE - 1);
	int step = store_step(query, err);
	if (step != 1)
		return step;
	const char *text = store_text(query, 0, &size);
	const char *object = store_text(query, 1, NULL);
	bool same = strcmp(object, record->sobject->name) == 0;
	stored->json = (struct json){arena_dup(record->arena, text, size), size};
	stored->deleted = store_int(query, 2) != 0;
	text = store_text(query, 3, &size);
	stored->stamp = text ? arena_dup(record->arena, text, size) : NULL;
	if (!same)
		err_set(err, ST_REJECTED,
		    "%s: the store holds an object of another type, %s, of this Id", record->id,
		    object);
	store_reset(query);
	return same ? 1 : -1;
}

/* 1 if the line is older than what the store holds, or cannot say that it is not; 0 if not. */
static int
is_stale(const struct mirror *mirror, const struct record *record, const struct stored *stored,
    struct err *err)
{
	const struct sobject_field *field = sobject_field(record->sobject, record->sobject->stamp);
	struct mirror_value stamp;
	int64_t new_ms, old_ms;

	if (mirror_value(field, record->values[field - record->sobject->fields], mirror->region,
		record->arena, &stamp, err) != 0)
		return -1;
	if (!stored->stamp)
		return 0;
	if (!stamp.text)
		return 1;
	return rfc3339_parse(stamp.text, stamp.size, &new_ms) == 0 &&
	       rfc3339_parse(stored->stamp, strlen(stored->stamp), &old_ms) == 0 && new_ms < old_ms;
}

static int
run_for(struct mirror *mirror, const char *sql, const struct record *record, struct err *err)
{
	struct store_query *query = store_query(mirror->store, sql, err);

	if (!query)
		return -1;
	store_bind(query, 1, record->id);
	store_bind(query, 2, record->sobject->name);
	return store_run(query, err);
}

static bool
has_phone(const struct sobject *sobject, uint32_t fields)
{
	for (size_t i = 0; i < sobject->n_fields; i++)
		if (sobject->fields[i].type == SOBJECT_PHONE && (fields & UINT32_C(1) << i))
			return true;
	return false;
}

/* Writes the merged record and the columns of the fields that differ. */
static int
update(struct mirror *mirror, const struct record *record, const struct mirror_merge *merge,
    uint32_t fields, const struct mirror_value *values, const char *sql, struct err *err)
{
	bool phones = has_phone(record->sobject, merge->fields);

	/* without its index each would be looked for in all of person_phone */
	if (phones && store_build_indexes(mirror->store, err) != 0)
		return -1;
	if (phones &&
	    run_for(mirror, mirror_sql_drop_phones(mirror->sql, record->sobject), record, err) != 0)
		return -1;
	struct store_query *query = store_query(mirror->store, sql, err);
	if (!query)
		return -1;
	store_bind_bytes(query, 1, record->id, SFID_SIZE - 1);
	store_bind_bytes(query, 2, mirror->merged.text, mirror->merged.size);
	bind_values(query, record, fields, values, 3);
	if (store_run(query, err) != 0)
		return -1;
	if (!phones)
		return 0;
	return run_for(mirror, mirror_sql_put_phones(mirror->sql, record->sobject), record, err);
}

/* After null: deleted; then before has all that has a column, so that what it touched is found. */
static int
report_change(struct mirror *mirror, const struct record *record, const struct mirror_merge *merge,
    bool was_deleted, bool deleted, struct err *err)
{
	struct mirror_change *changes = merge->changes;
	size_t n = merge->n_changes, kept = 0;

	if (was_deleted && !deleted)
		return report_new(mirror, record,
		    (struct json){mirror->merged.text, mirror->merged.size}, false, false, err);
	if (deleted)
		changes = mirror_merge_old(record->sobject, merge, &n);
	for (size_t i = 0; i < n; i++)
		if (!mirror_change_skips(changes[i].name))
			changes[kept++] = changes[i];
	buf_clear(&mirror->change);
	mirror_change_line(&mirror->change, queue_next_seq(mirror->queue), "salesforce",
	    record->sobject->name, record->id, changes, kept, true, !deleted);
	return queue_put(mirror->queue, "salesforce", record->sobject->name, record->id,
	    &mirror->change, false, err);
}

/* Tells the record's link whether this is no more than the stamps of a write of ours. */
static int
tell_link(struct mirror *mirror, const struct record *record, const struct mirror_merge *merge,
    struct err *err)
{
	const char *modified = NULL;
	bool only_stamps = true;

	if (mirror->ours)
		return 0;
	for (size_t i = 0; i < merge->n_changes; i++) {
		struct json name = merge->changes[i].name;
		if (json_is(name, "LastModifiedDate"))
			modified = json_decode(merge->changes[i].after, record->arena, NULL);
		else if (!json_is(name, "SystemModstamp") && !json_is(name, "LastModifiedById"))
			only_stamps = false;
	}
	return link_pulled(
	    mirror->store, record->sobject->name, record->id, only_stamps, modified, err);
}

static int
merge_over(struct mirror *mirror, const struct record *record, const struct stored *stored,
    struct err *err)
{
	struct mirror_value values[MIRROR_MAX_FIELDS] = {0};
	struct mirror_merge merge;

	mirror_merge(record->sobject, stored->json, record->line, record->fields, &merge);
	if (merge.n_changes == 0) {
		mirror->counts.unchanged++;
		return 0;
	}
	uint32_t fields = merge.fields;
	const char *sql = mirror_sql_update(mirror->sql, record->sobject, &fields);
	if (read_values(mirror, record, merge.values, fields, values, err) != 0)
		return -1;
	bool deleted = stored->deleted;
	const struct sobject_field *f = sobject_field(record->sobject, "IsDeleted");
	if (f && (fields & UINT32_C(1) << (f - record->sobject->fields)))
		deleted = is_deleted(record->sobject, values);
	mirror_merge_text(&merge, &mirror->merged);
	mirror->counts.changed++;
	if (update(mirror, record, &merge, fields, values, sql, err) != 0 ||
	    tell_link(mirror, record, &merge, err) != 0)
		return -1;
	return merge.tells ? report_change(mirror, record, &merge, stored->deleted, deleted, err)
			   : 0;
}

int
mirror_put(struct mirror *mirror, const struct line *line, struct err *err)
{
	struct record record;
	struct stored stored = {0};
	int done = 0;

	if (read_record(line, &record, err) != 0)
		return -1;
	/* a first load brings new records, anything else mostly known ones */
	if (!store_indexed(mirror->store) && (done = insert(mirror, &record, err)) != 0)
		return done < 0 ? -1 : 0;
	int there = select_stored(mirror, &record, &stored, err);
	if (there < 0)
		return -1;
	if (!there)
		return insert(mirror, &record, err) < 0 ? -1 : 0;
	int stale = is_stale(mirror, &record, &stored, err);
	if (stale == 0)
		return merge_over(mirror, &record, &stored, err);
	mirror->counts.stale += stale > 0;
	return stale < 0 ? -1 : 0;
}

/* A record line of these fields. */
static int
make_line(const char *object, const char *id, struct json fields, struct arena *arena,
    struct line *line, struct err *err)
{
	struct json_each each = json_each(fields);
	struct json_member member;
	struct buf text = {0};

	buf_puts(&text, "{\"attributes\":{");
	json_put_member(&text, "type", object);
	buf_putc(&text, '}');
	json_put_member(&text, "Id", id);
	while (json_next(&each, &member)) {
		if (json_is(member.name, "Id") || json_is(member.name, "attributes"))
			continue;
		buf_putc(&text, ',');
		buf_put(&text, member.name.at, member.name.size);
		buf_putc(&text, ':');
		buf_put(&text, member.value.at, member.value.size);
	}
	buf_putc(&text, '}');
	*line = (struct line){
	    .text = arena_dup(arena, text.text, text.size), .size = text.size, .arena = arena};
	buf_free(&text);
	return line_check(line, err);
}

static int
write_over(
    struct mirror *mirror, const struct record *record, const char **modified, struct err *err)
{
	struct stored stored = {0};
	int there = select_stored(mirror, record, &stored, err);

	if (there < 0)
		return -1;
	if (!there)
		return insert(mirror, record, err) < 0 ? -1 : 0;
	*modified = json_decode(json_get(stored.json, "LastModifiedDate"), record->arena, NULL);
	return merge_over(mirror, record, &stored, err);
}

int
mirror_write(struct mirror *mirror, const char *object, const char *id, struct json fields,
    struct arena *arena, const char **modified, struct err *err)
{
	struct mirror_counts counts = mirror->counts;
	struct record record;
	struct line line;

	*modified = NULL;
	if (!sobject_find_exact(object, strlen(object)))
		return 0;
	if (make_line(object, id, fields, arena, &line, err) != 0 ||
	    read_record(&line, &record, err) != 0)
		return -1;
	mirror->ours = true;
	int status = write_over(mirror, &record, modified, err);
	mirror->ours = false;
	mirror->counts = counts;
	return status;
}

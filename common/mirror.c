#include "mirror.h"

#include "link.h"
#include "mirror_change.h"
#include "mirror_merge.h"
#include "mirror_record.h"
#include "mirror_rows.h"
#include "mirror_value.h"
#include "rfc3339.h"
#include "sobject.h"

#include <stdlib.h>
#include <string.h>

struct mirror {
	struct store *store;
	struct queue *queue;
	struct mirror_rows *rows;
	struct mirror_counts counts;
	bool ours;         /* what is being written is our own */
	struct buf change; /* the line that is being made */
	struct buf merged; /* the record that is being made */
};

struct mirror *
mirror_open(struct store *store, struct queue *queue, const char *region)
{
	struct mirror *mirror = xalloc(sizeof *mirror);

	*mirror = (struct mirror){
	    .store = store, .queue = queue, .rows = mirror_rows_open(store, region)};
	return mirror;
}

void
mirror_close(struct mirror *mirror)
{
	if (!mirror)
		return;
	mirror_rows_close(mirror->rows);
	buf_free(&mirror->change);
	buf_free(&mirror->merged);
	free(mirror);
}

struct mirror_counts
mirror_counts(const struct mirror *mirror)
{
	return mirror->counts;
}

/* The change of a record that was not there, or was deleted. */
static int
report_new(struct mirror *mirror, const struct mirror_record *record, struct json json,
    bool deleted, bool brief, struct err *err)
{
	buf_clear(&mirror->change);
	if (!brief || queue_reports(mirror->queue))
		mirror_change_new(&mirror->change, queue_next_seq(mirror->queue), "salesforce",
		    record->sobject->name, record->id, json, deleted);
	return queue_put(mirror->queue, "salesforce", record->sobject->name, record->id,
	    &mirror->change, brief, err);
}

/* 1: added, 0: it is there already. */
static int
add(struct mirror *mirror, const struct mirror_record *record, struct err *err)
{
	bool deleted = false;
	int added = mirror_rows_insert(mirror->rows, record, &deleted, err);

	if (added != 1)
		return added;
	if (report_new(mirror, record, record->line->object, deleted, true, err) != 0)
		return -1;
	mirror->counts.added++;
	return 1;
}

/* 1 if the line is older than what the store holds, or cannot say that it is not; 0 if not. */
static int
is_stale(const struct mirror_record *record, const struct mirror_row *stored, struct err *err)
{
	const struct sobject_field *field = sobject_field(record->sobject, record->sobject->stamp);
	struct mirror_value stamp;
	int64_t new_ms, old_ms;

	if (mirror_value(field, record->values[field - record->sobject->fields], NULL,
		record->arena, &stamp, err) != 0)
		return -1;
	if (!stored->stamp)
		return 0;
	if (!stamp.text)
		return 1;
	return rfc3339_parse(stamp.text, stamp.size, &new_ms) == 0 &&
	       rfc3339_parse(stored->stamp, strlen(stored->stamp), &old_ms) == 0 && new_ms < old_ms;
}

/* After null: deleted; then before has all that has a column, so that what it touched is found. */
static int
report_change(struct mirror *mirror, const struct mirror_record *record,
    const struct mirror_merge *merge, bool was_deleted, bool deleted, struct err *err)
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
tell_link(struct mirror *mirror, const struct mirror_record *record,
    const struct mirror_merge *merge, struct err *err)
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
merge_over(struct mirror *mirror, const struct mirror_record *record,
    const struct mirror_row *stored, struct err *err)
{
	struct mirror_merge merge;
	bool deleted = stored->deleted;

	mirror_merge(record->sobject, stored->json, record->line, record->fields, &merge);
	if (merge.n_changes == 0) {
		mirror->counts.unchanged++;
		return 0;
	}
	mirror_merge_text(&merge, &mirror->merged);
	if (mirror_rows_update(mirror->rows, record, &merge, &mirror->merged, &deleted, err) != 0)
		return -1;
	mirror->counts.changed++;
	if (tell_link(mirror, record, &merge, err) != 0)
		return -1;
	return merge.tells ? report_change(mirror, record, &merge, stored->deleted, deleted, err)
			   : 0;
}

int
mirror_put(struct mirror *mirror, const struct line *line, struct err *err)
{
	struct mirror_record record;
	struct mirror_row stored = {0};
	int done = 0;

	if (mirror_record_read(line, &record, err) != 0)
		return -1;
	/* a first load brings new records, anything else mostly known ones */
	if (!store_indexed(mirror->store) && (done = add(mirror, &record, err)) != 0)
		return done < 0 ? -1 : 0;
	int there = mirror_rows_get(mirror->rows, &record, &stored, err);
	if (there < 0)
		return -1;
	if (!there)
		return add(mirror, &record, err) < 0 ? -1 : 0;
	int stale = is_stale(&record, &stored, err);
	if (stale == 0)
		return merge_over(mirror, &record, &stored, err);
	mirror->counts.stale += stale > 0;
	return stale < 0 ? -1 : 0;
}

static int
write_over(struct mirror *mirror, const struct mirror_record *record, const char **modified,
    struct err *err)
{
	struct mirror_row stored = {0};
	int there = mirror_rows_get(mirror->rows, record, &stored, err);

	if (there < 0)
		return -1;
	if (!there)
		return add(mirror, record, err) < 0 ? -1 : 0;
	*modified = json_decode(json_get(stored.json, "LastModifiedDate"), record->arena, NULL);
	return merge_over(mirror, record, &stored, err);
}

int
mirror_write(struct mirror *mirror, const char *object, const char *id, struct json fields,
    struct arena *arena, const char **modified, struct err *err)
{
	struct mirror_counts counts = mirror->counts;
	struct mirror_record record;
	struct line line;

	*modified = NULL;
	if (!sobject_find_exact(object, strlen(object)))
		return 0;
	if (mirror_record_line(object, id, fields, arena, &line, err) != 0 ||
	    mirror_record_read(&line, &record, err) != 0)
		return -1;
	mirror->ours = true;
	int status = write_over(mirror, &record, modified, err);
	mirror->ours = false;
	mirror->counts = counts;
	return status;
}

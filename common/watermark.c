#include "watermark.h"

#include "rfc3339.h"

#include <stdio.h>
#include <string.h>

static const char read_row[] =
    "SELECT modstamp, id, read, fields, missing FROM watermark WHERE object = ?";

static int
bad_row(const char *object, struct err *err)
{
	return err_set(err, ST_CONFIG,
	    "the store's watermark of %s is no good: pull it anew with --reset %s", object, object);
}

static int
take_row(struct store_query *row, const char *object, struct arena *arena,
    struct watermark *watermark, struct err *err)
{
	const char *stamp = store_text_dup(row, 0, arena), *id = store_text_dup(row, 1, arena);
	const char *read = store_text_dup(row, 2, arena);

	watermark->fields = store_text_dup(row, 3, arena);
	watermark->missing = store_text_dup(row, 4, arena);
	watermark->known = true;
	if (!read || rfc3339_parse(read, strlen(read), &watermark->read_ms) != 0)
		return bad_row(object, err);
	if (!stamp || !*stamp)
		return 0;
	if (rfc3339_parse(stamp, strlen(stamp), &watermark->at.ms) != 0 || !id ||
	    strlen(id) >= sizeof watermark->at.id)
		return bad_row(object, err);
	snprintf(watermark->at.id, sizeof watermark->at.id, "%s", id);
	watermark->at.set = true;
	return 0;
}

int
watermark_read(struct store *store, const char *object, struct arena *arena,
    struct watermark *watermark, struct err *err)
{
	*watermark = (struct watermark){0};
	if (!store)
		return 0;
	struct store_query *row = store_query(store, read_row, err);
	if (!row)
		return -1;
	store_bind(row, 1, object);
	int step = store_step(row, err);
	if (step == 1)
		step = take_row(row, object, arena, watermark, err);
	store_reset(row);
	return step;
}

struct walk
walk_begin(const struct watermark *watermark, int64_t overlap_ms)
{
	struct walk walk = {.old = watermark->at, .old_read_ms = watermark->read_ms};
	int64_t late_ms = watermark->read_ms - overlap_ms;

	if (!watermark->at.set)
		return walk;
	walk.from = watermark->at;
	if (late_ms <= watermark->at.ms)
		walk.from = (struct position){.set = true, .ms = late_ms};
	return walk;
}

void
walk_put_where(const struct walk *walk, const char *stamp, struct buf *soql)
{
	const struct position *from = walk->last.set ? &walk->last : &walk->from;
	char time[RFC3339_SIZE];

	if (!from->set)
		return;
	rfc3339_format_ms(from->ms, time);
	buf_printf(soql, "%s >= %s", stamp, time);
	if (from->id[0])
		buf_printf(soql, " AND (%s > %s OR Id > '%s')", stamp, time, from->id);
}

static bool
is_behind(const struct position *position, int64_t ms, const char *id)
{
	return ms > position->ms || (ms == position->ms && strcmp(id, position->id) > 0);
}

bool
walk_is_new(const struct walk *walk, int64_t ms, const char *id)
{
	return !walk->old.set || is_behind(&walk->old, ms, id);
}

void
walk_take(struct walk *walk, int64_t ms, const char *id)
{
	walk->last.set = true;
	walk->last.ms = ms;
	snprintf(walk->last.id, sizeof walk->last.id, "%s", id);
}

struct position
walk_mark(const struct walk *walk, bool complete, int64_t clock_ms, int64_t *read_ms)
{
	const struct position *last = &walk->last;
	bool passed = last->set && walk_is_new(walk, last->ms, last->id);

	*read_ms = complete || passed || !walk->old.set ? clock_ms : walk->old_read_ms;
	/* a server that was set back must not take us back */
	if (walk->old.set && *read_ms < walk->old_read_ms)
		*read_ms = walk->old_read_ms;
	return passed ? *last : walk->old;
}

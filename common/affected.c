#include "affected.h"

#include "associate.h"
#include "calls_merge.h"
#include "reach.h"
#include "ways.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRANSACTION_CALLS 500 /* then a newer state is read */

struct affected {
	struct store *store;
	bool begun;      /* what was reached is remembered */
	int64_t as_of;   /* the newest change that the store held when that began */
	unsigned looked; /* calls in this transaction */
	struct reach *reach;
	struct ways *ways;
	struct associate *associate;
	struct arena *arena; /* of one call */
	struct buf text;
	struct affected_counts counts;
};

struct affected *
affected_open(struct store *store, const struct rules *rules, struct warm *warm)
{
	struct affected *a = xalloc(sizeof *a);

	*a = (struct affected){.store = store};
	a->reach = reach_open(store, rules);
	a->ways = ways_open(store, rules, a->reach);
	a->associate = associate_open(store, rules, ASSOCIATE_ANEW, warm);
	a->arena = arena_open();
	return a;
}

/* What associates reads in the same transaction of the store. */
void
affected_wait(struct affected *a)
{
	associate_wait(a->associate);
	store_rollback(a->store);
	a->looked = 0;
}

void
affected_close(struct affected *a)
{
	if (!a)
		return;
	affected_wait(a);
	associate_close(a->associate);
	ways_close(a->ways);
	reach_close(a->reach);
	arena_close(a->arena);
	buf_free(&a->text);
	free(a);
}

void
affected_forget(struct affected *a)
{
	affected_wait(a);
	reach_forget(a->reach);
	a->begun = false;
}

struct affected_counts
affected_counts(const struct affected *a)
{
	return a->counts;
}

bool
affected_takes(const struct line *line)
{
	if (!line_is(line, "change"))
		return false;
	struct json side = line_get(line, "side");
	return json_is(side, "salesforce") ||
	       (json_is(side, "calls") && json_kind(line_get(line, "owed")) == JSON_IS_TRUE);
}

/* What was reached stays known for all changes that the store held by then. */
static int
begin(struct affected *a, const struct line *line, struct err *err)
{
	static const char sql[] = "SELECT seq FROM sqlite_sequence WHERE name = 'change'";
	struct json seq = line_get(line, "seq");
	int64_t newest = 0, of = 0;

	if (json_kind(seq) == JSON_IS_NUMBER)
		of = strtoll(arena_dup(line->arena, seq.at, seq.size), NULL, 10);
	if (a->begun && of > a->as_of)
		affected_forget(a);
	if (store_begin(a->store, err) != 0)
		return -1;
	if (a->begun)
		return 0;
	if (store_number(a->store, sql, &newest, err) != 0)
		return -1;
	a->as_of = newest;
	a->begun = true;
	return 0;
}

static int
read_call(struct affected *a, const struct reach_call *call, struct line *line, int64_t *seq,
    struct err *err)
{
	static const char calls[] = "SELECT line, seq FROM call WHERE id = ?1";
	static const char emails[] = "SELECT line, seq FROM email WHERE id = ?1";
	struct store_query *query = store_query(a->store, call->email ? emails : calls, err);
	size_t size;

	*line = (struct line){.arena = a->arena};
	if (!query)
		return -1;
	store_bind(query, 1, call->id);
	int step = store_step(query, err);
	if (step != 1)
		return step;
	const char *text = store_text(query, 0, &size);
	line->text = arena_dup(a->arena, text, size);
	line->size = size;
	*seq = store_int(query, 1);
	store_reset(query);
	return line_check(line, err) == 0 ? 1 : -1;
}

static bool
has_kept(const struct line *line)
{
	struct json_each each = json_each(line_get(line, "associations"));
	struct json_member m;

	while (json_next(&each, &m))
		if (json_kind(json_get(m.value, "kept")) == JSON_IS_TRUE)
			return true;
	return false;
}

/* 1: its associations are others now, 0: they stand, or it can have none; -1 err. */
static int
differs(struct affected *a, const struct line *stored, struct err *err)
{
	struct line line = *stored;
	struct err why = {0};

	associate_set_mode(a->associate, has_kept(stored) ? ASSOCIATE_KEEP : ASSOCIATE_ANEW);
	if (associate_line(a->associate, &line, &why) != 0) {
		if (why.status == ST_REJECTED)
			return 0;
		*err = why;
		return -1;
	}
	line_remove(&line, "as_of");
	buf_clear(&a->text);
	line_text(&line, &a->text);
	return a->text.size != stored->size ||
	       memcmp(a->text.text, stored->text, stored->size) != 0;
}

static void
write_call(struct affected *a, struct line *line, int64_t seq, struct line_stream *out)
{
	char number[24];

	line->edits = NULL;
	snprintf(number, sizeof number, "%" PRId64, seq);
	line_set(line, "stored", number, strlen(number));
	buf_clear(&a->text);
	line_text(line, &a->text);
	line_write(out, a->text.text, a->text.size);
	a->counts.named++;
}

/* owed: it is named in any case, if it can have associations at all. */
static int
look_at(struct affected *a, const struct reach_call *call, bool owed, struct line_stream *out,
    struct err *err)
{
	struct line line;
	int64_t seq = 0;

	if (++a->looked > TRANSACTION_CALLS)
		affected_wait(a);
	if (store_begin(a->store, err) != 0)
		return -1;
	arena_reset(a->arena);
	a->counts.reached++;
	int there = read_call(a, call, &line, &seq, err);
	if (there != 1 || calls_is_part(&line))
		return there < 0 ? -1 : 0;
	int named = owed ? 1 : differs(a, &line, err);
	if (named == 1)
		write_call(a, &line, seq, out);
	return named < 0 ? -1 : 0;
}

static int
look_at_all(struct affected *a, bool owed, struct line_stream *out, struct err *err)
{
	size_t n;
	const struct reach_call *calls = reach_calls(a->reach, &n);
	int status = 0;

	for (size_t i = 0; i < n && status == 0; i++)
		status = look_at(a, &calls[i], owed, out, err);
	reach_clear(a->reach);
	return status;
}

/* A call that is owed. */
static int
owed_call(struct affected *a, const struct line *line, struct line_stream *out, struct err *err)
{
	const char *id = line_string(line, "id");

	if (!id)
		return err_set(err, ST_REJECTED, "change without id");
	reach_add(a->reach, json_is(line_get(line, "object"), "email"), id);
	return look_at_all(a, true, out, err);
}

int
affected_line(struct affected *a, const struct line *line, struct line_stream *out, struct err *err)
{
	a->counts.changes++;
	if (begin(a, line, err) != 0)
		return -1;
	if (json_is(line_get(line, "side"), "calls"))
		return owed_call(a, line, out, err);
	if (ways_follow(a->ways, line, err) != 0)
		return -1;
	return look_at_all(a, false, out, err);
}

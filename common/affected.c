#include "affected.h"

#include "associate.h"
#include "calls_merge.h"
#include "email.h"
#include "fold.h"
#include "reach.h"
#include "sfid.h"
#include "sobject.h"
#include "ways.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRANSACTION_CALLS 500 /* then a newer state is read */

struct affected {
	struct store *store;
	unsigned matter; /* of these rules */
	bool begun;      /* what was reached is remembered */
	int64_t as_of;   /* the newest change that the store held when that began */
	unsigned looked; /* calls in this transaction */
	struct reach *reach;
	struct associate *anew, *keep;
	struct arena *arena; /* of one call */
	struct buf text;
	struct affected_counts counts;
};

struct affected *
affected_open(struct store *store, const struct rules *rules, struct warm *warm)
{
	struct affected *a = xalloc(sizeof *a);

	*a = (struct affected){.store = store, .matter = ways_matter(rules)};
	a->reach = reach_open(store, rules);
	a->anew = associate_open(store, rules, ASSOCIATE_ANEW, warm);
	a->keep = associate_open(store, rules, ASSOCIATE_KEEP, warm);
	a->arena = arena_open();
	return a;
}

/* Both read in the one transaction of the store. */
void
affected_wait(struct affected *a)
{
	associate_wait(a->anew);
	associate_wait(a->keep);
	store_rollback(a->store);
	a->looked = 0;
}

void
affected_close(struct affected *a)
{
	if (!a)
		return;
	affected_wait(a);
	associate_close(a->anew);
	associate_close(a->keep);
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

/* --- the change */

struct change {
	const struct sobject *sobject;
	char id[SFID_SIZE];
	struct json before;
	unsigned matters;
	struct arena *arena;
};

static const char *
email_of(struct json value, struct arena *arena)
{
	size_t size;
	const char *text = json_decode(value, arena, &size);

	return text ? email_normalize(text, size, arena) : NULL;
}

/* Another address of the same domain is nothing new to who asks for the domain. */
static bool
same_domain(const struct line *line, struct arena *arena)
{
	const char *old = email_of(json_get(line_get(line, "before"), "Email"), arena);
	const char *new = email_of(json_get(line_get(line, "after"), "Email"), arena);

	if (!old || !new)
		return old == new;
	return strcmp(email_domain(old), email_domain(new)) == 0;
}

static unsigned
matters_of(const struct line *line, const struct sobject *sobject)
{
	struct json fields = line_get(line, "fields");
	struct json_each each = json_each(fields);
	struct json_member m;
	unsigned matters = 0;

	if (json_kind(fields) != JSON_IS_ARRAY || !json_has(line_get(line, "before")) ||
	    !json_has(line_get(line, "after")))
		return ~0U;
	while (json_next(&each, &m)) {
		const char *name = json_decode(m.value, line->arena, NULL);
		const struct sobject_field *f = name ? sobject_field(sobject, name) : NULL;
		if (!f)
			continue;
		unsigned of_field = f->matters;
		if (f->type == SOBJECT_EMAIL && same_domain(line, line->arena))
			of_field &= ~(unsigned)SOBJECT_DOMAIN;
		matters |= of_field;
	}
	return matters;
}

/* 1, or 0 for an object that no rule reads. */
static int
read_change(
    const struct affected *a, const struct line *line, struct change *change, struct err *err)
{
	const char *object = line_string(line, "object");
	size_t size = 0;
	const char *id = json_decode(line_get(line, "id"), line->arena, &size);

	*change = (struct change){.arena = line->arena, .before = line_get(line, "before")};
	if (!object)
		return err_set(err, ST_REJECTED, "change without object");
	if (!id || sfid_widen(id, size, change->id) != 0)
		return err_set(err, ST_REJECTED, "change: id is no Salesforce Id");
	change->sobject = sobject_find_exact(object, strlen(object));
	if (!change->sobject)
		return 0;
	change->matters = matters_of(line, change->sobject) & a->matter;
	return change->matters != 0;
}

/* The value that a field had before, as the key that it was; NULL: none. */
static const char *
key_before(const struct change *change, const struct way *way)
{
	const struct sobject_field *field = sobject_field(change->sobject, way->field);
	size_t size;
	const char *text = json_decode(json_get(change->before, way->field), change->arena, &size);
	char id[SFID_SIZE];

	if (!text || !field)
		return NULL;
	if (field->type == SOBJECT_ID)
		return sfid_widen(text, size, id) == 0 ? arena_dup(change->arena, id, SFID_SIZE - 1)
						       : NULL;
	if (field->type != SOBJECT_EMAIL)
		return fold_trim(text, size, change->arena);
	const char *email = email_normalize(text, size, change->arena);
	return email && way->by == REACH_DOMAIN ? email_domain(email) : email;
}

struct keys {
	const char *key;
	struct keys *next;
};

/* All keys first, as each asks the store again. */
static int
read_keys(struct affected *a, const struct change *change, const char *sql, struct keys **keys,
    struct err *err)
{
	struct store_query *query = store_query(a->store, sql, err);
	size_t size;
	int step;

	if (!query)
		return -1;
	store_bind(query, 1, change->id);
	while ((step = store_step(query, err)) == 1) {
		const char *text = store_text(query, 0, &size);
		if (!text)
			continue;
		*keys = arena_alloc(change->arena, sizeof **keys);
		(*keys)->key = arena_dup(change->arena, text, size);
		keys = &(*keys)->next;
	}
	return step;
}

static int
go(struct affected *a, const struct change *change, const struct way *way, struct err *err)
{
	struct keys *keys = NULL;

	if (!way->sql) {
		const char *key = way->field ? key_before(change, way) : change->id;
		return key ? reach_key(a->reach, way->by, key, err) : 0;
	}
	if (read_keys(a, change, way->sql, &keys, err) != 0)
		return -1;
	for (; keys; keys = keys->next)
		if (reach_key(a->reach, way->by, keys->key, err) != 0)
			return -1;
	return 0;
}

/* --- the calls */

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
	int status = json_check(
	    line->text, size, a->arena, &line->object, &line->members, &line->n_members, err);
	return status == 0 ? 1 : -1;
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

	if (associate_line(has_kept(stored) ? a->keep : a->anew, &line, NULL, &why) != 0) {
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
	struct change change;

	a->counts.changes++;
	if (json_is(line_get(line, "side"), "calls"))
		return begin(a, line, err) == 0 ? owed_call(a, line, out, err) : -1;
	int read = read_change(a, line, &change, err);
	if (read <= 0)
		return read;
	if (begin(a, line, err) != 0)
		return -1;
	for (size_t i = 0; i < n_ways; i++)
		if (ways[i].matters & change.matters &&
		    strcmp(ways[i].object, change.sobject->name) == 0 &&
		    go(a, &change, &ways[i], err) != 0)
			return -1;
	return look_at_all(a, false, out, err);
}

#include "task.h"

#include "activity.h"
#include "association.h"
#include "rfc3339.h"

#include <inttypes.h>
#include <string.h>

#define SUBJECT_MAX 255

/* What the call's Task is to say. */
struct wanted {
	const char *call_id, *call_object, *subject;
	int64_t start_ms, seconds; /* seconds -1: not known */
	const char *who, *what;
};

/* What is there: ours if this store's log-activity made it and nobody has moved it since. */
struct existing {
	const char *id, *who, *what, *seen;
	bool ours;
	bool deleted;
	bool logged; /* made by us, whoever moved it since */
	bool
	    untouched; /* as it was created, by the user who created those that we know to be ours */
	const char *subject, *day, *status; /* NULL if it was not pulled yet */
	int64_t seconds;
};

static char *
string(struct json object, const char *name, struct arena *arena)
{
	return json_decode(json_get(object, name), arena, NULL);
}

/* Text of at most max characters; the field takes no more. */
static const char *
cut(char *text, size_t max)
{
	size_t characters = 0;

	for (char *at = text; at && *at; at++)
		if (((unsigned char)*at & 0xc0) != 0x80 && ++characters > max)
			*at-- = '\0';
	return text;
}

static int
read_times(struct json call, struct arena *arena, struct wanted *w, struct err *err)
{
	const char *start = string(call, "start", arena), *end = string(call, "end", arena);
	int64_t end_ms;

	if (!start || rfc3339_parse(start, strlen(start), &w->start_ms) != 0)
		return err_set(err, ST_REJECTED, "start is no RFC 3339 time");
	w->seconds = -1;
	if (end && rfc3339_parse(end, strlen(end), &end_ms) == 0 && end_ms >= w->start_ms)
		w->seconds = (end_ms - w->start_ms) / 1000;
	return 0;
}

/* How sure a reason makes it that this is the person: the smaller the better. */
static int
rank_reason(const char *by)
{
	static const char *const order[] = {"manual", "activity", "contact-email", "lead-email",
	    "contact-phone", "lead-phone", "lead-conversion"};
	int n = sizeof order / sizeof *order;

	for (int i = 0; i < n; i++)
		if (strcmp(by, order[i]) == 0)
			return i;
	return n;
}

static int
rank_person(const struct association *a)
{
	int best = INT32_MAX;

	for (size_t i = 0; i < a->n_reasons; i++) {
		int rank = rank_reason(a->reasons[i].by);
		if (rank < best)
			best = rank;
	}
	return best;
}

static int
in_account(struct store *store, const char *contact, const char *account, bool *in, struct err *err)
{
	static const char sql[] = "SELECT 1 FROM contact WHERE id = ?1 AND account_id = ?2";
	struct store_query *query = store_query(store, sql, err);

	*in = false;
	if (!query || !account)
		return query ? 0 : -1;
	store_bind(query, 1, contact);
	store_bind(query, 2, account);
	int step = store_step(query, err);
	*in = step == 1;
	store_reset(query);
	return step < 0 ? -1 : 0;
}

/* The best contact: of the primary account before others, then the surest reason, then the first. */
static int
best_person(struct store *store, const struct association_list *list, const char *object,
    const char *account, const char **id, struct err *err)
{
	int best = INT32_MAX;

	*id = NULL;
	for (size_t i = 0; i < list->n; i++) {
		const struct association *a = list->items[i];
		bool in;
		if (strcmp(a->object, object) != 0 || a->deleted)
			continue;
		if (in_account(store, a->id, account, &in, err) != 0)
			return -1;
		int rank = rank_person(a) / 2 + (in ? 0 : 1000);
		if (!*id || rank < best) {
			best = rank;
			*id = a->id;
		}
	}
	return 0;
}

/* Salesforce takes no WhatId beside a lead: the contact first, then the WhatId, then the lead. */
static int
read_wanted(
    struct store *store, struct json call, struct arena *arena, struct wanted *w, struct err *err)
{
	struct association_list list = {.arena = arena};
	struct json primary = json_get(call, "primary");
	const char *account = string(primary, "account", arena);

	*w = (struct wanted){.call_id = string(call, "id", arena)};
	if (!w->call_id || !*w->call_id)
		return err_set(err, ST_REJECTED, "no id");
	if (read_times(call, arena, w, err) != 0)
		return -1;
	w->call_object = activity_call_object(w->call_id, arena);
	w->subject = cut(string(call, "subject", arena), SUBJECT_MAX);
	w->what = string(primary, "opportunity", arena);
	if (!w->what)
		w->what = account;
	association_read(&list, json_get(call, "associations"));
	if (best_person(store, &list, "Contact", account, &w->who, err) != 0)
		return -1;
	return w->who || w->what ? 0 : best_person(store, &list, "Lead", NULL, &w->who, err);
}

/* The Task of this call: as the store holds it, or as it was made if it was not pulled yet; ours
 * before others', then the lowest Id. 1, 0 if there is none, -1 err. */
static int
find_existing(struct store *store, const struct wanted *w, struct arena *arena, struct existing *e,
    struct err *err)
{
	static const char sql[] =
	    "SELECT a.id, a.who_id, a.what_id, a.system_modstamp, a.is_deleted = 0"
	    " AND l.id IS NOT NULL AND l.who_id IS a.who_id AND l.what_id IS a.what_id AS ours,"
	    " l.id IS NOT NULL, a.subject, a.record ->> 'ActivityDate', a.record ->> 'Status',"
	    " ifnull(a.record ->> 'CallDurationInSeconds', -1), a.is_deleted,"
	    " a.created_date = a.last_modified_date AND a.owner_id ="
	    " (SELECT b.owner_id FROM logged_task m JOIN activity b ON b.id = m.id"
	    " ORDER BY m.rowid DESC LIMIT 1)"
	    " FROM activity a LEFT JOIN logged_task l ON l.id = a.id"
	    " WHERE a.call_object = ?1 AND a.object = 'Task'"
	    " UNION ALL SELECT l.id, l.who_id, l.what_id, NULL, 1, 1, NULL, NULL, NULL, -1, 0, 0"
	    " FROM logged_task l"
	    " WHERE l.call_id = ?2 AND NOT EXISTS (SELECT 1 FROM activity a WHERE a.id = l.id)"
	    " ORDER BY ours DESC, 1";
	struct store_query *query = store_query(store, sql, err);

	if (!query)
		return -1;
	store_bind(query, 1, w->call_object);
	store_bind(query, 2, w->call_id);
	int step = store_step(query, err);
	if (step == 1)
		*e = (struct existing){.id = store_text_dup(query, 0, arena),
		    .who = store_text_dup(query, 1, arena),
		    .what = store_text_dup(query, 2, arena),
		    .seen = store_text_dup(query, 3, arena),
		    .ours = store_int(query, 4) == 1,
		    .logged = store_int(query, 5) == 1,
		    .subject = store_text_dup(query, 6, arena),
		    .day = store_text_dup(query, 7, arena),
		    .status = store_text_dup(query, 8, arena),
		    .seconds = store_int(query, 9),
		    .deleted = store_int(query, 10) == 1,
		    .untouched = store_int(query, 11) == 1};
	store_reset(query);
	return step;
}

static int
read_org(struct store *store, struct arena *arena, const char **org, struct err *err)
{
	static const char sql[] = "SELECT value FROM meta WHERE name = 'org'";
	struct store_query *query = store_query(store, sql, err);

	*org = NULL;
	if (!query)
		return -1;
	int step = store_step(query, err);
	if (step == 1)
		*org = store_text_dup(query, 0, arena);
	store_reset(query);
	return step < 0 ? -1 : 0;
}

/* A member that is a string, or null. */
static void
put_nullable(struct buf *out, const char *name, const char *text)
{
	if (text) {
		json_put_member(out, name, text);
		return;
	}
	json_put_name(out, name);
	buf_puts(out, "null");
}

static void
put_head(struct buf *op, const char *verb, const char *id, const struct wanted *w, const char *org)
{
	buf_putc(op, '{');
	json_put_member(op, "kind", "op");
	json_put_member(op, "to", "salesforce");
	json_put_member(op, "op", verb);
	json_put_member(op, "object", "Task");
	json_put_member(op, "id", id);
	json_put_member(op, "local_object", "call");
	json_put_member(op, "local_id", w->call_id);
	json_put_member(op, "org", org);
}

/* what was recorded is over: an open Task would stand in somebody's list of work */
static const char completed[] = "Completed";

static const char *
subject_of(const struct wanted *w)
{
	return w->subject && *w->subject ? w->subject : "Call";
}

static void
put_create(struct buf *op, const struct wanted *w, const char *org)
{
	char day[RFC3339_SIZE];

	put_head(op, "create", NULL, w, org);
	json_put_name(op, "find");
	buf_putc(op, '{');
	json_put_member(op, "CallObject", w->call_object);
	buf_putc(op, '}');
	json_put_name(op, "fields");
	buf_putc(op, '{');
	json_put_member(op, "Subject", subject_of(w));
	json_put_member(op, "ActivityDate", rfc3339_format_date(w->start_ms, day));
	if (w->seconds >= 0)
		buf_printf(op, ",\"CallDurationInSeconds\":%" PRId64, w->seconds);
	json_put_member(op, "CallObject", w->call_object);
	json_put_member(op, "WhoId", w->who);
	json_put_member(op, "WhatId", w->what);
	json_put_member(op, "Status", completed);
	json_put_member(op, "TaskSubtype", "Call");
	buf_puts(op, "}}");
}

/* What has not taken place: a result that stays owed to the consumer, so that the next run hears of
 * the call again (design 6, "Pending is a set"). */
static void
put_not_yet(struct buf *op, const struct wanted *w, const char *org)
{
	char start[RFC3339_SIZE];

	put_head(op, "none", NULL, w, org);
	buf_printf(op,
	    ",\"result\":{\"ok\":false,\"errors\":[{\"statusCode\":\"NOT_YET\","
	    "\"message\":\"the call starts at %s\",\"fields\":[]}],\"retry\":true}}",
	    rfc3339_format(w->start_ms, start));
}

static bool
differ(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) != 0 : a != b;
}

static void
put_moved(
    struct buf *op, const char *name, bool who, bool what, const char *who_id, const char *what_id)
{
	json_put_name(op, name);
	buf_putc(op, '{');
	if (who)
		put_nullable(op, "WhoId", who_id);
	if (what)
		put_nullable(op, "WhatId", what_id);
	buf_putc(op, '}');
}

static void
put_update(struct buf *op, const struct wanted *w, const struct existing *e, const char *org)
{
	bool who = differ(w->who, e->who), what = differ(w->what, e->what);

	put_head(op, "update", e->id, w, org);
	put_moved(op, "fields", who, what, w->who, w->what);
	put_moved(op, "was", who, what, e->who, e->what);
	json_put_member(op, "seen", e->seen);
	buf_putc(op, '}');
}

/* Whether the Task is what we would write, but not known as ours: a run died between the write and
 * the store's hearing of it. The call may have moved since; the Task has not, if nobody touched it. */
static bool
is_unheard(const struct wanted *w, const struct existing *e)
{
	char day[RFC3339_SIZE];
	bool moved = differ(w->who, e->who) || differ(w->what, e->what);

	if (e->ours || e->deleted || (moved && (e->logged || !e->untouched)))
		return false;
	return e->logged || (!differ(subject_of(w), e->subject) && !differ(completed, e->status) &&
				!differ(rfc3339_format_date(w->start_ms, day), e->day) &&
				w->seconds == e->seconds);
}

/* Writes nothing: its result tells the store that the Task is ours. */
static void
put_known(struct buf *op, const struct wanted *w, const struct existing *e, const char *org)
{
	put_head(op, "none", e->id, w, org);
	put_moved(op, "fields", true, true, e->who, e->what);
	buf_putc(op, '}');
}

/* What took place once: neither a series, nor what says only a part of an invitation. */
static bool
is_meeting(struct json call)
{
	return json_kind(json_get(call, "recurs")) != JSON_IS_TRUE &&
	       !json_has(json_get(call, "method")) &&
	       (json_has(json_get(call, "start")) ||
		   !json_is(json_get(call, "status"), "cancelled"));
}

int
task_op(struct store *store, struct json call, int64_t now_ms, struct arena *arena, struct buf *op,
    struct err *err)
{
	struct existing there = {0};
	struct wanted wanted;
	const char *org;

	if (!is_meeting(call))
		return 0;
	if (read_wanted(store, call, arena, &wanted, err) != 0)
		return -1;
	int found = find_existing(store, &wanted, arena, &there, err);
	if (found < 0 || read_org(store, arena, &org, err) != 0)
		return -1;
	if (!wanted.who && !wanted.what) /* nothing to log it under */
		return 0;
	if (!found) {
		if (json_is(json_get(call, "status"), "cancelled"))
			return 0;
		if (wanted.start_ms > now_ms)
			put_not_yet(op, &wanted, org);
		else
			put_create(op, &wanted, org);
		return 1;
	}
	bool known = is_unheard(&wanted, &there);
	if (known)
		put_known(op, &wanted, &there, org);
	if ((!there.ours && !known) ||
	    (!differ(wanted.who, there.who) && !differ(wanted.what, there.what)))
		return known;
	if (known)
		buf_putc(op, '\n');
	put_update(op, &wanted, &there, org);
	return 1;
}

#include "activity.h"

#include "rfc3339.h"
#include "sfid.h"

#include <inttypes.h>
#include <string.h>

#define CALL_OBJECT_MAX 255

/* As in opportunity.c: a Task of ours that nobody has moved since. */
#define NOT_OURS                                                                                   \
	" AND NOT EXISTS (SELECT 1 FROM logged_task l WHERE l.id = a.id AND l.who_id IS a.who_id"  \
	" AND l.what_id IS a.what_id)"

/* id, unless the record is deleted; an opportunity must be held too (design 5). */
static int
name_record(
    struct match *match, const char *object, const char *prefix, const char *id, const char **out)
{
	enum match_state state;

	if (!id || !sfid_has_prefix(id, prefix))
		return 0;
	if (match_state(match, object, id, &state, NULL) != 0)
		return -1;
	bool opportunity = strcmp(object, "Opportunity") == 0;
	if (state == MATCH_HELD || (state == MATCH_UNKNOWN && !opportunity))
		*out = id;
	return 0;
}

/* 1: it names something, 0: it does not count, -1 err. */
static int
resolve(struct match *match, const char *id, const char *who, const char *what, struct activity *a)
{
	*a = (struct activity){.id = id};
	if (name_record(match, "Contact", "003", who, &a->contact_id) != 0 ||
	    name_record(match, "Lead", "00Q", who, &a->lead_id) != 0 ||
	    name_record(match, "Account", "001", what, &a->account_id) != 0 ||
	    name_record(match, "Opportunity", "006", what, &a->opportunity_id) != 0)
		return -1;
	return a->contact_id || a->lead_id || a->account_id || a->opportunity_id;
}

struct row {
	const char *id, *who, *what;
	int64_t at;
	bool owned;
	struct row *next;
};

/* All rows first, as resolving them asks the store again. */
static int
read_rows(struct match *match, struct store_query *query, const char *organizer, struct row **rows)
{
	struct row **last = rows;
	int step;

	while ((step = store_step(query, match->err)) == 1) {
		struct row *row = arena_alloc(match->arena, sizeof *row);
		size_t size;
		const char *at = store_text(query, 3, &size);
		const char *owner = store_text(query, 4, NULL);
		row->id = match_text(match, query, 0);
		row->who = match_text(match, query, 1);
		row->what = match_text(match, query, 2);
		row->owned = owner && organizer && strcmp(owner, organizer) == 0;
		if (at && rfc3339_parse(at, size, &row->at) != 0)
			continue;
		*last = row;
		last = &row->next;
	}
	return step;
}

static int
find_task(struct match *match, const char *call_id, struct activity *found)
{
	static const char sql[] =
	    "SELECT id, who_id, what_id, NULL, NULL FROM activity a WHERE call_object = ?1"
	    " AND object = 'Task' AND is_deleted = 0" NOT_OURS " ORDER BY id";
	struct store_query *query = store_query(match->store, sql, match->err);
	struct row *rows = NULL;

	if (!query)
		return -1;
	store_bind(query, 1, call_id);
	if (read_rows(match, query, NULL, &rows) != 0)
		return -1;
	int there = 0;
	for (; rows; rows = rows->next) {
		struct activity task;
		int counts = resolve(match, rows->id, rows->who, rows->what, &task);
		if (counts < 0)
			return -1;
		match_explain(match, 2, "Task %s has the call's id%s", task.id,
		    !counts ? ", but names no record"
		    : there ? ", but not the lowest Id"
			    : "");
		if (counts && !there)
			*found = task;
		there |= counts;
	}
	return there;
}

/* 2: of a matched contact or lead, 1: the organizer's, 0: neither. */
static int
rank(const struct association_list *matched, const struct row *row, const struct activity *a)
{
	const struct association *who = NULL;

	if (a->contact_id)
		who = association_find(matched, "Contact", a->contact_id);
	else if (a->lead_id)
		who = association_find(matched, "Lead", a->lead_id);
	return who && association_participants(who) > 0 ? 2 : row->owned;
}

static int
find_event(struct match *match, int64_t start, const struct association_list *matched,
    const char *organizer, struct activity *found)
{
	static const char sql[] =
	    "SELECT id, who_id, what_id, at, (SELECT u.email FROM user u WHERE u.id = a.owner_id)"
	    " FROM activity a WHERE object = 'Event' AND at > ?1 AND at <= ?2 AND is_deleted = 0"
	    " ORDER BY id";
	struct store_query *query = store_query(match->store, sql, match->err);
	char from[RFC3339_SIZE], to[RFC3339_SIZE];
	int64_t window = match->rules->activity_window_ms, best_distance = 0;
	struct row *rows = NULL;
	int best = 0;

	if (!query)
		return -1;
	/* as text 15:00:00.5Z stands before 15:00:00Z: wider by a second, the distance decides */
	store_bind(query, 1, rfc3339_format(start - window - 1000, from));
	store_bind(query, 2, rfc3339_format(start + window, to));
	if (read_rows(match, query, organizer, &rows) != 0)
		return -1;
	for (; rows; rows = rows->next) {
		static const char *const words[] = {"neither matched nor the organizer's",
		    "the organizer's", "of a matched person"};
		struct activity a;
		int64_t d = rows->at < start ? start - rows->at : rows->at - start;
		int counts = d > window ? 0 : resolve(match, rows->id, rows->who, rows->what, &a);
		if (counts < 0)
			return -1;
		int r = counts ? rank(matched, rows, &a) : 0;
		if (d <= window)
			match_explain(match, 2, "Event %s at %s: %s", rows->id,
			    rfc3339_format(rows->at, from), counts ? words[r] : "names no record");
		if (r == 0 || r < best || (r == best && d >= best_distance))
			continue;
		best = r;
		best_distance = d;
		*found = a;
	}
	return best > 0;
}

const char *
activity_call_object(const char *call_id, struct arena *arena)
{
	size_t size = strlen(call_id), kept = CALL_OBJECT_MAX - 17;
	uint64_t hash =
	    UINT64_C(0xcbf29ce484222325); /* FNV-1a: the same on every machine, always */

	if (size <= CALL_OBJECT_MAX)
		return call_id;
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)call_id[i]) * UINT64_C(0x100000001b3);
	while (((unsigned char)call_id[kept] & 0xc0) == 0x80)
		kept--;
	return arena_printf(arena, "%.*s#%016" PRIx64, (int)kept, call_id, hash);
}

int
activity_find(struct match *match, const char *call_id, int64_t start_ms,
    const struct association_list *matched, const char *organizer, struct activity *found)
{
	match_explain(match, 1, "the CRM's own activity");
	int there = call_id ? find_task(match, call_id, found) : 0;
	if (there == 0)
		there = find_event(match, start_ms, matched, organizer, found);
	if (there >= 0)
		match_explain(match, 2, there ? "chosen: %s" : "%s", there ? found->id : "none");
	return there;
}

#include "opportunity.h"

#include "rfc3339.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DAYS INT64_C(86400000)

/* The columns behind its Id. */
#define OWN_DATES 2
#define ALL_DATES 6

static int64_t
distance(int64_t a, int64_t b)
{
	return a < b ? b - a : a - b;
}

/* Of an opportunity's dates the first ones are in milliseconds, those of its activities text. */
static bool
read_date(struct store_query *query, int column, int64_t *at)
{
	size_t size;

	if (column <= OWN_DATES) {
		*at = store_int(query, column);
		return !store_is_null(query, column);
	}
	const char *text = store_text(query, column, &size);
	return text && rfc3339_parse(text, size, at) == 0;
}

/* Keeps what is there, if it is closer to start than closest; ties: the later. */
static void
consider(struct store_query *query, int column, int64_t start, bool *any, int64_t *closest)
{
	int64_t at;

	if (!read_date(query, column, &at))
		return;
	int64_t d = distance(at, start), best = distance(*closest, start);
	if (!*any || d < best || (d == best && at > *closest))
		*closest = at;
	*any = true;
}

bool
opportunity_closer(const struct opportunity *a, const struct opportunity *b, int64_t start_ms)
{
	int64_t x = distance(a->activity_ms, start_ms), y = distance(b->activity_ms, start_ms);

	if (x != y)
		return x < y;
	if (a->activity_ms != b->activity_ms)
		return a->activity_ms > b->activity_ms;
	return strcmp(a->id, b->id) < 0;
}

/* Keeps it if it is to be preferred. */
static void
prefer(const struct opportunity *o, int64_t start, bool *any, struct opportunity *found)
{
	if (!*any || opportunity_closer(o, found, start))
		*found = *o;
	*any = true;
}

/* Of its times the one closest to start; ties: the later. There is one. */
static int64_t
closest_time(const struct keys_opportunity *o, int64_t start)
{
	uint32_t low = 0, high = o->n_times; /* the first that is behind start */

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (keys_time(o, middle) > start)
			high = middle;
		else
			low = middle + 1;
	}
	if (low == o->n_times || (low > 0 && distance(keys_time(o, low - 1), start) <
						 distance(keys_time(o, low), start)))
		return keys_time(o, low - 1);
	return keys_time(o, low);
}

static int
closest_from_keys(
    struct match *match, const char *account_id, int64_t start, struct opportunity *found)
{
	const struct keys_entry *entry = keys_find(match->keys, KEYS_OPPORTUNITIES, account_id);
	const char *value = entry ? keys_values(entry) : NULL;
	struct keys_opportunity k;
	bool any = false;

	for (uint32_t i = 0; entry && i < entry->n; i++) {
		value = keys_opportunity(value, &k);
		if (k.n_times == 0)
			continue;
		struct opportunity o = {
		    .id = k.id, .account_id = entry->text, .activity_ms = closest_time(&k, start)};
		prefer(&o, start, &any, found);
	}
	return any;
}

/* A Task of ours that nobody has moved since (design 5, last paragraph). */
#define OURS                                                                                       \
	"EXISTS (SELECT 1 FROM logged_task l WHERE l.id = a.id AND l.who_id IS a.who_id"           \
	" AND l.what_id IS a.what_id)"

#define OF_ACCOUNT                                                                                 \
	" FROM opportunity o WHERE o.account_id = ?1 AND o.is_deleted = 0 AND o.is_closed = 0"

/* Each open opportunity with its own two dates; then, where there are any, with the nearest before and
 * after the start of its histories and of its Tasks and Events. Times are compared as text in whole
 * seconds, which all stamps of Salesforce are. */
static const char own_dates[] =
    "SELECT o.id, o.created_date_ms, o.last_modified_date_ms" OF_ACCOUNT;
static const char all_dates[] =
    "SELECT o.id, o.created_date_ms, o.last_modified_date_ms,"
    " (SELECT max(at) FROM opportunity_activity WHERE opportunity_id = o.id AND at <= ?2"
    " AND is_deleted = 0),"
    " (SELECT min(at) FROM opportunity_activity WHERE opportunity_id = o.id AND at > ?2"
    " AND is_deleted = 0),"
    " (SELECT at FROM activity a WHERE what_id = o.id AND at <= ?2 AND is_deleted = 0"
    " AND NOT " OURS " ORDER BY at DESC LIMIT 1),"
    " (SELECT at FROM activity a WHERE what_id = o.id AND at > ?2 AND is_deleted = 0"
    " AND NOT " OURS " ORDER BY at LIMIT 1)" OF_ACCOUNT;

static int
closest_from_store(
    struct match *match, const char *account_id, int64_t start, struct opportunity *found)
{
	bool activities = match->known->has_activities;
	struct store_query *query =
	    store_query(match->store, activities ? all_dates : own_dates, match->err);
	char second[RFC3339_SIZE], at[RFC3339_SIZE];
	bool any = false;
	int step;

	if (!query)
		return -1;
	store_bind(query, 1, account_id);
	if (activities)
		store_bind(query, 2, rfc3339_format(start, second));
	match_explain(match, 1, "opportunities of account %s", account_id);
	while ((step = store_step(query, match->err)) == 1) {
		struct opportunity o = {
		    .id = match_text(match, query, 0), .account_id = account_id};
		bool active = false;
		for (int column = 1; column <= (activities ? ALL_DATES : OWN_DATES); column++)
			consider(query, column, start, &active, &o.activity_ms);
		if (match->explain)
			match_explain(match, 2, "%s: open, its closest activity %s", o.id,
			    active ? rfc3339_format(o.activity_ms, at) : "none");
		if (active)
			prefer(&o, start, &any, found);
	}
	match_explain(match, 2, any ? "chosen: %s, the closest in time" : "%s",
	    any ? found->id : "none is open");
	return step < 0 ? -1 : any;
}

int
opportunity_closest(
    struct match *match, const char *account_id, int64_t start_ms, struct opportunity *found)
{
	if (match->keys)
		return closest_from_keys(match, account_id, start_ms, found);
	return closest_from_store(match, account_id, start_ms, found);
}

enum window { OPEN, CREATED_AFTER, CLOSED_BEFORE_30, CLOSED_AFTER, CLOSED_BEFORE_90, NO_WINDOW };

static const char *const window_names[] = {
    "open", "created-after", "closed-before-30", "closed-after", "closed-before-90"};

struct candidate {
	const char *id, *account_id;
	bool has_created, has_close;
	int64_t created, close;
	int closed; /* -1: unknown */
};

/* The first window that it satisfies. */
static enum window
find_window(const struct candidate *c, int64_t start)
{
	int64_t day = start - ((start % DAYS) + DAYS) % DAYS;
	bool closed = c->closed == 1;

	if (c->has_created && c->created <= start &&
	    (c->closed == 0 || (c->has_close && c->close >= day)))
		return OPEN;
	if (c->has_created && c->created > start && c->created <= start + 30 * DAYS)
		return CREATED_AFTER;
	if (!closed || !c->has_close)
		return NO_WINDOW;
	if (c->close < day && c->close >= day - 30 * DAYS)
		return CLOSED_BEFORE_30;
	if (c->close >= day)
		return CLOSED_AFTER;
	return c->close >= day - 90 * DAYS ? CLOSED_BEFORE_90 : NO_WINDOW;
}

struct choice {
	struct candidate best;
	enum window window;
	int64_t distance;
};

static void
weigh(struct match *match, struct choice *choice, const struct candidate *c, int64_t start)
{
	enum window window = find_window(c, start);
	/* without a CreatedDate it is the furthest of its window */
	int64_t d = c->has_created ? distance(c->created, start) : INT64_MAX;
	char created[RFC3339_SIZE];

	match_explain(match, 2, "%s: %s, created %s", c->id,
	    window == NO_WINDOW ? "in no window" : window_names[window],
	    c->has_created ? rfc3339_format(c->created, created) : "unknown");
	if (window > choice->window || window == NO_WINDOW)
		return;
	if (window == choice->window &&
	    (d > choice->distance ||
		(d == choice->distance && strcmp(c->id, choice->best.id) >= 0)))
		return;
	*choice = (struct choice){.best = *c, .window = window, .distance = d};
}

static struct candidate
read_candidate(struct match *match, struct store_query *query)
{
	struct candidate c = {
	    .id = match_text(match, query, 0), .account_id = match_text(match, query, 1)};
	size_t size;

	c.has_created = !store_is_null(query, 2);
	c.created = store_int(query, 2);
	c.closed = store_is_null(query, 3) ? -1 : store_int(query, 3) != 0;
	const char *text = store_text(query, 4, &size);
	c.has_close = text && rfc3339_parse_date(text, size, &c.close) == 0;
	return c;
}

#define CANDIDATE                                                                                  \
	"SELECT o.id, o.account_id, o.created_date_ms, o.is_closed, o.close_date,"                 \
	" (SELECT u.email FROM user u WHERE u.id = o.owner_id) FROM opportunity o "

static int
weigh_all(struct match *match, const char *sql, const char *key,
    const struct opportunity_scope *scope, int64_t start, struct choice *choice)
{
	struct store_query *query = store_query(match->store, sql, match->err);
	int step;

	if (!query)
		return -1;
	store_bind(query, 1, key);
	while ((step = store_step(query, match->err)) == 1) {
		struct candidate c = read_candidate(match, query);
		const char *owner = store_text(query, 5, NULL);
		if (scope->owned &&
		    (!owner || !scope->organizer || strcmp(owner, scope->organizer) != 0))
			match_explain(match, 2, "%s: not the organizer's", c.id);
		else
			weigh(match, choice, &c, start);
	}
	return step;
}

int
opportunity_priority(struct match *match, const struct opportunity_scope *scope, int64_t start_ms,
    struct opportunity *found)
{
	static const char by_role[] =
	    CANDIDATE "JOIN opportunity_contact_role r ON r.opportunity_id = o.id"
		      " WHERE r.contact_id = ?1 AND r.is_deleted = 0 AND o.is_deleted = 0";
	static const char by_contact[] = CANDIDATE "WHERE o.contact_id = ?1 AND o.is_deleted = 0";
	static const char by_account[] = CANDIDATE "WHERE o.account_id = ?1 AND o.is_deleted = 0";
	struct choice choice = {.window = NO_WINDOW};

	if (scope->n_contacts > 0)
		match_explain(match, 1, "opportunities of the contacts");
	for (size_t i = 0; i < scope->n_contacts; i++)
		if (weigh_all(match, by_role, scope->contacts[i], scope, start_ms, &choice) != 0 ||
		    weigh_all(match, by_contact, scope->contacts[i], scope, start_ms, &choice) != 0)
			return -1;
	size_t n_accounts = choice.window == NO_WINDOW ? scope->n_accounts : 0;
	if (n_accounts > 0)
		match_explain(match, 1, "opportunities of the accounts");
	for (size_t i = 0; i < n_accounts; i++)
		if (weigh_all(match, by_account, scope->accounts[i], scope, start_ms, &choice) != 0)
			return -1;
	if (choice.window == NO_WINDOW) {
		match_explain(match, 1, "no opportunity is in a window");
		return 0;
	}
	*found = (struct opportunity){.id = choice.best.id,
	    .account_id = choice.best.account_id,
	    .window = window_names[choice.window]};
	match_explain(match, 2, "chosen: %s: %s is the first window, its creation the closest",
	    found->id, found->window);
	return 1;
}

int
opportunity_get(struct match *match, const char *id, struct opportunity *found)
{
	static const char sql[] =
	    "SELECT id, account_id FROM opportunity WHERE id = ?1 AND is_deleted = 0";
	struct store_query *query = store_query(match->store, sql, match->err);

	if (!query)
		return -1;
	store_bind(query, 1, id);
	int step = store_step(query, match->err);
	if (step == 1)
		*found = (struct opportunity){
		    .id = match_text(match, query, 0), .account_id = match_text(match, query, 1)};
	store_reset(query);
	return step;
}

/* The part of the keys that is by account: its name, its open opportunities and their activities. */
#include "keys_data.h"

#include "arena.h"
#include "rfc3339.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

static void
copy_id(char id[19], const char *text, size_t size)
{
	size = size < 18 ? size : 18;
	memcpy(id, text, size);
	id[size] = '\0';
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
add_deleted(struct keys *keys, size_t *room, const char *id, size_t size)
{
	if (keys->n_deleted_accounts == *room) {
		*room = *room * 2 + 64;
		keys->deleted_accounts =
		    xrealloc(keys->deleted_accounts, *room * sizeof *keys->deleted_accounts);
	}
	copy_id(keys->deleted_accounts[keys->n_deleted_accounts++], id, size);
}

int
keys_load_accounts(struct keys_writer *w)
{
	static const char sql[] = "SELECT id, name, is_deleted FROM account";
	struct store_query *query = store_query(w->store, sql, &w->err);
	struct buf name = {0};
	size_t room = 0;
	int step = -1;

	while (query && (step = store_step(query, &w->err)) == 1) {
		bool deleted = store_int(query, 2) != 0;
		size_t size;
		const char *id = store_span(query, 0, &size);
		buf_clear(&name);
		keys_put_value(&name, query, 1);
		keys_put(w, KEYS_ACCOUNT,
		    (store_is_null(query, 1) ? 0 : KEYS_NAMED) | (deleted ? KEYS_GONE : 0), id,
		    size, name.text, name.size);
		if (deleted)
			add_deleted(w->keys, &room, id, size);
	}
	if (w->keys->n_deleted_accounts > 1)
		qsort(w->keys->deleted_accounts, w->keys->n_deleted_accounts,
		    sizeof *w->keys->deleted_accounts, compare_ids);
	buf_free(&name);
	return step;
}

static int
load_deleted(struct keys_writer *w, const char *sql)
{
	struct store_query *query = store_query(w->store, sql, &w->err);
	int step = -1;

	while (query && (step = store_step(query, &w->err)) == 1) {
		size_t size;
		const char *id = store_span(query, 0, &size);
		keys_put(w, KEYS_DELETED, 0, id, size, NULL, 0);
	}
	return step;
}

int
keys_load_deleted(struct keys_writer *w)
{
	static const char contacts[] = "SELECT id FROM contact WHERE is_deleted";
	static const char leads[] = "SELECT id FROM lead WHERE is_deleted";

	return load_deleted(w, contacts) != 0 ? -1 : load_deleted(w, leads);
}

/* A time of an opportunity, before they are put in order. */
struct moment {
	uint32_t opportunity;
	int64_t at;
};

struct deal {
	char id[19];
	bool first; /* of its account */
	uint32_t first_time, n_times;
	size_t account; /* in deals.accounts */
};

struct deals {
	struct deal *items;
	size_t n, room;
	struct moment *moments;
	size_t n_moments, room_moments;
	struct table by_id;
	struct buf accounts; /* their Ids, each with its NUL */
	size_t last;         /* of them */
};

static const char *
deal_id(const void *arg, uint32_t n)
{
	return ((const struct deals *)arg)->items[n].id;
}

static void
put_moment(struct deals *deals, uint32_t deal, int64_t ms)
{
	if (deals->n_moments == deals->room_moments) {
		deals->room_moments = deals->room_moments * 2 + 1024;
		deals->moments =
		    xrealloc(deals->moments, deals->room_moments * sizeof *deals->moments);
	}
	deals->moments[deals->n_moments++] = (struct moment){.opportunity = deal, .at = ms};
	deals->items[deal].n_times++;
}

static void
put_own(struct deals *deals, uint32_t deal, struct store_query *query, int column)
{
	if (!store_is_null(query, column))
		put_moment(deals, deal, store_int(query, column));
}

static void
put_activity(struct deals *deals, uint32_t deal, struct store_query *query, int column)
{
	size_t size;
	const char *text = store_span(query, column, &size);
	int64_t ms;

	if (text && rfc3339_parse(text, size, &ms) == 0)
		put_moment(deals, deal, ms);
}

/* account, id, created, modified; in order of account. */
static void
take_opportunity(struct store_query *query, struct deals *deals)
{
	size_t size, id_size;
	const char *account = store_span(query, 0, &size);
	const char *id = store_span(query, 1, &id_size);
	uint32_t n = (uint32_t)deals->n;
	bool same = n > 0 && deals->accounts.size - deals->last == size + 1 &&
		    memcmp(deals->accounts.text + deals->last, account, size) == 0;

	if (!same) {
		deals->last = deals->accounts.size;
		buf_put(&deals->accounts, account, size);
		buf_putc(&deals->accounts, '\0');
	}
	if (deals->n == deals->room) {
		deals->room = deals->room * 2 + 1024;
		deals->items = xrealloc(deals->items, deals->room * sizeof *deals->items);
	}
	deals->items[deals->n++] = (struct deal){.first = !same, .account = deals->last};
	copy_id(deals->items[n].id, id, id_size);
	put_own(deals, n, query, 2);
	put_own(deals, n, query, 3);
}

/* opportunity, at; mostly none, so those who have one are looked for only if there is one. */
static int
load_activities(struct keys_writer *w, struct deals *deals, const char *sql)
{
	struct store_query *query = store_query(w->store, sql, &w->err);
	int step = -1;

	while (query && (step = store_step(query, &w->err)) == 1) {
		if (deals->by_id.n == 0) {
			table_reserve(&deals->by_id, deals->n);
			for (size_t i = 0; i < deals->n; i++)
				table_put(&deals->by_id, (uint32_t)i);
		}
		uint32_t n = table_get(&deals->by_id, store_text(query, 0, NULL));
		if (n != TABLE_NONE)
			put_activity(deals, n, query, 1);
	}
	return step;
}

static int
compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* The moments, each opportunity's behind each other, in order. */
static int64_t *
sort_times(struct deals *deals)
{
	int64_t *times = xalloc((deals->n_moments + 1) * sizeof *times);
	uint32_t first = 0;

	for (size_t i = 0; i < deals->n; i++) {
		deals->items[i].first_time = first;
		first += deals->items[i].n_times;
		deals->items[i].n_times = 0;
	}
	for (size_t i = 0; i < deals->n_moments; i++) {
		struct deal *o = &deals->items[deals->moments[i].opportunity];
		times[o->first_time + o->n_times++] = deals->moments[i].at;
	}
	for (size_t i = 0; i < deals->n; i++)
		if (deals->items[i].n_times > 1)
			qsort(&times[deals->items[i].first_time], deals->items[i].n_times,
			    sizeof *times, compare_times);
	return times;
}

static int
load_deals(struct keys_writer *w, struct deals *deals)
{
	static const char open[] =
	    "SELECT account_id, id, created_date_ms, last_modified_date_ms FROM opportunity"
	    " WHERE account_id IS NOT NULL AND is_deleted = 0 AND is_closed = 0"
	    " ORDER BY account_id, id";
	static const char histories[] = "SELECT opportunity_id, at FROM opportunity_activity"
					" WHERE opportunity_id IS NOT NULL AND is_deleted = 0";
	static const char activities[] =
	    "SELECT a.what_id, a.at FROM activity a WHERE a.what_id IS NOT NULL"
	    " AND a.is_deleted = 0 AND NOT EXISTS (SELECT 1 FROM logged_task l"
	    " WHERE l.id = a.id AND l.who_id IS a.who_id AND l.what_id IS a.what_id)";
	struct store_query *query = store_query(w->store, open, &w->err);
	int step = -1;

	while (query && (step = store_step(query, &w->err)) == 1)
		take_opportunity(query, deals);
	if (step != 0 || load_activities(w, deals, histories) != 0)
		return -1;
	return load_activities(w, deals, activities);
}

/* An entry for each account: its opportunities with their times. */
static void
put_deals(struct keys_writer *w, const struct deals *deals, const int64_t *times)
{
	struct buf values = {0};
	uint32_t n = 0;

	for (size_t i = 0; i < deals->n; i++) {
		const struct deal *d = &deals->items[i];
		buf_put(&values, d->id, strlen(d->id) + 1);
		buf_put(&values, (const char *)&d->n_times, sizeof d->n_times);
		buf_put(&values, (const char *)(times + d->first_time), d->n_times * sizeof *times);
		n++;
		if (i + 1 < deals->n && !deals->items[i + 1].first)
			continue;
		const char *account = deals->accounts.text + d->account;
		keys_put(
		    w, KEYS_OPPORTUNITIES, n, account, strlen(account), values.text, values.size);
		buf_clear(&values);
		n = 0;
	}
	buf_free(&values);
}

/* Those that closest-activity chooses among; for priority the store is asked. */
int
keys_load_opportunities(struct keys_writer *w)
{
	struct deals deals = {.by_id = {.key = deal_id}};
	int status = 0;

	if (w->rules->opportunity == OPPORTUNITY_PRIORITY)
		return 0;
	deals.by_id.arg = &deals;
	status = load_deals(w, &deals);
	int64_t *times = sort_times(&deals);
	put_deals(w, &deals, times);
	free(times);
	free(deals.items);
	free(deals.moments);
	table_free(&deals.by_id);
	buf_free(&deals.accounts);
	return status;
}

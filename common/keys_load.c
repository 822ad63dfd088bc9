#include "arena.h"
#include "keys_data.h"
#include "rfc3339.h"

#include <stdlib.h>
#include <string.h>

/* Room for one more item in an array that the store's contents drive. */
static void *
grow(void *items, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return items;
	*room = *room ? *room * 2 : 1024;
	return xrealloc(items, *room * size);
}
#define GROW(items, n, room) ((items) = grow((items), (n), &(room), sizeof *(items)))

static uint32_t
put_text(struct keys *keys, const char *text, size_t size)
{
	size_t at = keys->text.size;

	if (!text)
		return 0;
	buf_put(&keys->text, text, size);
	buf_putc(&keys->text, '\0');
	return (uint32_t)at;
}

static void
copy_id(char id[19], const char *text, size_t size)
{
	memcpy(id, text, size < 18 ? size : 18);
	id[size < 18 ? size : 18] = '\0';
}

/* The number + 1 of an account, which another record may name before or without its being held. */
static uint32_t
put_account(struct keys *keys, const char *id, size_t size)
{
	struct keys_account account = {0};

	if (!id)
		return 0;
	copy_id(account.id, id, size);
	uint32_t n = table_get(&keys->accounts_by_id, account.id);
	if (n != TABLE_NONE)
		return n + 1;
	GROW(keys->accounts, keys->n_accounts, keys->room_accounts);
	keys->accounts[keys->n_accounts] = account;
	table_put(&keys->accounts_by_id, (uint32_t)keys->n_accounts);
	return (uint32_t)++keys->n_accounts;
}

/* A row of a query: what is done with it. */
typedef void row(struct keys *keys, struct store_query *query, void *state);

static int
each_row(struct keys *keys, struct store *store, const char *sql, row *take, void *state,
    struct err *err)
{
	struct store_query *query = store_query(store, sql, err);
	int step;

	if (!query)
		return -1;
	while ((step = store_step(query, err)) == 1)
		take(keys, query, state);
	return step;
}

static void
take_account(struct keys *keys, struct store_query *query, void *state)
{
	size_t size;
	const char *id = store_text(query, 0, &size);

	(void)state;
	uint32_t n = put_account(keys, id, size);
	struct keys_account *account = &keys->accounts[n - 1];
	account->held = true;
	account->deleted = store_int(query, 1) != 0;
	const char *name = store_text(query, 2, &size);
	account->name = put_text(keys, name, size);
}

/* The persons of one address, until the next address comes. */
struct group {
	struct address_list *list;
	const struct rules *rules;
	int64_t *dates;
	size_t n, room;
};

static int
compare_persons(
    const struct keys_person *a, int64_t a_date, const struct keys_person *b, int64_t b_date)
{
	if (a_date != b_date)
		return a_date < b_date ? -1 : 1;
	return strcmp(a->id, b->id);
}

/* Leaves of the last address's persons what --duplicates chooses. */
static void
end_group(struct keys *keys, struct group *group)
{
	if (group->n == 0)
		return;
	struct address *address = &group->list->items[group->list->n - 1];
	struct keys_person *persons = &keys->persons[address->first];
	address->found = (uint32_t)group->n;
	if (group->rules->duplicates != DUPLICATES_ALL) {
		size_t best = 0;
		for (size_t i = 1; i < group->n; i++)
			if (compare_persons(&persons[i], group->dates[i], &persons[best],
				group->dates[best]) < 0)
				best = i;
		persons[0] = persons[best];
		keys->n_persons = address->first + 1;
		address->n = 1;
	} else {
		address->n = address->found; /* the query gives them in order of Id */
	}
	group->n = 0;
}

static int64_t
read_date(const struct rules *rules, struct store_query *query)
{
	bool newest = rules->duplicates == DUPLICATES_NEWEST_CREATED;
	size_t size;
	const char *text = store_text(query, newest ? 4 : 3, &size);
	int64_t ms;

	if (!text || rfc3339_parse(text, size, &ms) != 0)
		return INT64_MAX;
	return newest ? -ms : ms;
}

/* email, id, account, modified, created; a lead's also converted, contact. In order of email. */
static void
take_person(struct keys *keys, struct store_query *query, void *state)
{
	struct group *group = state;
	struct address_list *list = group->list;
	size_t size, id_size;
	const char *email = store_text(query, 0, &size);
	const char *last = list->n ? keys->text.text + list->items[list->n - 1].text : "";

	if (strcmp(last, email) != 0) {
		end_group(keys, group);
		GROW(list->items, list->n, list->room);
		list->items[list->n++] = (struct address){
		    .text = put_text(keys, email, size), .first = (uint32_t)keys->n_persons};
	}
	GROW(keys->persons, keys->n_persons, keys->room_persons);
	struct keys_person *person = &keys->persons[keys->n_persons++];
	*person = (struct keys_person){0};
	const char *id = store_text(query, 1, &id_size);
	copy_id(person->id, id, id_size);
	const char *account = store_text(query, 2, &size);
	person->account = put_account(keys, account, size);
	if (list == &keys->leads) {
		person->converted = store_int(query, 5) == 1;
		const char *contact = store_text(query, 6, &size);
		person->contact = put_text(keys, contact, size);
	}
	GROW(group->dates, group->n, group->room);
	group->dates[group->n++] = read_date(group->rules, query);
}

static int
load_persons(struct keys *keys, struct store *store, struct address_list *list, const char *sql,
    const struct rules *rules, struct err *err)
{
	struct group group = {.list = list, .rules = rules};
	int status = each_row(keys, store, sql, take_person, &group, err);

	end_group(keys, &group);
	free(group.dates);
	table_reserve(&list->by_text, list->n);
	for (size_t i = 0; i < list->n; i++)
		table_put(&list->by_text, (uint32_t)i);
	return status;
}

struct domain_state {
	const struct freemail *freemail;
	char last[256]; /* the domain that is skipped: free mail */
	uint32_t last_account;
	uint32_t contacts, best_contacts;
	char first[19];
};

/* The account that has just ended is the best of its domain so far, or not (design 5.4). */
static void
end_account(struct keys *keys, struct domain_state *s)
{
	if (s->contacts == 0)
		return;
	struct domain *domain = &keys->domains[keys->n_domains - 1];
	domain->contact.of++;
	if (s->contacts > s->best_contacts) { /* accounts come in order of Id */
		s->best_contacts = s->contacts;
		domain->contact.account = s->last_account;
		memcpy(domain->contact.contact, s->first, sizeof s->first);
	}
	s->contacts = 0;
}

/* domain, account, id; in this order. */
static void
take_domain(struct keys *keys, struct store_query *query, void *state)
{
	struct domain_state *s = state;
	size_t size, account_size;
	const char *text = store_text(query, 0, &size);
	const char *account_id = store_text(query, 1, &account_size);
	const char *last =
	    keys->n_domains ? keys->text.text + keys->domains[keys->n_domains - 1].text : "";

	if (strcmp(last, text) != 0) {
		if (strcmp(s->last, text) == 0)
			return;
		if (freemail_has(s->freemail, text) && size < sizeof s->last) {
			memcpy(s->last, text, size + 1);
			return;
		}
		end_account(keys, s);
		s->last_account = s->best_contacts = 0;
		GROW(keys->domains, keys->n_domains, keys->room_domains);
		keys->domains[keys->n_domains++] =
		    (struct domain){.text = put_text(keys, text, size)};
	}
	bool same =
	    s->last_account && strcmp(keys->accounts[s->last_account - 1].id, account_id) == 0;
	if (!same) {
		end_account(keys, s);
		s->last_account = put_account(keys, account_id, account_size);
		const char *id = store_text(query, 2, &size);
		copy_id(s->first, id, size);
	}
	if (!keys->accounts[s->last_account - 1].deleted)
		s->contacts++;
}

/* domain, id, company; in order of domain, the oldest first. */
static void
take_lead_domain(struct keys *keys, struct store_query *query, void *state)
{
	size_t size, company_size, id_size;
	const char *text = store_text(query, 0, &size);
	size_t n = keys->n_lead_domains;

	(void)state;
	if (n && strcmp(keys->text.text + keys->lead_domains[n - 1].text, text) == 0)
		return;
	GROW(keys->lead_domains, n, keys->room_lead_domains);
	struct lead_domain *domain = &keys->lead_domains[keys->n_lead_domains++];
	const char *company = store_text(query, 2, &company_size);
	domain->text = put_text(keys, text, size);
	domain->company = put_text(keys, company, company_size);
	const char *id = store_text(query, 1, &id_size);
	copy_id(domain->id, id, id_size);
}

static void
take_user(struct keys *keys, struct store_query *query, void *state)
{
	size_t size;
	const char *email = store_text(query, 0, &size);

	(void)state;
	if (table_get(&keys->users_by_text, email) != TABLE_NONE)
		return;
	GROW(keys->users, keys->n_users, keys->room_users);
	keys->users[keys->n_users] = put_text(keys, email, size);
	table_put(&keys->users_by_text, (uint32_t)keys->n_users++);
}

static void
put_moment(struct keys *keys, uint32_t opportunity, struct store_query *query, int column)
{
	size_t size;
	const char *text = store_text(query, column, &size);
	int64_t ms;

	if (!text || rfc3339_parse(text, size, &ms) != 0)
		return;
	GROW(keys->moments, keys->n_moments, keys->room_moments);
	keys->moments[keys->n_moments++] = (struct moment){.opportunity = opportunity, .at = ms};
	keys->opportunities[opportunity].n_times++;
}

/* account, id, created, modified; in order of account. */
static void
take_opportunity(struct keys *keys, struct store_query *query, void *state)
{
	size_t size;
	const char *account_id = store_text(query, 0, &size);
	uint32_t n = (uint32_t)keys->n_opportunities;

	(void)state;
	uint32_t of = put_account(keys, account_id, size);
	struct keys_account *account = &keys->accounts[of - 1];
	if (account->n_opportunities++ == 0)
		account->first_opportunity = n;
	GROW(keys->opportunities, keys->n_opportunities, keys->room_opportunities);
	keys->opportunities[n] = (struct keys_opportunity){0};
	const char *id = store_text(query, 1, &size);
	copy_id(keys->opportunities[n].id, id, size);
	keys->n_opportunities++;
	table_put(&keys->opportunities_by_id, n);
	put_moment(keys, n, query, 2);
	put_moment(keys, n, query, 3);
}

/* opportunity, at */
static void
take_activity(struct keys *keys, struct store_query *query, void *state)
{
	uint32_t n = table_get(&keys->opportunities_by_id, store_text(query, 0, NULL));

	(void)state;
	if (n != TABLE_NONE)
		put_moment(keys, n, query, 1);
}

static int
compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* The moments, each opportunity's behind each other, in order. */
static void
sort_times(struct keys *keys)
{
	uint32_t first = 0;

	keys->times = xalloc((keys->n_moments + 1) * sizeof *keys->times);
	for (size_t i = 0; i < keys->n_opportunities; i++) {
		keys->opportunities[i].first_time = first;
		first += keys->opportunities[i].n_times;
		keys->opportunities[i].n_times = 0;
	}
	for (size_t i = 0; i < keys->n_moments; i++) {
		struct keys_opportunity *o = &keys->opportunities[keys->moments[i].opportunity];
		keys->times[o->first_time + o->n_times++] = keys->moments[i].at;
	}
	for (size_t i = 0; i < keys->n_opportunities; i++)
		if (keys->opportunities[i].n_times > 1)
			qsort(&keys->times[keys->opportunities[i].first_time],
			    keys->opportunities[i].n_times, sizeof *keys->times, compare_times);
	free(keys->moments);
	keys->moments = NULL;
}

/* Its room is known beforehand; a number of several people stands there once. */
static void
take_phone(struct keys *keys, struct store_query *query, void *state)
{
	uint32_t hash = keys_phone_hash(store_text(query, 0, NULL));
	size_t mask = keys->room_phones - 1, at = hash & mask;

	(void)state;
	while (keys->phones[at] && keys->phones[at] != hash)
		at = (at + 1) & mask;
	keys->phones[at] = hash;
}

static int
load_phones(struct keys *keys, struct store *store, struct err *err)
{
	static const char count[] = "SELECT ifnull(max(rowid), 0) FROM person_phone";
	static const char all[] = "SELECT phone FROM person_phone";
	struct store_query *query = store_query(store, count, err);

	if (!query || store_step(query, err) != 1)
		return -1;
	size_t rows = (size_t)store_int(query, 0);
	store_reset(query);
	for (keys->room_phones = 1024; keys->room_phones < rows + rows / 2;)
		keys->room_phones *= 2;
	keys->phones = xalloc(keys->room_phones * sizeof *keys->phones);
	return each_row(keys, store, all, take_phone, NULL, err);
}

static int
load_people(struct keys *keys, struct store *store, const struct rules *rules, struct err *err)
{
	static const char accounts[] = "SELECT id, is_deleted, name FROM account";
	static const char contacts[] =
	    "SELECT email, id, account_id, last_modified_date, created_date FROM contact"
	    " WHERE email IS NOT NULL AND is_deleted = 0 ORDER BY email, id";
	static const char leads[] =
	    "SELECT email, id, converted_account_id, last_modified_date, created_date,"
	    " is_converted, converted_contact_id FROM lead"
	    " WHERE email IS NOT NULL AND is_deleted = 0 ORDER BY email, id";
	static const char users[] =
	    "SELECT email FROM user WHERE email IS NOT NULL AND ifnull(is_active, 1) <> 0"
	    " AND is_deleted = 0";

	if (each_row(keys, store, accounts, take_account, NULL, err) != 0 ||
	    load_persons(keys, store, &keys->contacts, contacts, rules, err) != 0 ||
	    load_persons(keys, store, &keys->leads, leads, rules, err) != 0)
		return -1;
	return each_row(keys, store, users, take_user, NULL, err);
}

static int
load_domains(struct keys *keys, struct store *store, const struct rules *rules, struct err *err)
{
	static const char contacts[] =
	    "SELECT email_domain, account_id, id FROM contact WHERE email_domain IS NOT NULL"
	    " AND is_deleted = 0 AND account_id IS NOT NULL ORDER BY email_domain, account_id, id";
	static const char leads[] =
	    "SELECT email_domain, id, company FROM lead WHERE email_domain IS NOT NULL"
	    " AND is_deleted = 0 AND is_converted = 0"
	    " ORDER BY email_domain, created_date IS NULL, created_date, id";
	struct domain_state state = {.freemail = rules->freemail};

	if (each_row(keys, store, contacts, take_domain, &state, err) != 0)
		return -1;
	if (keys->n_domains > 0)
		end_account(keys, &state);
	table_reserve(&keys->domains_by_text, keys->n_domains);
	for (size_t i = 0; i < keys->n_domains; i++)
		table_put(&keys->domains_by_text, (uint32_t)i);
	if (each_row(keys, store, leads, take_lead_domain, NULL, err) != 0)
		return -1;
	table_reserve(&keys->lead_domains_by_text, keys->n_lead_domains);
	for (size_t i = 0; i < keys->n_lead_domains; i++)
		table_put(&keys->lead_domains_by_text, (uint32_t)i);
	return 0;
}

/* Those that closest-activity chooses among; for priority the store is asked. */
static int
load_opportunities(struct keys *keys, struct store *store, struct err *err)
{
	static const char open[] =
	    "SELECT account_id, id, created_date, last_modified_date FROM opportunity"
	    " WHERE account_id IS NOT NULL AND is_deleted = 0 AND is_closed = 0"
	    " ORDER BY account_id, id";
	static const char histories[] = "SELECT opportunity_id, at FROM opportunity_activity"
					" WHERE opportunity_id IS NOT NULL AND is_deleted = 0";
	static const char activities[] =
	    "SELECT a.what_id, a.at FROM activity a WHERE a.what_id IS NOT NULL"
	    " AND a.is_deleted = 0 AND NOT EXISTS (SELECT 1 FROM logged_task l"
	    " WHERE l.id = a.id AND l.who_id IS a.who_id AND l.what_id IS a.what_id)";

	if (each_row(keys, store, open, take_opportunity, NULL, err) != 0 ||
	    each_row(keys, store, histories, take_activity, NULL, err) != 0 ||
	    each_row(keys, store, activities, take_activity, NULL, err) != 0)
		return -1;
	sort_times(keys);
	table_free(&keys->opportunities_by_id);
	return 0;
}

struct keys *
keys_load(struct store *store, const struct rules *rules, struct err *err)
{
	struct keys *keys = keys_open();

	if (store_begin(store, err) == 0 && store_version(store, &keys->version, err) == 0 &&
	    load_people(keys, store, rules, err) == 0 &&
	    load_domains(keys, store, rules, err) == 0 && load_phones(keys, store, err) == 0 &&
	    (rules->opportunity == OPPORTUNITY_PRIORITY ||
		load_opportunities(keys, store, err) == 0)) {
		store_rollback(store);
		return keys;
	}
	store_rollback(store);
	keys_close(keys);
	return NULL;
}

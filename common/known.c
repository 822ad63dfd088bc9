#include "known.h"

#include "keys.h"

#include <stdlib.h>

/* Reading so many Users costs about as much as asking for those of one line. */
#define USERS_A_LINE 8

static int
read_users(struct known *known, struct store *store, struct err *err)
{
	static const char users[] = KEYS_USERS;
	struct store_query *query = store_query(store, users, err);
	int step = -1;

	while (query && (step = store_step(query, err)) == 1)
		set_add(&known->users, store_text(query, 0, NULL));
	known->has_users = step == 0;
	known->lines = 0;
	return step;
}

static void
forget_domains(struct known *known)
{
	known->n_domains = 0;
	table_free(&known->by_domain);
	if (known->texts)
		arena_reset(known->texts);
}

static int
read_anew(struct known *known, struct store *store, int64_t version, struct err *err)
{
	static const char activities[] = "SELECT EXISTS (SELECT 1 FROM opportunity_activity)"
					 " OR EXISTS (SELECT 1 FROM activity)";
	int64_t any;

	if (store_number(store, activities, &any, err) != 0)
		return -1;
	known->has_activities = any != 0;
	known->has_users = false;
	set_clear(&known->users);
	known->lines = 0;
	forget_domains(known);
	known->version = version;
	known->read = true;
	return 0;
}

int
known_read(
    struct known *known, struct store *store, int64_t version, uint64_t lines, struct err *err)
{
	static const char count[] = "SELECT ifnull(max(rowid), 0) FROM user";
	int64_t n;

	if (!known->read || known->version != version)
		return read_anew(known, store, version, err);
	known->lines += lines;
	if (known->has_users)
		return 0;
	if (store_number(store, count, &n, err) != 0)
		return -1;
	return (uint64_t)n <= known->lines * USERS_A_LINE ? read_users(known, store, err) : 0;
}

void
known_free(struct known *known)
{
	set_free(&known->users);
	table_free(&known->by_domain);
	free(known->domains);
	arena_close(known->texts);
}

static const char *
domain_of(const void *arg, uint32_t number)
{
	const struct known *known = arg;

	return known->domains[number].domain;
}

const struct known_domain *
known_domain(const struct known *known, const char *domain)
{
	uint32_t number = table_get(&known->by_domain, domain);

	return number == TABLE_NONE ? NULL : &known->domains[number];
}

static const char *
copy(struct arena *arena, const char *text)
{
	return text ? arena_dup(arena, text, strlen(text)) : NULL;
}

void
known_put_domain(struct known *known, const struct known_domain *domain)
{
	if (!known->domains) {
		known->domains = xalloc(KNOWN_DOMAINS_MAX * sizeof *known->domains);
		known->texts = arena_open();
	}
	if (known->n_domains == KNOWN_DOMAINS_MAX)
		forget_domains(known);
	known->by_domain.key = domain_of;
	known->by_domain.arg = known;
	known->domains[known->n_domains] = (struct known_domain){copy(known->texts, domain->domain),
	    copy(known->texts, domain->account_id), copy(known->texts, domain->record_id),
	    domain->of};
	table_put(&known->by_domain, (uint32_t)known->n_domains++);
}

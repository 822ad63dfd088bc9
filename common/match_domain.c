#include "match.h"

#include "rfc3339.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* So many contacts are not read again and again. */
#define MANY 32

/* An account of which people have addresses in a domain. */
struct group {
	const char *account_id, *first;
	int64_t contacts;
};

static int
compare_groups(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->contacts != y->contacts)
		return x->contacts > y->contacts ? -1 : 1;
	return strcmp(x->account_id, y->account_id);
}

/* Those that are not deleted; contacts: of all. */
static int
read_groups(
    struct match *match, const char *domain, struct group **groups, size_t *n, int64_t *contacts)
{
	static const char sql[] =
	    "SELECT account_id, min(id), count(*) FROM contact WHERE email_domain = ?1"
	    " AND is_deleted = 0 AND account_id IS NOT NULL GROUP BY account_id";
	struct store_query *query = store_query(match->store, sql, match->err);
	size_t room = 0;
	int step;

	*n = 0;
	*contacts = 0;
	if (!query)
		return -1;
	store_bind(query, 1, domain);
	while ((step = store_step(query, match->err)) == 1) {
		struct group group = {
		    match_text(match, query, 0), match_text(match, query, 1), store_int(query, 2)};
		enum match_state state;
		*contacts += group.contacts;
		if (match_state(match, "Account", group.account_id, &state, NULL) != 0) {
			store_reset(query);
			return -1;
		}
		if (state == MATCH_DELETED)
			continue;
		if (*n == room)
			*groups = arena_more(match->arena, *groups, &room, 4, sizeof **groups);
		(*groups)[(*n)++] = group;
	}
	return step;
}

static int
contact_domain_from_store(struct match *match, const char *domain, struct match_domain *found)
{
	struct group *groups = NULL;
	size_t n;
	int64_t contacts;

	if (read_groups(match, domain, &groups, &n, &contacts) != 0)
		return -1;
	if (n == 0)
		match_explain(match, 2, "contact-domain %s: none with an account", domain);
	if (n > 1)
		qsort(groups, n, sizeof *groups, compare_groups);
	for (size_t i = 0; i < n && i <= MATCH_EXPLAIN_MAX; i++) {
		if (i == 0)
			match_explain(match, 2,
			    "contact-domain %s: account %s, contacts of the domain: %" PRId64
			    ", first %s",
			    domain, groups->account_id, groups->contacts, groups->first);
		else
			match_explain(match, 3, "not account %s, contacts: %" PRId64,
			    groups[i].account_id, groups[i].contacts);
	}
	if (n > 0)
		*found = (struct match_domain){
		    .account_id = groups->account_id, .record_id = groups->first, .of = (int64_t)n};
	if (contacts >= MANY && !match->explain)
		known_put_domain(match->known,
		    &(struct known_domain){domain, found->account_id, found->record_id, found->of});
	return 0;
}

static void
contact_domain_from_keys(struct match *match, const char *domain, struct match_domain *found)
{
	const struct keys_entry *entry = keys_find(match->keys, KEYS_CONTACT_DOMAIN, domain);

	if (!entry)
		return;
	found->account_id = keys_values(entry);
	found->record_id = keys_next(found->account_id);
	found->of = entry->n;
}

static const char *
keep(struct match *match, const char *text)
{
	return arena_dup(match->arena, text, strlen(text));
}

int
match_contact_domain(struct match *match, const char *domain, struct match_domain *found)
{
	const struct known_domain *known;

	*found = (struct match_domain){0};
	if (match->keys) {
		contact_domain_from_keys(match, domain, found);
		return 0;
	}
	if (match->explain || !(known = known_domain(match->known, domain)))
		return contact_domain_from_store(match, domain, found);
	if (known->of > 0)
		*found = (struct match_domain){.account_id = keep(match, known->account_id),
		    .record_id = keep(match, known->record_id),
		    .of = known->of};
	return 0;
}

static void
lead_domain_from_keys(struct match *match, const char *domain, struct match_domain *found)
{
	const struct keys_entry *entry = keys_find(match->keys, KEYS_LEAD_DOMAIN, domain);

	if (!entry)
		return;
	found->record_id = keys_values(entry);
	found->company = entry->n ? keys_next(found->record_id) : NULL;
}

static const char *
show_created(struct store_query *query, char out[RFC3339_SIZE])
{
	return store_is_null(query, 2) ? "unknown" : rfc3339_format_ms(store_int(query, 2), out);
}

int
match_lead_domain(struct match *match, const char *domain, struct match_domain *found)
{
	static const char sql[] =
	    "SELECT id, company, created_date_ms FROM lead WHERE email_domain = ?1"
	    " AND is_deleted = 0 AND is_converted = 0"
	    " ORDER BY created_date_ms IS NULL, created_date_ms, id LIMIT ?2";
	char created[RFC3339_SIZE];
	int step;

	*found = (struct match_domain){0};
	if (match->keys) {
		lead_domain_from_keys(match, domain, found);
		return 0;
	}
	struct store_query *query = store_query(match->store, sql, match->err);
	if (!query)
		return -1;
	store_bind(query, 1, domain);
	store_bind_int(query, 2, match->explain ? MATCH_EXPLAIN_MAX + 1 : 1);
	while ((step = store_step(query, match->err)) == 1) {
		const char *shown = show_created(query, created);
		if (found->record_id) {
			match_explain(
			    match, 3, "not %s, created %s", match_text(match, query, 0), shown);
			continue;
		}
		found->record_id = match_text(match, query, 0);
		found->company = match_text(match, query, 1);
		match_explain(
		    match, 2, "lead-domain %s: %s, created %s", domain, found->record_id, shown);
	}
	if (!found->record_id)
		match_explain(match, 2, "lead-domain %s: no unconverted lead", domain);
	return step;
}

#include "match.h"

#include <inttypes.h>

static int
contact_domain_from_store(struct match *match, const char *domain, struct match_domain *found)
{
	static const char sql[] =
	    "SELECT c.account_id, c.first, c.contacts FROM (SELECT account_id, min(id) AS first,"
	    " count(*) AS contacts FROM contact WHERE email_domain = ?1 AND is_deleted = 0"
	    " AND account_id IS NOT NULL GROUP BY account_id) c"
	    " LEFT JOIN account a ON a.id = c.account_id WHERE ifnull(a.is_deleted, 0) = 0"
	    " ORDER BY c.contacts DESC, c.account_id";
	struct store_query *query = store_query(match->store, sql, match->err);
	int step;

	*found = (struct match_domain){0};
	if (!query)
		return -1;
	store_bind(query, 1, domain);
	while ((step = store_step(query, match->err)) == 1) {
		if (found->of++ == 0) {
			found->account_id = match_text(match, query, 0);
			found->record_id = match_text(match, query, 1);
			match_explain(match, 2,
			    "contact-domain %s: account %s, contacts of the domain: %" PRId64
			    ", first %s",
			    domain, found->account_id, store_int(query, 2), found->record_id);
		} else if (match->explain && found->of <= MATCH_EXPLAIN_MAX + 1) {
			match_explain(match, 3, "not account %s, contacts: %" PRId64,
			    match_text(match, query, 0), store_int(query, 2));
		}
	}
	if (found->of == 0)
		match_explain(match, 2, "contact-domain %s: none with an account", domain);
	return step;
}

static void
contact_domain_from_keys(struct match *match, const char *domain, struct match_domain *found)
{
	const struct keys_entry *entry = keys_find(match->keys, KEYS_CONTACT_DOMAIN, domain);

	*found = (struct match_domain){0};
	if (!entry)
		return;
	found->account_id = keys_values(entry);
	found->record_id = keys_next(found->account_id);
	found->of = entry->n;
}

int
match_contact_domain(struct match *match, const char *domain, struct match_domain *found)
{
	if (match->keys) {
		contact_domain_from_keys(match, domain, found);
		return 0;
	}
	return contact_domain_from_store(match, domain, found);
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

int
match_lead_domain(struct match *match, const char *domain, struct match_domain *found)
{
	static const char sql[] =
	    "SELECT id, company, created_date FROM lead WHERE email_domain = ?1"
	    " AND is_deleted = 0 AND is_converted = 0"
	    " ORDER BY created_date IS NULL, created_date, id LIMIT ?2";
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
		const char *created = match->explain ? match_text(match, query, 2) : NULL;
		if (found->record_id) {
			match_explain(match, 3, "not %s, created %s", match_text(match, query, 0),
			    created ? created : "unknown");
			continue;
		}
		found->record_id = match_text(match, query, 0);
		found->company = match_text(match, query, 1);
		match_explain(match, 2, "lead-domain %s: %s, created %s", domain, found->record_id,
		    created ? created : "unknown");
	}
	if (!found->record_id)
		match_explain(match, 2, "lead-domain %s: no unconverted lead", domain);
	return step;
}

#include "choose.h"

#include "identify.h"
#include "rfc3339.h"

#include <string.h>

/* Adds the account with the reason, where accounts may be added; its id if it is named, or NULL. */
static int
name_account(
    struct choose *c, const char *id, const char *by, const char *record, const char **named)
{
	struct association *account = NULL;

	*named = NULL;
	if (!id)
		return 0;
	if (c->closed) {
		enum match_state state;
		if (match_state(c->match, "Account", id, &state, NULL) != 0)
			return -1;
		account = association_find(c->list, "Account", id);
		if (state != MATCH_DELETED)
			*named = id;
	} else if (identify_account(c->match, c->list, id, &account) != 0) {
		return -1;
	}
	if (account && !account->deleted) {
		if (account->kept && !c->closed) { /* today's rules do give it */
			account->kept = false;
			account->n_reasons = account->room_reasons = 0;
		}
		association_because(c->list, account, NULL, by, record, 0);
		*named = id;
	}
	return 0;
}

static struct association *
add_opportunity(struct choose *c, const char *id, const char *account, const char *by)
{
	struct association *a = association_add(c->list, "Opportunity", id);

	a->by = by;
	a->account = account;
	return a;
}

static int
contact_account(struct match *match, const char *contact, const char **account)
{
	static const char sql[] = "SELECT account_id FROM contact WHERE id = ?1";
	struct store_query *query = store_query(match->store, sql, match->err);

	*account = NULL;
	if (!query)
		return -1;
	store_bind(query, 1, contact);
	int step = store_step(query, match->err);
	if (step == 1)
		*account = match_text(match, query, 0);
	store_reset(query);
	return step < 0 ? -1 : 0;
}

/* The opportunity that the activity leads to; no owner filter (design 5). */
static int
activity_opportunity(struct choose *c, const struct activity *a, const char **account)
{
	struct opportunity *o = &c->activity_opportunity;
	struct opportunity_scope scope = {0};
	const char *contacts[] = {a->contact_id}, *accounts[] = {a->account_id};
	int found;

	*account = a->account_id;
	if (a->opportunity_id) {
		found = opportunity_get(c->match, a->opportunity_id, o);
	} else if (a->account_id) {
		scope.accounts = accounts;
		scope.n_accounts = 1;
		found = opportunity_priority(c->match, &scope, c->start_ms, o);
	} else {
		scope.contacts = contacts;
		scope.n_contacts = 1;
		found = opportunity_priority(c->match, &scope, c->start_ms, o);
	}
	if (found < 0)
		return -1;
	if (found == 0)
		*o = (struct opportunity){0};
	if (found && !a->account_id)
		*account = o->account_id;
	else if (!found && a->contact_id && !a->account_id)
		return contact_account(c->match, a->contact_id, account);
	return 0;
}

/* Adds a contact or lead by the activity, where people may be added. */
static void
name_person(struct choose *c, const char *object, const char *id, const char *activity)
{
	struct association *person = c->closed ? association_find(c->list, object, id)
					       : association_add(c->list, object, id);

	if (person)
		association_because(c->list, person, NULL, "activity", activity, 0);
}

int
choose_activity(struct choose *c, const struct activity *a)
{
	bool by_contact = !a->opportunity_id && !a->account_id && a->contact_id;
	const char *account;

	if (!a->opportunity_id && !a->account_id && !a->contact_id) {
		name_person(c, "Lead", a->lead_id, a->id);
		return 0;
	}
	c->activity = a->id;
	if (activity_opportunity(c, a, &account) != 0)
		return -1;
	if (by_contact)
		name_person(c, "Contact", a->contact_id, a->id);
	return name_account(c, account, "activity", a->id, &c->activity_account);
}

/* All their accounts first: opportunities come last. */
static int
choose_manual(struct choose *c)
{
	size_t n = c->n_manual_opportunities;
	const char **accounts = arena_array(c->match->arena, n, sizeof *accounts);

	for (size_t i = 0; i < n; i++) {
		struct opportunity o = {.id = c->manual_opportunities[i]};
		if (opportunity_get(c->match, c->manual_opportunities[i], &o) < 0 ||
		    name_account(c, o.account_id, "opportunity", o.id, &accounts[i]) != 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++)
		add_opportunity(c, c->manual_opportunities[i], accounts[i], "manual");
	c->primary_opportunity = c->manual_opportunities[0];
	c->primary_account = accounts[0];
	return 0;
}

static int
choose_by_activity(struct choose *c)
{
	const struct opportunity *o = &c->activity_opportunity;

	if (!o->id)
		return 0;
	const char *account = o->account_id;
	enum match_state state = MATCH_UNKNOWN;
	if (account && match_state(c->match, "Account", account, &state, NULL) != 0)
		return -1;
	if (state == MATCH_DELETED)
		account = NULL;
	add_opportunity(c, o->id, account, "activity")->window = o->window;
	c->primary_opportunity = o->id;
	c->primary_account = account;
	return 0;
}

/* One for each account; primary is the closest of all, or the manual account's. */
static int
choose_closest(struct choose *c)
{
	size_t n = c->list->n; /* opportunities come behind */
	struct opportunity best = {0};
	char at[RFC3339_SIZE];

	for (size_t i = 0; i < n; i++) {
		const struct association *account = c->list->items[i];
		struct opportunity o;
		if (strcmp(account->object, "Account") != 0 || account->deleted)
			continue;
		int found = opportunity_closest(c->match, account->id, c->start_ms, &o);
		if (found < 0)
			return -1;
		if (found == 0)
			continue;
		rfc3339_format(o.activity_ms, at);
		add_opportunity(c, o.id, o.account_id, "closest-activity")->activity =
		    arena_dup(c->match->arena, at, strlen(at));
		bool ours = !c->manual_account || strcmp(account->id, c->manual_account) == 0;
		if (ours && (!best.id || opportunity_closer(&o, &best, c->start_ms)))
			best = o;
	}
	if (best.id) {
		c->primary_opportunity = best.id;
		c->primary_account = best.account_id;
	}
	return 0;
}

/* Ids of the list's entries of an object that are not deleted; contacts only if matched. */
static const char **
list_ids(const struct choose *c, const char *object, bool matched, size_t *n)
{
	const char **ids = arena_array(c->match->arena, c->list->n + 1, sizeof *ids);

	*n = 0;
	for (size_t i = 0; i < c->list->n; i++) {
		const struct association *a = c->list->items[i];
		if (strcmp(a->object, object) == 0 && !a->deleted &&
		    (!matched || association_matched(a)))
			ids[(*n)++] = a->id;
	}
	return ids;
}

static int
choose_priority(struct choose *c)
{
	struct opportunity_scope scope = {
	    .owned = c->match->rules->owned_by_organizer, .organizer = c->organizer};
	const char *manual[] = {c->manual_account}, *account;
	struct opportunity o;

	if (c->manual_account) {
		scope.accounts = manual;
		scope.n_accounts = 1;
	} else {
		scope.contacts = list_ids(c, "Contact", true, &scope.n_contacts);
		scope.accounts = list_ids(c, "Account", false, &scope.n_accounts);
	}
	int found = opportunity_priority(c->match, &scope, c->start_ms, &o);
	if (found <= 0)
		return found;
	if (name_account(c, o.account_id, "opportunity", o.id, &account) != 0)
		return -1;
	add_opportunity(c, o.id, account, "priority")->window = o.window;
	c->primary_opportunity = o.id;
	c->primary_account = account;
	return 0;
}

/* The account matched by most participants; ties to the first in the list. */
static const char *
most_matched(const struct choose *c)
{
	const struct association *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < c->list->n; i++) {
		const struct association *a = c->list->items[i];
		if (strcmp(a->object, "Account") != 0 || a->deleted)
			continue;
		size_t n = association_participants(a);
		if (!best || n > most) {
			best = a;
			most = n;
		}
	}
	return best ? best->id : NULL;
}

int
choose_opportunities(struct choose *c)
{
	int status;

	if (c->n_manual_opportunities > 0)
		status = choose_manual(c);
	else if (c->activity)
		status = choose_by_activity(c);
	else if (c->match->rules->opportunity == OPPORTUNITY_PRIORITY)
		status = choose_priority(c);
	else
		status = choose_closest(c);
	if (status != 0)
		return -1;
	const char *why = "the opportunity's";
	if (!c->primary_opportunity) {
		why = c->manual_account ? "by hand" : "the activity's";
		c->primary_account = c->manual_account ? c->manual_account : c->activity_account;
	}
	if (!c->primary_opportunity && !c->primary_account) {
		why = "of most participants";
		c->primary_account = most_matched(c);
	}
	match_explain(c->match, 1, "primary: opportunity %s",
	    c->primary_opportunity ? c->primary_opportunity : "none");
	match_explain(c->match, 1,
	    c->primary_account ? "primary: account %s, %s" : "primary: account %s",
	    c->primary_account ? c->primary_account : "none", why);
	return 0;
}

#include "identify.h"

#include "email.h"

#include <string.h>

/* One participant's way through the rules. */
struct search {
	struct match *match;
	struct association_list *list;
	const struct party *who;
	bool contact; /* a real contact was found */
	bool any;     /* anything at all came of it */
	bool done;    /* an account or a lead came of it: the next participant's turn */
};

typedef int rule(struct search *search, const char *key);

int
identify_account(
    struct match *match, struct association_list *list, const char *id, struct association **entry)
{
	enum match_state state;
	const char *name;

	*entry = NULL;
	if (!id)
		return 0;
	*entry = association_find(list, "Account", id);
	if (*entry)
		return 0;
	if (match_state(match, "Account", id, &state, &name) != 0)
		return -1;
	if (state == MATCH_DELETED) {
		match_explain(match, 3, "account %s: deleted", id);
		return 0;
	}
	*entry = association_add(list, "Account", id);
	(*entry)->name = name;
	return 0;
}

static int
add_account(struct search *s, const char *id, const char *by, const char *record, int64_t of)
{
	struct association *account;

	if (identify_account(s->match, s->list, id, &account) != 0)
		return -1;
	if (!account)
		return 0;
	association_because(s->list, account, s->who->shown, by, record, of);
	match_explain(s->match, 3, "account %s %s", id, account->name ? account->name : "");
	s->any = s->done = true;
	return 0;
}

static void
add_contact(struct search *s, const char *id, const char *by, const char *record)
{
	struct association *contact = association_add(s->list, "Contact", id);

	association_because(s->list, contact, s->who->shown, by, record, 0);
	s->any = s->contact = true;
}

static int
add_contacts(struct search *s, const struct match_records *records, const char *by, const char *key)
{
	match_explain_records(s->match, by, key, records);
	for (size_t i = 0; i < records->n; i++) {
		const struct match_record *r = &records->items[i];
		add_contact(s, r->id, by, r->id);
		if (add_account(s, r->account_id, by, r->id, 0) != 0)
			return -1;
	}
	return 0;
}

/* What a converted lead became (design 5.2). */
static int
add_conversion(struct search *s, const struct match_record *lead)
{
	enum match_state state;

	if (!lead->converted)
		return 0;
	if (lead->contact_id) {
		if (match_state(s->match, "Contact", lead->contact_id, &state, NULL) != 0)
			return -1;
		match_explain(s->match, 3, "converted to contact %s%s", lead->contact_id,
		    state == MATCH_DELETED ? ": deleted" : "");
		if (state != MATCH_DELETED)
			add_contact(s, lead->contact_id, "lead-conversion", lead->id);
	}
	return add_account(s, lead->account_id, "lead-conversion", lead->id, 0);
}

static int
add_leads(struct search *s, const struct match_records *records, const char *by, const char *key)
{
	match_explain_records(s->match, by, key, records);
	for (size_t i = 0; i < records->n; i++) {
		const struct match_record *r = &records->items[i];
		struct association *lead = association_add(s->list, "Lead", r->id);
		association_because(s->list, lead, s->who->shown, by, r->id, 0);
		s->any = s->done = true;
		if (add_conversion(s, r) != 0)
			return -1;
	}
	return 0;
}

/* 1 and 2. */
static int
by_email(struct search *s, const char *email)
{
	struct match_people found;

	if (match_email(s->match, email, &found) != 0 ||
	    add_contacts(s, &found.contacts, "contact-email", email) != 0)
		return -1;
	return add_leads(s, &found.leads, "lead-email", email);
}

/* 3. */
static int
by_phone(struct search *s, const char *phone)
{
	struct match_people found;

	if (match_phone(s->match, phone, &found) != 0 ||
	    add_contacts(s, &found.contacts, "contact-phone", phone) != 0)
		return -1;
	return add_leads(s, &found.leads, "lead-phone", phone);
}

static struct association *
add_virtual(struct search *s, const char *object, const char *by, const struct match_domain *found)
{
	static const char virtual[] = "virtual:";
	size_t size = sizeof virtual - 1, shown = strlen(s->who->shown);
	char *id = arena_alloc(s->match->arena, size + shown + 1);
	memcpy(id, virtual, size);
	memcpy(id + size, s->who->shown, shown);
	struct association *a = association_add(s->list, object, id);

	association_because(s->list, a, s->who->shown, by, found->record_id, found->of);
	return a;
}

/* 4, and 5 where 4 found no account. */
static int
by_domain(struct search *s, const char *email)
{
	const char *domain = email_domain(email);
	struct match_domain found;

	if (freemail_has(s->match->rules->freemail, domain)) {
		match_explain(s->match, 2, "%s: free-mail domain", domain);
		return 0;
	}
	if (match_contact_domain(s->match, domain, &found) != 0)
		return -1;
	if (found.record_id) {
		if (!s->contact) {
			struct association *a =
			    add_virtual(s, "VirtualContact", "contact-domain", &found);
			if (!a->account)
				a->account = found.account_id;
		}
		return add_account(
		    s, found.account_id, "contact-domain", found.record_id, found.of);
	}
	if (s->contact)
		return 0;
	if (match_lead_domain(s->match, domain, &found) != 0)
		return -1;
	if (found.record_id) {
		struct association *a = add_virtual(s, "VirtualLead", "lead-domain", &found);
		if (!a->company)
			a->company = found.company;
		s->any = s->done = true;
	}
	return 0;
}

/* A rule for one address after the other, until an account or a lead came of it. */
static int
each_address(struct search *s, rule *apply)
{
	for (size_t i = 0; i < s->who->n_addresses && !s->done; i++)
		if (apply(s, s->who->addresses[i]) != 0)
			return -1;
	return 0;
}

static const char *
why_unmatched(const struct search *s)
{
	const struct party *who = s->who;
	size_t free_mail = 0;

	if (who->n_addresses == 0 && !who->phone)
		return "no email or phone";
	for (size_t i = 0; i < who->n_addresses; i++)
		free_mail +=
		    freemail_has(s->match->rules->freemail, email_domain(who->addresses[i]));
	return free_mail > 0 && free_mail == who->n_addresses ? "free-mail domain" : "no record";
}

static int
find_one(struct match *match, const struct party *who, struct identify_result *result)
{
	struct search s = {.match = match, .list = &result->list, .who = who};

	if (each_address(&s, by_email) != 0)
		return -1;
	if (s.done && (who->phone || who->n_addresses > 1))
		match_explain(match, 2, "that is enough: what else is known of them is not tried");
	if (!s.done && who->phone && by_phone(&s, who->phone) != 0)
		return -1;
	if (each_address(&s, by_domain) != 0)
		return -1;
	if (s.any)
		return 0;
	const char *reason = why_unmatched(&s);
	result->unmatched[result->n_unmatched++] =
	    (struct identify_unmatched){.participant = who->shown, .reason = reason};
	match_explain(match, 2, "unmatched: %s", reason);
	return 0;
}

/* The domain that is internal as the organizer's, or NULL. */
static int
organizer_domain(struct match *match, const char *organizer, const char **domain)
{
	bool user = false;

	*domain = NULL;
	if (match->rules->internal_given || !organizer)
		return 0;
	const char *own = email_domain(organizer);
	if (freemail_has(match->rules->freemail, own))
		return 0;
	if (match_active_user(match, organizer, &user) != 0)
		return -1;
	if (user)
		*domain = own;
	return 0;
}

/* Why a participant takes no part, or NULL. */
static int
why_internal(struct match *match, const struct party *who, const char *domain, const char **why)
{
	bool user = false;

	*why = who->internal ? "the line says so" : NULL;
	for (size_t i = 0; i < who->n_addresses && !*why; i++) {
		const char *own = email_domain(who->addresses[i]);
		if (match_active_user(match, who->addresses[i], &user) != 0)
			return -1;
		if (user)
			*why = "an active User";
		else if (rules_internal(match->rules, own))
			*why = "--internal-domain";
		else if (domain && strcmp(own, domain) == 0)
			*why = "the organizer's domain";
	}
	return 0;
}

void
identify_expect(
    struct keys_view *keys, const struct party_list *participants, const char *organizer)
{
	if (organizer)
		keys_expect(keys, organizer);
	for (size_t i = 0; i < participants->n && keys->n < KEYS_TEXTS_MAX; i++) {
		const struct party *who = &participants->items[i];
		if (who->internal)
			continue;
		for (size_t a = 0; a < who->n_addresses; a++) {
			keys_expect(keys, who->addresses[a]);
			keys_expect(keys, email_domain(who->addresses[a]));
		}
		if (who->phone)
			keys_expect(keys, who->phone);
	}
}

int
identify(struct match *match, const struct party_list *participants, const char *organizer,
    struct identify_result *result)
{
	const char *domain, *why;

	*result = (struct identify_result){.list.arena = match->arena};
	result->unmatched =
	    arena_array(match->arena, participants->n + 1, sizeof *result->unmatched);
	if (organizer_domain(match, organizer, &domain) != 0)
		return -1;
	for (size_t i = 0; i < participants->n; i++) {
		const struct party *who = &participants->items[i];
		if (why_internal(match, who, domain, &why) != 0)
			return -1;
		match_explain(match, 1, "%s%s%s", who->shown ? who->shown : "(no name)",
		    why ? ": internal: " : "", why ? why : "");
		if (!why && find_one(match, who, result) != 0)
			return -1;
	}
	return 0;
}

/*
 * match: address -> contacts, leads, accounts (design 5.1 to 5.5), by probes of the store.
 *
 * Deleted records never match. What a record names (its account) may be deleted or not held by the
 * store: match_state() tells, and the caller decides.
 *
 * Owner:   results live in the arena.
 * Errors:  -1 and err: the store could not be read.
 * Threads: a struct match belongs to one thread, as its store does.
 */
#ifndef SFPIPE_MATCH_H
#define SFPIPE_MATCH_H

#include "arena.h"
#include "buf.h"
#include "diag.h"
#include "keys.h"
#include "known.h"
#include "rules.h"
#include "store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct match {
	struct store *store;
	const struct rules *rules;
	struct arena *arena; /* the line's */
	struct err *err;
	struct keys_view *keys; /* of what the store reads, or NULL: then it is asked */
	struct known *known;    /* of it, too */
	struct buf *explain;    /* NULL unless --explain: text for a person */
};

#define MATCH_EXPLAIN_MAX 5 /* of those that lost */

/* A line of the explanation, indented by depth; nothing without --explain. */
void match_explain(struct match *match, int depth, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A column's text in the arena; NULL for null. */
const char *match_text(struct match *match, struct store_query *query, int column);

struct match_record {
	const char *id;
	const char *account_id; /* a contact's account, or what a lead was converted to; or NULL */
	const char *contact_id; /* what a lead was converted to; or NULL */
	bool converted;
	int64_t date_ms; /* what --duplicates goes by; INT64_MAX: it has none */
};

struct match_records {
	struct match_record *items;
	size_t n;
	size_t found; /* before --duplicates chose */
};

struct match_people {
	struct match_records contacts, leads;
};

/* What --duplicates leaves of those with the very address or number. */
int match_email(struct match *match, const char *email, struct match_people *found);
int match_phone(struct match *match, const char *phone, struct match_people *found);

/* Explains what a rule found by that key: whom, and who lost. */
void match_explain_records(
    struct match *match, const char *rule, const char *key, const struct match_records *records);

struct match_domain {
	const char *account_id; /* contacts' */
	const char *record_id;  /* the contact or lead that the match names; NULL: nothing found */
	const char *company;    /* the lead's */
	int64_t of;             /* among how many accounts */
};

/* The account with most contacts of the domain, then the lowest Id. */
int match_contact_domain(struct match *match, const char *domain, struct match_domain *found);

/* The unconverted lead of the domain with the oldest CreatedDate, then the lowest Id. */
int match_lead_domain(struct match *match, const char *domain, struct match_domain *found);

/* Whether an active User has this address. */
int match_active_user(struct match *match, const char *email, bool *active);

enum match_state {
	MATCH_UNKNOWN, /* not held by the store */
	MATCH_HELD,
	MATCH_DELETED,
};

/* Of an Account, Contact, Lead or Opportunity; name only of an account, NULL otherwise. A contact or
 * lead that is not deleted may be said to be held though it is unknown. */
int match_state(struct match *match, const char *object, const char *id, enum match_state *state,
    const char **name);

/* The record that this one was merged into, chains followed; NULL if it was not merged. */
int match_winner(struct match *match, const char *object, const char *id, const char **winner);

#endif

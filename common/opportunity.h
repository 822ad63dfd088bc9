/*
 * opportunity: which opportunity of an account or of contacts belongs to a call, and by which
 * window (design 5, --opportunity).
 *
 * Deleted opportunities are never chosen, nor is one whose IsClosed the store never received taken
 * for open. Tasks that log-activity made count for nothing until somebody moves them.
 *
 * Owner:   results live in the match's arena.
 * Units:   times in milliseconds since 1970.
 * Errors:  as match.h.
 */
#ifndef SFPIPE_OPPORTUNITY_H
#define SFPIPE_OPPORTUNITY_H

#include "match.h"

#include <stdbool.h>
#include <stdint.h>

struct opportunity {
	const char *id;
	const char *account_id; /* NULL if it has none; it may be deleted */
	int64_t activity_ms;    /* closest: when it was */
	const char *window;     /* priority: which one */
};

/* Of the account's open opportunities the one with an activity closest to start_ms; ties: the later
 * activity, then the lowest Id. 1 found, 0 none, -1 err. */
int opportunity_closest(
    struct match *match, const char *account_id, int64_t start_ms, struct opportunity *found);

/* Whether a is to be preferred to b as the closest of all (the same ties). */
bool opportunity_closer(const struct opportunity *a, const struct opportunity *b, int64_t start_ms);

struct opportunity_scope {
	const char **contacts; /* those that have a role in it, or are its ContactId */
	size_t n_contacts;
	const char **accounts;
	size_t n_accounts;
	bool owned;            /* --owned-by-organizer: only those that organizer owns */
	const char *organizer; /* normal form, or NULL: owns nothing */
};

/* Of the contacts' opportunities, else of the accounts', the first window's closest by CreatedDate,
 * then the lowest Id. 1 found, 0 none, -1 err. */
int opportunity_priority(struct match *match, const struct opportunity_scope *scope,
    int64_t start_ms, struct opportunity *found);

/* One opportunity by its Id, with its account: 1 held and not deleted, 0 otherwise, -1 err. */
int opportunity_get(struct match *match, const char *id, struct opportunity *found);

#endif

/*
 * identify: participants -> the contacts, leads and accounts that they are, rule by rule (design
 * 5.1 to 5.6).
 *
 * Owner:   the list and all in it live in the match's arena.
 * Errors:  as match.h.
 */
#ifndef SFPIPE_IDENTIFY_H
#define SFPIPE_IDENTIFY_H

#include "association.h"
#include "match.h"
#include "participant.h"

struct identify_unmatched {
	const char *participant; /* or NULL */
	const char *reason;
};

struct identify_result {
	struct association_list list;
	struct identify_unmatched *unmatched;
	size_t n_unmatched;
};

/* Tells the keys what identify() will look up; organizer in normal form, or NULL. */
void identify_expect(
    struct keys_view *keys, const struct party_list *participants, const char *organizer);

int identify(struct match *match, const struct party_list *participants, const char *organizer,
    struct identify_result *result);

/* Adds an account with a reason, unless its id is NULL or it is deleted; then NULL in *entry. */
int identify_account(
    struct match *match, struct association_list *list, const char *id, struct association **entry);

#endif

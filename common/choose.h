/*
 * choose: the opportunities of a call among its associations (design 5, --opportunity,
 * --activities, manual), and what is primary.
 *
 * Owner:   everything lives in the match's arena.
 * Errors:  as match.h.
 */
#ifndef SFPIPE_CHOOSE_H
#define SFPIPE_CHOOSE_H

#include "activity.h"
#include "association.h"
#include "match.h"
#include "opportunity.h"

struct choose {
	struct match *match;
	struct association_list *list; /* the call's; opportunities are added behind */
	int64_t start_ms;
	const char *organizer; /* normal form, or NULL */
	const char **manual_opportunities;
	size_t n_manual_opportunities;
	const char *manual_account; /* the first that is not deleted, or NULL */
	bool closed;                /* --fill: no account is added */
	/* what choose_activity() found: */
	const char *activity;                    /* its Id; NULL: none, or it does not choose */
	const char *activity_account;            /* or NULL */
	struct opportunity activity_opportunity; /* id NULL: none */
	/* the outcome: */
	const char *primary_account, *primary_opportunity;
};

/* Before the participants' associations go into the list: what the CRM's own activity says goes in
 * front of them. */
int choose_activity(struct choose *choose, const struct activity *activity);

/* Behind all other associations: the opportunities, and what is primary. */
int choose_opportunities(struct choose *choose);

#endif

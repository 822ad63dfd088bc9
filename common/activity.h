/*
 * activity: the CRM's own Task or Event for a call, and what it names (design 5, --activities).
 *
 * Owner:   results live in the match's arena.
 * Errors:  as match.h.
 */
#ifndef SFPIPE_ACTIVITY_H
#define SFPIPE_ACTIVITY_H

#include "association.h"
#include "match.h"

#include <stdint.h>

struct activity {
	const char *id;
	/* What is deleted counts as empty, as does what is neither of these. */
	const char *contact_id, *lead_id;        /* WhoId */
	const char *account_id, *opportunity_id; /* WhatId */
};

/* What a Task's CallObject says of a call: its id, or of one that is too long for the field (255
 * characters) the beginning and a hash of the whole. In the arena. */
const char *activity_call_object(const char *call_id, struct arena *arena);

/* The Task whose CallObject is the call's id, the lowest Id; else of the Events within the window of
 * start_ms one whose WhoId is a Contact or Lead in matched, else one that organizer (normal form,
 * or NULL) owns; the closest, then the lowest Id. 1 found, 0 none, -1 err. */
int activity_find(struct match *match, const char *call_id, int64_t start_ms,
    const struct association_list *matched, const char *organizer, struct activity *found);

#endif

/*
 * reach: the calls and emails that a key reaches (an address, a domain, a record that they are
 * associated with), by one index probe of the store, each call once.
 *
 * Owner:   reach_open()'s caller; the store and the rules must outlive it.
 * Errors:  -1 and err: the store's.
 */
#ifndef SFPIPE_REACH_H
#define SFPIPE_REACH_H

#include "arena.h"
#include "diag.h"
#include "rules.h"
#include "store.h"

#include <stdbool.h>
#include <stddef.h>

enum reach_by {
	REACH_ID,      /* a call's or email's own id */
	REACH_ADDRESS, /* a participant has it, in normal form */
	REACH_DOMAIN,  /* a participant has an address of it */
	REACH_PHONE,   /* a participant has it */
	REACH_ACCOUNT, /* associated with this record, by its Id */
	REACH_CONTACT,
	REACH_LEAD,
	REACH_OPPORTUNITY,
	REACH_MANUAL,    /* "manual" names this record */
	REACH_ORGANIZER, /* organized by this address */
	REACH_START,     /* begins within --activity-window of this time */
};

struct reach; /* opaque */

struct reach_call {
	bool email;
	const char *id;
};

struct reach *reach_open(struct store *store, const struct rules *rules);
void reach_close(struct reach *reach);

/* Adds those that were not there since reach_forget(). */
int reach_key(struct reach *reach, enum reach_by by, const char *key, struct err *err);

/* As if by REACH_ID, of calls or of emails alone. */
void reach_add(struct reach *reach, bool email, const char *id);

/* What was added since reach_clear(), in the order in which it was found. */
const struct reach_call *reach_calls(const struct reach *reach, size_t *n);
void reach_clear(struct reach *reach);

/* From now on all may be added again. */
void reach_forget(struct reach *reach);

#endif

/*
 * keys: the store's keys in memory: addresses, domains, accounts and open opportunities as design 5
 * looks them up, for a stream long enough that loading them pays.
 *
 * What it answers is what match.h and opportunity.h would read from the store of that version
 * (store_version()); --duplicates is applied while loading. What it does not hold (priority's
 * candidates, activities, whose a phone number is) is read from the store.
 *
 * Owner:   keys_close() frees; pointers into it live as long.
 * Errors:  -1 or NULL and err: the store's.
 * Threads: read-only once loaded: any number of threads.
 */
#ifndef SFPIPE_KEYS_H
#define SFPIPE_KEYS_H

#include "diag.h"
#include "rules.h"
#include "store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keys; /* opaque */

struct keys_account {
	char id[19];
	bool held, deleted;
	uint32_t name;                               /* keys_text(); 0: none */
	uint32_t first_opportunity, n_opportunities; /* the open ones */
};

/* A contact or lead; those of one address stand behind each other. */
struct keys_person {
	char id[19];
	bool converted;
	uint32_t account; /* keys_account() + 1; 0: none. A lead's: what it was converted to */
	uint32_t contact; /* keys_text() of the contact that a lead was converted to; 0: none */
};

struct keys_domain {
	uint32_t account; /* as above */
	uint32_t of;
	char contact[19];
};

struct keys_opportunity {
	char id[19];
	uint32_t first_time, n_times; /* of its activities, in order */
};

/* Reads the store within the transaction that it then ends. */
struct keys *keys_load(struct store *store, const struct rules *rules, struct err *err);
void keys_close(struct keys *keys);

/* The store's version that it was read from. */
int64_t keys_version(const struct keys *keys);

/* Those with the very address, chosen by --duplicates; how many they were before in *found. */
const struct keys_person *keys_email(
    const struct keys *keys, bool lead, const char *email, size_t *n, size_t *found);

/* Whether anybody has the number; whose it is, the store knows. */
bool keys_has_phone(const struct keys *keys, const char *phone);

/* What rule 4 finds; NULL: nothing. */
const struct keys_domain *keys_contact_domain(const struct keys *keys, const char *domain);

/* The Id of the lead that rule 5 finds, and its company (NULL: none); NULL: nothing. */
const char *keys_lead_domain(const struct keys *keys, const char *domain, const char **company);

bool keys_active_user(const struct keys *keys, const char *email);

/* By Id; NULL if no account, contact or lead names it and the store does not hold it. */
const struct keys_account *keys_account_of(const struct keys *keys, const char *id);

/* By a keys_person's or keys_domain's number; NULL for 0. */
const struct keys_account *keys_account(const struct keys *keys, uint32_t account);

const char *keys_text(const struct keys *keys, uint32_t text);
const struct keys_opportunity *keys_opportunity(const struct keys *keys, uint32_t n);
const int64_t *keys_times(const struct keys *keys, const struct keys_opportunity *opportunity);

#endif

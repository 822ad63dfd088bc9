/*
 * keys: the store's keys in memory: addresses, numbers, domains, accounts and open opportunities as
 * design 5 looks them up, for a stream long enough that loading them pays.
 *
 * What it answers is what match.h and opportunity.h would read from the store of that version
 * (store_version()); --duplicates is applied while loading, but to numbers. What it does not hold
 * (priority's candidates, activities, a number's owner without an address) is read from the store.
 *
 * Owner:   keys_close() frees; pointers into it live as long.
 * Errors:  NULL and err: the store's.
 * Threads: keys are read-only once loaded: any number of threads; a view belongs to one.
 */
#ifndef SFPIPE_KEYS_H
#define SFPIPE_KEYS_H

#include "diag.h"
#include "rules.h"

#include <stddef.h>
#include <stdint.h>

struct keys; /* opaque */

/* What is kept by which text, and its values; "" is a value that is not there. */
enum keys_kind {
	KEYS_CONTACT_EMAIL,  /* n of them, each: Id, account */
	KEYS_LEAD_EMAIL,     /* n of them, each: Id, "1" if converted, to account, to contact */
	KEYS_CONTACT_PHONE,  /* n Ids, in order */
	KEYS_LEAD_PHONE,     /* n Ids, in order */
	KEYS_PERSON,         /* by Id, who has a number and an address: as KEYS_LEAD_EMAIL, and
				the date that --duplicates goes by, keys_date() */
	KEYS_CONTACT_DOMAIN, /* n accounts; the one with most contacts, its contact of lowest Id */
	KEYS_LEAD_DOMAIN,    /* the Id of the oldest; its company, if n */
	KEYS_USER,           /* by email: an active User */
	KEYS_ACCOUNT,        /* by Id: held; n says more; its name */
	KEYS_DELETED,        /* by Id: a contact or a lead */
	KEYS_OPPORTUNITIES,  /* by account: n open ones, each: keys_opportunity() */
	KEYS_KINDS
};

/* Who is a KEYS_USER. */
#define KEYS_USERS                                                                                 \
	"SELECT email FROM user WHERE email IS NOT NULL AND ifnull(is_active, 1) <> 0"             \
	" AND is_deleted = 0"

/* n of a KEYS_ACCOUNT. */
#define KEYS_NAMED 1
#define KEYS_GONE 2 /* deleted */

struct keys_entry {
	uint32_t n;
	uint32_t kind : 4;
	uint32_t size : 28; /* of all of it, in words of four bytes */
	char text[];        /* the key and the values, each with its NUL */
};

struct keys_opportunity {
	const char *id;
	uint32_t n_times;
	const char *times; /* of its activities, in order: keys_time() */
};

/* Reads the store of that path in one transaction, with so many threads. */
struct keys *keys_load(
    const char *path, const struct rules *rules, unsigned threads, struct err *err);
void keys_close(struct keys *keys);

/* The store's version that it was read from. */
int64_t keys_version(const struct keys *keys);

#define KEYS_TEXTS_MAX 40  /* of a call: more than most have */
#define KEYS_ENTRIES_MAX 3 /* of one text: as many as any has, but for chance */

/* A text that will be looked up, and the entries with its hash, whatever their kinds. */
struct keys_text {
	const char *text;
	uint64_t hash;
	const struct keys_entry *entries[KEYS_ENTRIES_MAX];
	uint32_t n; /* of them; more than there is room for: they are searched again */
};

/* What one call looks up. Memory is far away: so keys_expect() asks for it and goes on, for this call and
 * others; then keys_fetch() takes what has come and asks for what that names; then again, for the accounts
 * that were found; and keys_find() need not wait. Without all this it finds the same. */
struct keys_view {
	const struct keys *keys;
	size_t n, fetched;
	size_t last; /* found */
	struct keys_text texts[KEYS_TEXTS_MAX];
};

/* Begins a view; keys may be NULL. */
static inline void
keys_look(struct keys_view *view, const struct keys *keys)
{
	view->keys = keys;
	view->n = view->fetched = view->last = 0;
}

/* Says that this very text will be asked for soon; it stays where it is. */
void keys_expect(struct keys_view *view, const char *text);

/* Of all that was expected since the last time: notes its entries, and asks for them. */
void keys_fetch(struct keys_view *view);

/* The accounts that the entries name are expected, too. */
void keys_expect_accounts(struct keys_view *view);

/* NULL if it has none. */
const struct keys_entry *keys_find(struct keys_view *view, enum keys_kind kind, const char *key);

/* Its first value; the one behind a value. */
const char *keys_values(const struct keys_entry *entry);
const char *keys_next(const char *value);

/* A value that is a date: the smaller one is chosen. */
int64_t keys_date(const char *value);

/* Reads one; the value behind it. */
const char *keys_opportunity(const char *value, struct keys_opportunity *opportunity);
int64_t keys_time(const struct keys_opportunity *opportunity, uint32_t n);

#endif

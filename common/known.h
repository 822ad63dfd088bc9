/*
 * known: what a stream of lines asks of the store again and again: who is an active User, whether there is
 * any history, Task or Event, and whose the domains with many people are. It is kept until the store
 * changes.
 *
 * Owner:   zero-initialize; known_free() when done.
 * Errors:  -1 and err: the store could not be read.
 * Threads: a struct known belongs to one thread, as its store does.
 */
#ifndef SFPIPE_KNOWN_H
#define SFPIPE_KNOWN_H

#include "arena.h"
#include "diag.h"
#include "set.h"
#include "store.h"
#include "table.h"

#include <stdbool.h>
#include <stdint.h>

/* The account of a domain (design 5.4); NULL: none. */
struct known_domain {
	const char *domain, *account_id, *record_id;
	int64_t of; /* among how many accounts */
};
#define KNOWN_DOMAINS_MAX 1024

struct known {
	bool read;
	int64_t version;     /* of the store that was read */
	bool has_activities; /* there may be rows of opportunity_activity or activity */
	bool has_users;      /* users is filled; else the store is to be asked */
	struct set users;    /* addresses of active Users */
	uint64_t lines;      /* told of, since the version or users were read */
	struct known_domain *domains;
	size_t n_domains;
	struct table by_domain;
	struct arena *texts; /* of domains */
};

/* In a transaction that sees this version, so many lines after the last call. Users are read once so many
 * lines came that it costs no more than they did: one line reads none. */
int known_read(
    struct known *known, struct store *store, int64_t version, uint64_t lines, struct err *err);
void known_free(struct known *known);

/* NULL if it is not known; lent until known_put_domain() or known_read(). */
const struct known_domain *known_domain(const struct known *known, const char *domain);

/* Keeps a copy of one that is not known; when there are too many, they are forgotten. */
void known_put_domain(struct known *known, const struct known_domain *domain);

#endif

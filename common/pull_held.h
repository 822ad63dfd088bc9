/*
 * pull_held: the records of an object that the store holds and that are not deleted, in the order of
 * their Ids, and which of them are gone from Salesforce.
 *
 * Owner:   pull_held_open() sets, pull_held_close() frees, behind store_forget(): the statement is its own.
 * Errors:  the store's.
 */
#ifndef SFPIPE_PULL_HELD_H
#define SFPIPE_PULL_HELD_H

#include "buf.h"
#include "line.h"
#include "rfc3339.h"
#include "sfid.h"
#include "sobject.h"
#include "store.h"

#include <stdbool.h>
#include <stdint.h>

#define PULL_GONE_FEW 50 /* so many may be gone of any object */

/* A record as the store has it. */
struct pull_record {
	char id[SFID_SIZE];
	char stamp[RFC3339_SIZE]; /* "": none */
};

struct pull_held {
	const struct sobject *sobject;
	uint64_t live; /* records of the store */
	uint64_t most; /* that may be gone */
	bool read_all;
	/* its own: */
	struct buf sql;
	char last[SFID_SIZE]; /* the last Id read */
	struct pull_record *gone;
	size_t n_gone, room;
};

/* At most max_gone percent may be gone, or PULL_GONE_FEW. */
int pull_held_open(struct pull_held *held, struct store *store, const struct sobject *sobject,
    unsigned max_gone, struct err *err);
void pull_held_close(struct pull_held *held);

/* The next n of them at most; their number, fewer than n only at the end (read_all), or -1. */
int pull_held_read(struct pull_held *held, struct store *store, struct pull_record *records,
    size_t n, struct err *err);

/* One that Salesforce has no more. */
void pull_held_gone(struct pull_held *held, const struct pull_record *record);

/* Whether more are gone than may be; then it has said so. */
bool pull_held_refused(const struct pull_held *held);

/* Writes those that are gone as deleted records, in the order of their Ids. */
void pull_held_write(struct pull_held *held, struct line_stream *lines);

/* The records of an object that the store holds and that are not deleted. */
int pull_live_count(
    struct store *store, const struct sobject *sobject, uint64_t *n, struct err *err);

#endif

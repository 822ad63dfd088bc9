/*
 * pull_question: one query by Ids: which of some records that the store holds Salesforce has.
 *
 * An answer may hold a part of them, or be cut short: what came of it counts, and the rest is asked
 * for anew. If even that is too much at once, fewer are asked for at a time.
 *
 * Errors:  the store's.
 */
#ifndef SFPIPE_PULL_QUESTION_H
#define SFPIPE_PULL_QUESTION_H

#include "buf.h"
#include "diag.h"
#include "pull_held.h"
#include "store.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PULL_ASKED 2000 /* Ids a query: 42,000 of SOQL's 100,000 characters */

struct pull_question {
	struct pull_record held[PULL_ASKED]; /* in the order of their Ids */
	bool seen[PULL_ASKED];
	size_t n;
	size_t from, until; /* of them, those asked for now, but for the ones seen */
	uint64_t rows;      /* of this answer */
};

/* A question for the next records of an object: their number, 0 at the end, or -1. */
int pull_question_read(
    struct pull_question *question, struct pull_held *held, struct store *store, struct err *err);

/* SELECT Id FROM Contact WHERE Id IN ('003...',...) of those not seen yet; its answer begins. */
void pull_question_put(struct pull_question *question, const char *object, struct buf *soql);

/* A record that came; false if it was not asked for, or had come before. */
bool pull_question_take(struct pull_question *question, const char *id);

/* Whether all that are asked for now have come. */
bool pull_question_all_seen(const struct pull_question *question);

/* Asks for half as many. */
void pull_question_halve(struct pull_question *question);

/* Goes on to those behind; false if there are none. */
bool pull_question_next(struct pull_question *question);

#endif

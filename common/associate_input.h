/*
 * associate_input: what a call or email says that its associations depend on, read before anything is
 * looked up (design 5).
 *
 * Owner:   everything lives in the line's arena.
 * Errors:  ST_REJECTED: the line lacks what is needed, or it has the wrong type.
 */
#ifndef SFPIPE_ASSOCIATE_INPUT_H
#define SFPIPE_ASSOCIATE_INPUT_H

#include "association.h"
#include "line.h"
#include "participant.h"

struct associate_manual {
	const char *object, *id; /* Account, Contact, Lead or Opportunity; 18 characters */
};

struct associate_input {
	bool email; /* not a call */
	const char *id;
	const char *organizer; /* normal form, or NULL */
	int64_t start_ms;
	struct party_list participants;
	struct associate_manual *manual;
	size_t n_manual;
	struct association_list old;
	bool has_people; /* old holds an account, contact or lead */
};

/* Reads a line of kind call or email. */
int associate_read(const struct line *line, struct associate_input *input, struct err *err);

#endif

/*
 * calls_read: a call or email line as the store's columns and rows have it.
 *
 * Owner:   all lives in the line's arena.
 * Errors:  ST_REJECTED, naming the member and why.
 * Threads: any.
 */
#ifndef SFPIPE_CALLS_READ_H
#define SFPIPE_CALLS_READ_H

#include "line.h"
#include "participant.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What it is associated with. */
struct call_association {
	const char *object;
	const char *id;
	const char *account; /* or NULL */
	const char *company; /* a virtual lead's, or NULL */
	const char *by;      /* the first reason, or NULL */
};

/* What it names by hand. */
struct call_manual {
	const char *object, *id;
};

/* A real record that stands for somebody: found by the email that a virtual one has in its id. */
struct call_real {
	const char *email, *id;
};

/* NULL: not there. */
struct call {
	bool email;
	const char *kind;
	const char *id;
	const char *start; /* an email's date */
	const char *end;
	const char *subject;
	const char *organizer; /* an email's sender */
	const char *primary_account, *primary_opportunity;
	const char *status;
	bool held;
	int64_t as_of;  /* -1: not there */
	int64_t stored; /* -1: not there */
	struct party_list parties;
	const char **names; /* of each party, or NULL */
	struct call_association *associations;
	size_t n_associations;
	struct call_real *real; /* by contact-email and lead-email */
	size_t n_real;
	struct call_manual *manual;
	size_t n_manual;
	struct json text; /* the line without as_of and stored */
};

int calls_read(const struct line *line, struct call *call, struct err *err);

#endif

/*
 * refusal: an answer of Salesforce's other than 2xx: what is to be done about it, and what to say.
 *
 * Owner:   what is read lives in the arena, and as long as the answer.
 * Errors:  ST_LATER the day's calls are used up; ST_NOPERM refused; ST_CONFIG the wrong host or version;
 *          ST_PROTOCOL any other.
 * Threads: any.
 */
#ifndef SFPIPE_REFUSAL_H
#define SFPIPE_REFUSAL_H

#include "arena.h"
#include "diag.h"
#include "http.h"
#include "sferror.h"

#include <stdbool.h>

enum refusal_kind {
	REFUSAL_STOPS,   /* the run: refusal_stop() */
	REFUSAL_PASSES,  /* the same may be answered in a while */
	REFUSAL_BUSY,    /* so too, and it takes longer */
	REFUSAL_EXPIRED, /* the token is no good: another is wanted */
	REFUSAL_RECORD,  /* it tells of the record alone */
};

struct refusal {
	enum refusal_kind kind;
	int status; /* HTTP's */
	struct sferror error;
	const char *text; /* sferror_text() */
};

/* of_record: the request was of one record, so that the answer may be about it. */
struct refusal refusal_read(const struct http_answer *answer, bool of_record, struct arena *arena);

/* -1: says why the run stops. version is the one that the request asked for, where any server of
 * Salesforce's must have what was asked for: NULL elsewhere. */
int refusal_stop(
    const struct refusal *refusal, const char *instance, const char *version, struct err *err);

#endif

/*
 * api_calls: the API calls that an org allows in 24 hours: those that we made, and what is left of all.
 *
 * Owner:   zero-initialize.
 * Errors:  ST_LATER: what is left is reserved for others.
 * Threads: any.
 */
#ifndef SFPIPE_API_CALLS_H
#define SFPIPE_API_CALLS_H

#include "diag.h"
#include "http.h"

#include <stdint.h>

struct api_calls {
	uint64_t made;        /* by us */
	uint64_t used, limit; /* the org's, as of the last answer that said; limit 0: not known */
};

/* Counts a try, and takes what its answer says of the org. */
void api_calls_count(struct api_calls *calls, const struct http_answer *answer);

/* -1: no call may be made, as so many per cent are to be left alone. Each counts for 24 hours. */
int api_calls_check(const struct api_calls *calls, unsigned reserve, struct err *err);

#endif

/*
 * calls_find: calls or emails by what they are associated with or who took part; their lines as
 * they are stored, in order of time.
 *
 * Errors:  ST_USAGE what is looked for is none; else the store's.
 */
#ifndef SFPIPE_CALLS_FIND_H
#define SFPIPE_CALLS_FIND_H

#include "line.h"
#include "store.h"

#include <stdbool.h>

/* NULL: not asked for. All that are given must hold. */
struct calls_find {
	const char *id;
	const char *account, *contact, *lead, *opportunity; /* Ids */
	const char *participant; /* an email, a domain or a phone number */
	const char *since;       /* a time or a date */
	const char *region;      /* of a phone number in national form, or NULL */
};

int calls_find(struct store *store, bool emails, const struct calls_find *find,
    struct line_stream *out, struct err *err);

#endif

/*
 * quarantine: what becomes of an email that is, or is not, associated with anything.
 *
 * Errors:  ST_REJECTED: it was not associated yet, or has no date.
 * Threads: any.
 */
#ifndef SFPIPE_QUARANTINE_H
#define SFPIPE_QUARANTINE_H

#include "line.h"

#include <stdint.h>

#define QUARANTINE_MONTHS 12
#define QUARANTINE_MAX_MONTHS 1200

enum quarantine {
	QUARANTINE_PASS, /* associated; held is taken off the line */
	QUARANTINE_HOLD, /* matches nothing: the line says held */
	QUARANTINE_DROP, /* the same, and older than since */
};

/* -1 with err set. What came from the store (stored) is never dropped: what the store holds is
 * store-apply's to destroy, and until then it is to be as it was decided. */
int quarantine_email(struct line *line, int64_t since_ms, enum quarantine *fate, struct err *err);

#endif

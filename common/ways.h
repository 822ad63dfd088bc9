/*
 * ways: the inverse of design 5 as a table: from which records and fields to which keys of calls.
 *
 * A key that a record has now is asked of the store. One that it had before is followed only where a
 * call's own associations do not tell of it: a record that leaves a choice matters to those calls
 * alone for which it was chosen, and they are associated with it.
 *
 * Threads: constant data.
 */
#ifndef SFPIPE_WAYS_H
#define SFPIPE_WAYS_H

#include "reach.h"
#include "rules.h"
#include "sobject.h"

struct way {
	const char *object;
	unsigned matters; /* if a change matters so: enum sobject_matter */
	enum reach_by by;
	const char *sql;   /* gives keys for the record's Id, ?1; NULL: it is the Id itself */
	const char *field; /* instead: the value that this field had before */
};

extern const struct way ways[];
extern const size_t n_ways;

/* Besides those of a field: it is there or not, and --activities is given. */
#define WAYS_NAMED (1U << 31)

/* What matters under these rules; a field's are among them, a new or deleted record's all. */
unsigned ways_matter(const struct rules *rules);

#endif

/*
 * ways: the inverse of design 5 as a table: from records and fields that changed to keys of calls.
 *
 * A key that a record has now is asked of the store. One that it had before is followed only where a
 * call's own associations do not tell of it: a record that leaves a choice matters to those calls
 * alone for which it was chosen, and they are associated with it.
 *
 * Owner:   ways_open()'s caller; the store and reach must outlive it.
 * Errors:  ST_REJECTED: the line lacks what is needed, err says what. Any other status: the store.
 */
#ifndef SFPIPE_WAYS_H
#define SFPIPE_WAYS_H

#include "line.h"
#include "reach.h"
#include "rules.h"
#include "store.h"

struct ways; /* opaque */

struct ways *ways_open(struct store *store, const struct rules *rules, struct reach *reach);
void ways_close(struct ways *ways);

/* Adds to reach what a change line of a record can affect under these rules. A field that matters to
 * no rule leads nowhere; a record that is new or deleted, or of which the line says neither before
 * nor after, is taken as changed in everything. */
int ways_follow(struct ways *ways, const struct line *line, struct err *err);

#endif

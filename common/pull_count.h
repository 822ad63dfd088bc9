/*
 * pull_count: how many records Salesforce and the store have of each object (sf-pull --check).
 *
 * Two COUNT() queries an object: what is not deleted, and what changed since the watermark. A
 * difference no larger than that may be the next pull's.
 *
 * Errors:  as salesforce.h; ST_UNAVAILABLE without words: some object differs, and that was said.
 */
#ifndef SFPIPE_PULL_COUNT_H
#define SFPIPE_PULL_COUNT_H

#include "line.h"
#include "pull_setup.h"
#include "salesforce.h"
#include "store.h"

/* A line an object, for a person; a notice for each that differs. */
int pull_count(struct salesforce *sf, struct store *store, struct line_stream *lines,
    const struct pull_options *options, struct err *err);

#endif

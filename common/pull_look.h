/*
 * pull_look: what sf-pull says instead of pulling: the plan and its cost, and the rows of a query by
 * hand (--dry-run, --soql).
 *
 * Errors:  as salesforce.h.
 */
#ifndef SFPIPE_PULL_LOOK_H
#define SFPIPE_PULL_LOOK_H

#include "diag.h"
#include "line.h"
#include "pull_setup.h"
#include "salesforce.h"
#include "store.h"

/* What pull_run() would read and spend; this costs a call for each 5 objects itself. */
int pull_plan(struct salesforce *sf, struct store *store, struct line_stream *lines,
    const struct pull_options *options, struct err *err);

/* The rows of options->soql, deleted ones too, as they come. */
int pull_soql(struct salesforce *sf, struct line_stream *lines, const struct pull_options *options,
    struct err *err);

#endif

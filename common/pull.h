/*
 * pull: all objects' pages in as few API calls as can be: up to 5 queries, and describes, a composite.
 *
 * Errors:  as salesforce.h; err may also be a status without words, where all was said (an object
 *          left out, or stopped at --max-records).
 */
#ifndef SFPIPE_PULL_H
#define SFPIPE_PULL_H

#include "diag.h"
#include "line.h"
#include "pull_setup.h"
#include "salesforce.h"
#include "store.h"

/* Pulls: the org line, then rows and checkpoints to lines. */
int pull_run(struct salesforce *sf, struct store *store, struct line_stream *lines,
    const struct pull_options *options, struct err *err);

#endif

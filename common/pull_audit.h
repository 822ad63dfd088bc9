/*
 * pull_audit: records that the store holds and Salesforce no longer has, which no query shows
 * (traps: roles are deleted without a trace, a recycle bin is emptied).
 *
 * The Ids that the store holds are asked for by name, 2,000 a query, 5 queries a call. A record is
 * gone if a whole answer lacks it; one in the recycle bin is there still. Its line is a record with
 * IsDeleted true and the stamp that the store has, so that store-apply passes it over if the record
 * has changed meanwhile. Nothing of an object is written before all of it was compared.
 *
 * Errors:  as salesforce.h; err may also be a status without words, where all was said.
 */
#ifndef SFPIPE_PULL_AUDIT_H
#define SFPIPE_PULL_AUDIT_H

#include "line.h"
#include "pull_setup.h"
#include "salesforce.h"
#include "store.h"

/* Writes the org line and the deletions. More than max_gone percent of an object gone, and more
 * than PULL_GONE_FEW of pull_held.h, is taken for records that the user no longer sees: ST_CONFIG. */
int pull_audit(struct salesforce *sf, struct store *store, struct line_stream *lines,
    const struct pull_options *options, unsigned max_gone, struct err *err);

/* What that would ask and spend, for a person; without a request. */
int pull_audit_plan(struct store *store, struct line_stream *lines,
    const struct pull_options *options, struct err *err);

#endif

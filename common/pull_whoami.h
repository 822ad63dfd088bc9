/*
 * pull_whoami: which credentials there are and whether they work; the org, the user, the calls that
 * are left, and what the user cannot see (sf-pull --whoami).
 *
 * Errors:  as salesforce.h, of the credentials that a pull would use.
 */
#ifndef SFPIPE_PULL_WHOAMI_H
#define SFPIPE_PULL_WHOAMI_H

#include "diag.h"
#include "line.h"
#include "pull_setup.h"
#include "salesforce_options.h"

/* Lines for a person. */
int pull_whoami(const struct salesforce_options *salesforce, struct line_stream *lines,
    const struct pull_options *options, struct err *err);

#endif

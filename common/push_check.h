/*
 * push_check: ops against what the org says of its objects, without writing (sf-push --dry-run):
 * unknown and read-only fields, lengths, picklists, required fields.
 *
 * Owner:   push_checks_close() frees all.
 * Errors:  as salesforce.h; what concerns single ops is in their results.
 */
#ifndef SFPIPE_PUSH_CHECK_H
#define SFPIPE_PUSH_CHECK_H

#include "push_batch.h"
#include "salesforce.h"

struct push_checks; /* opaque: what was described in this run */

struct push_checks *push_checks_open(void);
void push_checks_close(struct push_checks *checks);

/* Gives each op its result, {"ok":...,"errors":[...],"dry_run":true}. */
int push_check(
    struct push_checks *checks, struct salesforce *sf, struct push_batch *batch, struct err *err);

#endif

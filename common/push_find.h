/*
 * push_find: whether creates were made before: a create whose answer was lost is never made twice.
 *
 * One query per 200 ops, five a composite. What is found has its result: ok, not created.
 *
 * Errors:  as salesforce.h; what concerns single ops is in their results.
 */
#ifndef SFPIPE_PUSH_FIND_H
#define SFPIPE_PUSH_FIND_H

#include "push_batch.h"
#include "salesforce.h"

/* For the creates with `find` among those that are taken. */
int push_find(struct salesforce *sf, struct push_batch *batch, struct err *err);

#endif

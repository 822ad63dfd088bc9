/*
 * push_seen: whether records changed since the plan saw them: such an op comes back with retry,
 * unwritten.
 *
 * One API call a batch, and none if no op says what it has seen. There is a gap between this look
 * and the write; what changes in it is overwritten.
 *
 * Errors:  as salesforce.h.
 */
#ifndef SFPIPE_PUSH_SEEN_H
#define SFPIPE_PUSH_SEEN_H

#include "push_batch.h"
#include "salesforce.h"

/* For the updates with `seen` among those that are taken; each is looked at once. */
int push_seen(struct salesforce *sf, struct push_batch *batch, struct err *err);

#endif

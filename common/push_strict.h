/*
 * push_strict: updates that are written only if nobody changed the record after the op's `seen`, not
 * even between a look and the write (sf-push --unless-modified).
 *
 * Each update is a part of its own of a composite, with If-Unmodified-Since: 25 an API call. A
 * record that changed comes back with retry. Values that a composite would take for a reference to
 * another part of it travel in a request alone. Salesforce compares seconds, and LastModifiedDate.
 *
 * Errors:  as salesforce.h; what concerns single ops is in their results.
 */
#ifndef SFPIPE_PUSH_STRICT_H
#define SFPIPE_PUSH_STRICT_H

#include "push_batch.h"
#include "salesforce.h"

/* The updates among those that are taken; stop: set by a signal handler, no request is begun then. */
int push_strict(
    struct salesforce *sf, struct push_batch *batch, const volatile int *stop, struct err *err);

#endif

/*
 * push_write: the ops that are taken, by collections of up to 200 in composites of up to 5.
 *
 * A collection holds one object and one kind of op. Objects that others refer to come first. Values
 * that a composite would take for a reference to another part of it (@{...}) travel in a collection
 * alone.
 *
 * The updates of a strict batch are push_strict()'s.
 *
 * Errors:  as salesforce.h; what concerns single ops is in their results. An op without one was not
 *          answered: a create without `find` whose answer was lost has one that says so.
 */
#ifndef SFPIPE_PUSH_WRITE_H
#define SFPIPE_PUSH_WRITE_H

#include "push_batch.h"
#include "salesforce.h"

/* stop: set by a signal handler; no request is begun then. */
int push_write(
    struct salesforce *sf, struct push_batch *batch, const volatile int *stop, struct err *err);

#endif

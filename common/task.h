/*
 * task: the op that logs a call as a Task in Salesforce (log-activity).
 *
 * One Task a call, its CallObject the call's id. It is created once; afterwards only its WhoId and
 * WhatId follow the call's associations, and only while nobody else has moved them. A Task that was
 * written by a run that died before the store heard of it is made known to it by an op "none", and
 * moved by another op behind it where the call has moved since.
 *
 * Owner:   the arena's; the op is appended to the caller's buf.
 * Errors:  ST_REJECTED: the call lacks what is needed. Any other status: the store.
 */
#ifndef SFPIPE_TASK_H
#define SFPIPE_TASK_H

#include "arena.h"
#include "buf.h"
#include "json.h"
#include "store.h"

#include <stdint.h>

/* call: a call line's object; now_ms: what starts later has not taken place, its op says so and is
 * to be tried again; a series of meetings as such is never logged. 1: an op was
 * appended, or two with a newline between; 0 nothing is to be done, -1 err. */
int task_op(struct store *store, struct json call, int64_t now_ms, struct arena *arena,
    struct buf *op, struct err *err);

#endif

/*
 * plan_op: what is decided about a pair, as lines (sfpipe-lines(5)): its ops, and its conflict.
 */
#ifndef SFPIPE_PLAN_OP_H
#define SFPIPE_PLAN_OP_H

#include "buf.h"
#include "plan.h"

/* Each appends a line without its newline, or nothing where there is nothing to say. result is the
 * op's, as JSON; NULL: it is still to be done. */
void plan_put_op(
    const struct plan *plan, enum plan_side side, const char *result, struct buf *json);

/* The op none that settles bases and makes a link, where no op writes. */
void plan_put_none(const struct plan *plan, struct buf *json);

void plan_put_conflict(const struct plan *plan, struct buf *json);

#endif

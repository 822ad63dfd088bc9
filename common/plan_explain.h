/*
 * plan_explain: what is decided about a pair, and why, as text for a person.
 */
#ifndef SFPIPE_PLAN_EXPLAIN_H
#define SFPIPE_PLAN_EXPLAIN_H

#include "buf.h"
#include "plan.h"

/* result: what plan_limits_take() gave. Whole lines. */
void plan_explain(const struct plan *plan, const char *result, struct buf *text);

#endif

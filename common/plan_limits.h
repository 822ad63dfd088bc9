/*
 * plan_limits: how much of a plan goes out in this run (limit), and when a plan is so large that a
 * person has to look at it first (design 6, Order and limits).
 *
 * The safety limits count what this run would write, what waits behind limit aside.
 */
#ifndef SFPIPE_PLAN_LIMITS_H
#define SFPIPE_PLAN_LIMITS_H

#include "line.h"
#include "plan.h"

#include <stdint.h>

#define PLAN_SHARE_AT_LEAST 50 /* records, up to which --max-share lets any share change */

struct plan_limits {
	uint64_t max_create, max_delete, max_update; /* of either side; UINT64_MAX: no limit */
	uint64_t max_share;                          /* per cent of an object's links */
	uint64_t creates[PLAN_SIDES], updates[PLAN_SIDES], deletes[PLAN_SIDES];
};

/* Counts what a pair's plan writes. The result of its ops if they may not go out, else NULL. */
const char *plan_limits_take(struct plan_limits *limits, const struct plan *plan);

/* Counts an op of another's making. */
void plan_limits_take_op(struct plan_limits *limits, const struct line *line);

/* At the end of the plan; -1: ST_CONFIG, naming the option. */
int plan_limits_check(
    const struct plan_limits *limits, const struct plan_run *run, struct err *err);

#endif

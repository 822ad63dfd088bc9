/*
 * plan_pair: a pair line -> what is decided about it.
 *
 * Errors:  ST_REJECTED: the line lacks what a pair has, or the map has no such object.
 */
#ifndef SFPIPE_PLAN_PAIR_H
#define SFPIPE_PLAN_PAIR_H

#include "plan.h"

int plan_pair(
    const struct plan_run *run, const struct line *line, struct plan *plan, struct err *err);

#endif

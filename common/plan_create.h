/*
 * plan_create: whether a record that has no other side is created there, and with which fields
 * (design 6, Creation).
 */
#ifndef SFPIPE_PLAN_CREATE_H
#define SFPIPE_PLAN_CREATE_H

#include "plan.h"

/* The pair's sides and fields must be set; sets writes and the fields' outcomes, or nothing. */
void plan_create_local(struct plan *plan);
void plan_create_salesforce(struct plan *plan, const struct line *line);

/* JSON of what a value field or a default gives; NULL if that is blank. */
const char *plan_value(
    const struct plan *plan, enum fieldmap_value value, enum fieldvalue_type type);
const char *plan_default(const struct plan *plan, const struct fieldmap_default *one);

/* Whether the field is given by what is mapped, rather than by a default. */
bool plan_gives(const struct plan *plan, const char *salesforce);

#endif

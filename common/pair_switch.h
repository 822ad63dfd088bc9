/*
 * pair_switch: what a map says of creation in Salesforce, against what it said in the run before
 * (design 6, Creation), which the store keeps.
 *
 * Errors:  ST_CONFIG: a switch that wants a person's word, with how many records it concerns; else
 *          the store's.
 */
#ifndef SFPIPE_PAIR_SWITCH_H
#define SFPIPE_PAIR_SWITCH_H

#include "fieldmap.h"
#include "store.h"

int pair_switch_check(struct store *store, const struct fieldmap *map, struct err *err);

#endif

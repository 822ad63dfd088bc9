/*
 * fieldmap_rules: what must hold between the parts of a map; and the fields that Salesforce itself
 * requires of a new record, added to those that the map does.
 */
#ifndef SFPIPE_FIELDMAP_RULES_H
#define SFPIPE_FIELDMAP_RULES_H

#include "fieldmap.h"
#include "fieldmap_problem.h"

void fieldmap_rules(struct fieldmap *map, struct fieldmap_problems *problems);

#endif

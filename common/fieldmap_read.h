/*
 * fieldmap_read: the text of a map -> its structs: keys, types and names, each by itself.
 *
 * Owner:   the map's arena.
 */
#ifndef SFPIPE_FIELDMAP_READ_H
#define SFPIPE_FIELDMAP_READ_H

#include "fieldmap.h"
#include "fieldmap_problem.h"

/* Fills map->objects from the map's checked text. What cannot be read is a problem, and left out. */
void fieldmap_read(struct fieldmap *map, struct json root, struct fieldmap_problems *problems);

#endif

/*
 * fieldmap_create: the key create of a map's object.
 */
#ifndef SFPIPE_FIELDMAP_CREATE_H
#define SFPIPE_FIELDMAP_CREATE_H

#include "fieldmap_key.h"

/* Into a struct fieldmap_object. */
void fieldmap_read_create(
    struct fieldmap_reader *reader, const char *key, struct json value, void *into);

#endif

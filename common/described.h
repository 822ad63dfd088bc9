/*
 * described: what the org says of its objects, as the store keeps it: lines of kind describe, which
 * sf-pull --map writes.
 *
 * Errors:  ST_REJECTED this line; anything else the store's.
 */
#ifndef SFPIPE_DESCRIBED_H
#define SFPIPE_DESCRIBED_H

#include "buf.h"
#include "describe.h"
#include "fieldmap.h"
#include "line.h"
#include "store.h"

#include <stdbool.h>
#include <stdint.h>

/* Keeps a describe line in the place of the object's former one. */
int described_put(struct store *store, const struct line *line, struct err *err);

/* When the object was described last; false if it never was. */
int described_at(
    struct store *store, const char *object, bool *known, int64_t *at_ms, struct err *err);

/* What is known of the object, to be closed by the caller; *describe is NULL if nothing is. */
int described_open(
    struct store *store, const char *object, struct describe **describe, struct err *err);

/* Appends ,"types":{"Email":"email",...} of a map's fields that are known; nothing if none is. */
int described_put_types(
    struct store *store, const struct fieldmap_object *object, struct buf *json, struct err *err);

/* fieldmap_check() against what is known. */
int described_check(struct store *store, const struct fieldmap *map, struct err *err);

#endif

/*
 * mirror_region: the region that the store's phone numbers in national form were read with. When
 * another is given all are read again, each number that differs being a change of its record.
 *
 * Errors:  the store's.
 */
#ifndef SFPIPE_MIRROR_REGION_H
#define SFPIPE_MIRROR_REGION_H

#include "arena.h"
#include "queue.h"
#include "store.h"

/* given: the region of this run, or NULL. *region: the one to read phone numbers with, which is the
 * store's if none is given; in the arena, or NULL. Commits as it goes. */
int mirror_region(struct store *store, struct queue *queue, const char *given, struct arena *arena,
    const char **region, struct err *err);

#endif

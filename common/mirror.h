/*
 * mirror: the local copy of Salesforce's records (design 7): a record line is merged over what the
 * store holds of the record, and what that changed is told to the queue.
 *
 * A member that the line lacks stays as it is, an explicit null clears. A record that is older than
 * the store's is ignored, as is one without a stamp where the store's has one. What changes nothing
 * writes nothing.
 *
 * Owner:   mirror_open()'s caller; store and queue must outlive it; before it is closed, the
 *          store's statements must be forgotten.
 * Errors:  ST_REJECTED this line, naming the field and why: the store is then untouched; anything
 *          else the store's.
 */
#ifndef SFPIPE_MIRROR_H
#define SFPIPE_MIRROR_H

#include "line.h"
#include "queue.h"
#include "store.h"

#include <stdint.h>

struct mirror; /* opaque */

struct mirror_counts {
	uint64_t added, changed, unchanged, stale;
};

/* region: of phones in national form, or NULL. */
struct mirror *mirror_open(struct store *store, struct queue *queue, const char *region);
void mirror_close(struct mirror *mirror);

/* Applies a record line; a transaction must be open. */
int mirror_put(struct mirror *mirror, const struct line *line, struct err *err);

/* What we wrote to a record of Salesforce: these fields, into our copy of it, as one whose stamp is
 * yet to come; a record that the store lacks is added. *modified: its LastModifiedDate before, or
 * NULL. An object that the store does not keep is passed over. */
int mirror_write(struct mirror *mirror, const char *object, const char *id, struct json fields,
    struct arena *arena, const char **modified, struct err *err);

struct mirror_counts mirror_counts(const struct mirror *mirror);

#endif

/*
 * local: the records of the other system (design 6), each kept whole, as kind local lines bring
 * them and as our own ops changed them since.
 *
 * A field that a line lacks stays as it is, an explicit null clears. A line whose modified is older
 * than what the store knows is ignored. What changes nothing writes nothing; any other change is
 * told to the queue, on side local.
 *
 * Owner:   local_open()'s caller; store and queue must outlive it.
 * Errors:  ST_REJECTED this line; anything else the store's.
 */
#ifndef SFPIPE_LOCAL_H
#define SFPIPE_LOCAL_H

#include "line.h"
#include "queue.h"
#include "store.h"

#include <stdint.h>

struct local; /* opaque */

struct local_counts {
	uint64_t added, changed, unchanged, stale;
};

struct local *local_open(struct store *store, struct queue *queue);
void local_close(struct local *local);

/* A kind local line; a transaction must be open. */
int local_put(struct local *local, const struct line *line, struct err *err);

/* What an importer wrote: these fields, into our copy. It is no change to anybody. A record that
 * the store does not know is added, with its salesforce_id. modified, or absent: the importer's,
 * from which on older lines are stale. */
struct local_write {
	const char *object, *id, *salesforce_id;
	struct json fields, modified;
};
int local_write(
    struct local *local, const struct local_write *write, struct arena *arena, struct err *err);

struct local_counts local_counts(const struct local *local);

#endif

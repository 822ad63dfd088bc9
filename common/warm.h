/*
 * warm: the store's keys in memory (keys.h), loaded by a thread of its own once the input shows that
 * it pays, and shared by all workers; the user chooses nothing.
 *
 * Until they are loaded, and whenever they are not of the version that a worker reads, the store is
 * asked: the answers are the same.
 *
 * Owner:   warm_close() frees; what warm_take() lends is given back before.
 * Errors:  none: keys that cannot be loaded are done without.
 * Threads: any number may use one.
 */
#ifndef SFPIPE_WARM_H
#define SFPIPE_WARM_H

#include "keys.h"
#include "rules.h"
#include "store.h"

#include <stdint.h>

struct warm; /* opaque */

/* input: the descriptor that the lines come from, -1 if from none: a file tells how much there is. path and rules
 * must outlive it. */
struct warm *warm_open(const char *path, const struct rules *rules, int input);
void warm_close(struct warm *warm);

/* So many lines of so many bytes were worked on. store: the worker's own, in its transaction. */
void warm_note(struct warm *warm, struct store *store, uint64_t lines, uint64_t bytes);

/* The keys of this version, NULL if there are none; each is given back. */
const struct keys *warm_take(struct warm *warm, int64_t version);
void warm_give(struct warm *warm, const struct keys *keys);

#endif

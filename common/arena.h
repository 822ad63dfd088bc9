/*
 * arena: memory of one line, freed at once; and allocation that cannot fail.
 *
 * Owner:   arena_open()'s caller; what it gives lives until arena_reset() or arena_close().
 * Errors:  none: when memory is out, the process says so and ends with 74 (design 2).
 * Threads: an arena belongs to one thread.
 */
#ifndef SFPIPE_ARENA_H
#define SFPIPE_ARENA_H

#include <stddef.h>

struct arena; /* opaque */

struct arena *arena_open(void);
void arena_close(struct arena *arena);

/* Forgets everything; keeps one block, so that a stream of short lines allocates nothing. */
void arena_reset(struct arena *arena);

/* size bytes, zeroed, aligned for anything. */
void *arena_alloc(struct arena *arena, size_t size);

/* n items of size bytes, zeroed; n * size may not overflow: that ends with 74 too. */
void *arena_array(struct arena *arena, size_t n, size_t size);

/* A copy of size bytes with a NUL behind. */
char *arena_dup(struct arena *arena, const char *text, size_t size);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* malloc and friends that end with 74 when memory is out; free() what they give. */
void *xalloc(size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);

#endif

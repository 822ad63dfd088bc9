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
#include <stdint.h>
#include <string.h>

struct arena_block; /* opaque */

struct arena {
	struct arena_block *blocks; /* the newest first */
	char *at, *end;             /* what is free of it; whole ARENA_ALIGNs */
};
#define ARENA_ALIGN ((size_t)16)

struct arena *arena_open(void);
void arena_close(struct arena *arena);

/* Forgets everything; keeps one block, so that a stream of short lines allocates nothing. */
void arena_reset(struct arena *arena);

/* A block for size bytes: where the newest has no room for them. */
void arena_grow(struct arena *arena, size_t size);

/* size bytes, aligned for anything; arena_alloc(): zeroed. */
static inline void *
arena_take(struct arena *arena, size_t size)
{
	if (size >= (size_t)(arena->end - arena->at)) /* also at the first */
		arena_grow(arena, size);
	void *p = arena->at;
	arena->at += (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
	return p;
}
static inline void *
arena_alloc(struct arena *arena, size_t size)
{
	return memset(arena_take(arena, size), 0, size);
}

/* n items of size bytes, zeroed; n * size may not overflow: that ends with 74 too. */
static inline void *
arena_array(struct arena *arena, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		n = SIZE_MAX / size; /* too much for arena_grow() as well, which says so */
	return arena_alloc(arena, n * size);
}

/* A copy of an array of *room items with twice the room; of none, room for some. */
void *arena_more(struct arena *arena, const void *old, size_t *room, size_t some, size_t size);

/* A copy of size bytes with a NUL behind. */
char *arena_dup(struct arena *arena, const char *text, size_t size);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* malloc and friends that end with 74 when memory is out; free() what they give. */
void *xalloc(size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *text);

#endif

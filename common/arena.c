#include "arena.h"

#include "diag.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)64 * 1024)
#define ALIGN _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t size, used;
	_Alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct block *blocks; /* the newest first */
};

void *
xrealloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p) {
		diag_say("out of memory");
		exit(ST_IO);
	}
	return p;
}

void *
xalloc(size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p) {
		diag_say("out of memory");
		exit(ST_IO);
	}
	return p;
}

char *
xstrdup(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(xrealloc(NULL, size), text, size);
}

struct arena *
arena_open(void)
{
	return xalloc(sizeof(struct arena));
}

void
arena_close(struct arena *arena)
{
	if (!arena)
		return;
	for (struct block *b = arena->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(arena);
}

void
arena_reset(struct arena *arena)
{
	struct block *keep = NULL;

	for (struct block *b = arena->blocks, *next; b; b = next) {
		next = b->next;
		if (!keep && b->size == BLOCK_SIZE) {
			keep = b;
			keep->used = 0;
			keep->next = NULL;
		} else {
			free(b);
		}
	}
	arena->blocks = keep;
}

/* As arena_alloc(), not zeroed. */
static inline void *
take(struct arena *arena, size_t size)
{
	struct block *b = arena->blocks;

	if (size > SIZE_MAX - sizeof *b - ALIGN) {
		diag_say("out of memory");
		exit(ST_IO);
	}
	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (!b || b->size - b->used < size) {
		size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
		b = xrealloc(NULL, sizeof *b + room);
		*b = (struct block){.next = arena->blocks, .size = room};
		arena->blocks = b;
	}
	void *p = b->bytes + b->used;
	b->used += size;
	return p;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	return memset(take(arena, size), 0, size);
}

void *
arena_array(struct arena *arena, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / size)
		n = SIZE_MAX / size; /* too much for arena_alloc() as well, which says so */
	return arena_alloc(arena, n * size);
}

char *
arena_dup(struct arena *arena, const char *text, size_t size)
{
	char *copy = take(arena, size + 1);

	if (size)
		memcpy(copy, text, size);
	copy[size] = '\0';
	return copy;
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	char *text = arena_alloc(arena, (size_t)(n < 0 ? 0 : n) + 1);
	vsnprintf(text, (size_t)n + 1, format, again);
	va_end(again);
	va_end(args);
	return text;
}

#include "arena.h"

#include "diag.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)64 * 1024)

_Static_assert(_Alignof(max_align_t) <= ARENA_ALIGN, "aligned for anything");

struct arena_block {
	struct arena_block *next;
	size_t size;
	_Alignas(ARENA_ALIGN) char bytes[];
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
	for (struct arena_block *b = arena->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(arena);
}

static void
use(struct arena *arena, struct arena_block *block)
{
	arena->blocks = block;
	arena->at = block ? block->bytes : NULL;
	arena->end = block ? block->bytes + block->size : NULL;
}

void
arena_reset(struct arena *arena)
{
	struct arena_block *keep = NULL;

	for (struct arena_block *b = arena->blocks, *next; b; b = next) {
		next = b->next;
		if (!keep && b->size == BLOCK_SIZE) {
			keep = b;
			keep->next = NULL;
		} else {
			free(b);
		}
	}
	use(arena, keep);
}

void
arena_grow(struct arena *arena, size_t size)
{
	if (size > SIZE_MAX - sizeof(struct arena_block) - ARENA_ALIGN) {
		diag_say("out of memory");
		exit(ST_IO);
	}
	size = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
	size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
	struct arena_block *block = xrealloc(NULL, sizeof *block + room);
	*block = (struct arena_block){.next = arena->blocks, .size = room};
	use(arena, block);
}

void *
arena_more(struct arena *arena, const void *old, size_t *room, size_t some, size_t size)
{
	size_t more = *room ? *room * 2 : some;
	void *grown = arena_array(arena, more, size);

	if (*room)
		memcpy(grown, old, *room * size);
	*room = more;
	return grown;
}

char *
arena_dup(struct arena *arena, const char *text, size_t size)
{
	char *copy = arena_take(arena, size + 1);

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

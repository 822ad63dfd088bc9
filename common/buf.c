#include "buf.h"

#include "arena.h"
#include "diag.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void
buf_free(struct buf *buf)
{
	free(buf->text);
	*buf = (struct buf){0};
}

void
buf_clear(struct buf *buf)
{
	buf->size = 0;
	if (buf->text)
		buf->text[0] = '\0';
}

void
buf_grow(struct buf *buf, size_t more)
{
	if (more >= SIZE_MAX / 2 - buf->size) {
		diag_say("out of memory");
		exit(ST_IO);
	}
	size_t need = buf->size + more + 1;
	size_t room = buf->room * 2;
	if (room < need)
		room = need;
	if (room < 256)
		room = 256;
	buf->text = xrealloc(buf->text, room);
	buf->room = room;
}

void
buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	if (n > 0) {
		buf_reserve(buf, (size_t)n);
		vsnprintf(buf->text + buf->size, (size_t)n + 1, format, again);
		buf->size += (size_t)n;
	}
	va_end(again);
	va_end(args);
}

#include "buf.h"

#include "arena.h"
#include "diag.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
buf_reserve(struct buf *buf, size_t more)
{
	if (more >= SIZE_MAX / 2 - buf->size) {
		diag_say("out of memory");
		exit(ST_IO);
	}
	size_t need = buf->size + more + 1;
	if (need <= buf->room)
		return;
	size_t room = buf->room * 2;
	if (room < need)
		room = need;
	if (room < 256)
		room = 256;
	buf->text = xrealloc(buf->text, room);
	buf->room = room;
}

void
buf_put(struct buf *buf, const char *text, size_t size)
{
	buf_reserve(buf, size);
	if (size)
		memcpy(buf->text + buf->size, text, size);
	buf->size += size;
	buf->text[buf->size] = '\0';
}

void
buf_puts(struct buf *buf, const char *text)
{
	buf_put(buf, text, strlen(text));
}

void
buf_putc(struct buf *buf, char c)
{
	buf_reserve(buf, 1);
	buf->text[buf->size++] = c;
	buf->text[buf->size] = '\0';
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

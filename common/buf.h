/*
 * buf: a growing run of bytes.
 *
 * Owner:   zero-initialize; buf_free() when done.
 * Errors:  none: when memory is out, the process says so and ends with 74.
 */
#ifndef SFPIPE_BUF_H
#define SFPIPE_BUF_H

#include <stddef.h>
#include <string.h>

struct buf {
	char *text; /* NUL behind the last byte, once anything was put; NULL before */
	size_t size;
	size_t room;
};

void buf_free(struct buf *buf);

/* Empties it and keeps its memory. */
void buf_clear(struct buf *buf);

/* Room for more bytes behind size, and the NUL. */
void buf_grow(struct buf *buf, size_t more);
static inline void
buf_reserve(struct buf *buf, size_t more)
{
	if (more >= buf->room - buf->size)
		buf_grow(buf, more);
}

static inline void
buf_put(struct buf *buf, const char *text, size_t size)
{
	buf_reserve(buf, size);
	if (size)
		memcpy(buf->text + buf->size, text, size);
	buf->size += size;
	buf->text[buf->size] = '\0';
}

static inline void
buf_puts(struct buf *buf, const char *text)
{
	buf_put(buf, text, strlen(text));
}

static inline void
buf_putc(struct buf *buf, char c)
{
	buf_reserve(buf, 1);
	buf->text[buf->size++] = c;
	buf->text[buf->size] = '\0';
}

void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

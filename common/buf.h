/*
 * buf: a growing run of bytes.
 *
 * Owner:   zero-initialize; buf_free() when done.
 * Errors:  none: when memory is out, the process says so and ends with 74.
 */
#ifndef SFPIPE_BUF_H
#define SFPIPE_BUF_H

#include <stddef.h>

struct buf {
	char *text; /* NUL behind the last byte, once anything was put; NULL before */
	size_t size;
	size_t room;
};

void buf_free(struct buf *buf);

/* Empties it and keeps its memory. */
void buf_clear(struct buf *buf);

/* Room for more bytes behind size, and the NUL. */
void buf_reserve(struct buf *buf, size_t more);

void buf_put(struct buf *buf, const char *text, size_t size);
void buf_puts(struct buf *buf, const char *text);
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif

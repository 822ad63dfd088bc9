/*
 * utf8: how long a character of text is.
 *
 * Threads: any.
 */
#ifndef SFPIPE_UTF8_H
#define SFPIPE_UTF8_H

#include <stddef.h>

/* The bytes of the character that text begins with; 0 if it is none: overlong, a surrogate, beyond
 * U+10FFFF, cut off by room (RFC 3629). ASCII is 1; room is at least 1. */
size_t utf8_length(const char *text, size_t room);

#endif

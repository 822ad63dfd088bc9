/*
 * http_header: what a server's headers say of its clock, of the API calls that are left, and of when to come
 * again.
 *
 * Owner:   nothing is kept.
 * Units:   times in milliseconds.
 * Errors:  none: what is not understood says nothing.
 * Threads: any.
 */
#ifndef SFPIPE_HTTP_HEADER_H
#define SFPIPE_HTTP_HEADER_H

#include <stddef.h>
#include <stdint.h>

/* 0: it has not said. */
struct http_header {
	int64_t date_ms;
	uint64_t api_used; /* Sforce-Limit-Info: of the org */
	uint64_t api_limit;
	uint64_t retry_after_ms;
	int64_t retry_at_ms; /* the same, as a date */
};

/* One line of them, with or without its end. */
void http_header_read(struct http_header *header, const char *line, size_t size);

#endif

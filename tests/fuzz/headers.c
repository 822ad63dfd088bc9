/* Lines of headers: what they say is within bounds, and the same with the end of a line behind. */
#include "http_header.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINE_MAX_SIZE 1024

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_header header = {0}, again = {0};
	const char *at = (const char *)data, *end = at + size;
	char copy[LINE_MAX_SIZE + 2];

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t n = (size_t)((newline ? newline : end) - at);
		http_header_read(&header, at, n);
		n = n < LINE_MAX_SIZE ? n : LINE_MAX_SIZE;
		memcpy(copy, at, n);
		memcpy(copy + n, "\r\n", 2);
		http_header_read(&again, copy, n + 2);
		at = newline ? newline + 1 : end;
	}
	if (header.date_ms < 0 || header.retry_at_ms < 0 ||
	    header.retry_after_ms > UINT64_C(1000000000000))
		abort();
	if (memcmp(&header, &again, sizeof header) != 0)
		abort();
	return 0;
}

/* Every time that is read prints as one that reads as the same. */
#include "rfc3339.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(int64_t ms)
{
	char text[RFC3339_SIZE];
	char http[RFC3339_HTTP_SIZE];
	int64_t again = 0;

	rfc3339_format_ms(ms, text);
	if (rfc3339_parse(text, strlen(text), &again) != 0 || again != ms)
		abort();
	rfc3339_format_http(ms, http);
	if (rfc3339_parse_http(http, strlen(http), &again) != 0 || ms - again < 0 ||
	    ms - again > 999)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	int64_t ms = 0;

	if (rfc3339_parse(text, size, &ms) == 0)
		check(ms);
	if (rfc3339_parse_date(text, size, &ms) == 0)
		check(ms);
	if (rfc3339_parse_http(text, size, &ms) == 0)
		check(ms);
	return 0;
}

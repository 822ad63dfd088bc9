#include "http_header.h"

#include "rfc3339.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define VALUE_SIZE 256
#define YEAR_10000 INT64_C(253402300800) /* in seconds; libcurl reads any */
#define MAX_SECONDS 1000000000U

/* Whether a line is of that name; its value then, without space around, cut to the room. */
static bool
is_named(const char *line, size_t size, const char *name, char value[VALUE_SIZE])
{
	size_t n = strlen(name);

	if (size <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return false;
	const char *at = line + n + 1, *end = line + size;
	while (at < end && (*at == ' ' || *at == '\t'))
		at++;
	while (end > at && (unsigned char)end[-1] <= ' ')
		end--;
	snprintf(value, VALUE_SIZE, "%.*s",
	    (int)(end - at < VALUE_SIZE ? end - at : VALUE_SIZE - 1), at);
	return true;
}

/* "api-usage=18/15000; per-app-api-usage=17/250(appName=name)": the org's own. */
static void
read_limit_info(struct http_header *header, const char *text)
{
	static const char name[] = "api-usage=";

	for (const char *at = text; (at = strstr(at, name)); at += sizeof name - 1) {
		if (at > text && at[-1] == '-')
			continue;
		char *slash;
		uint64_t used = strtoull(at + sizeof name - 1, &slash, 10);
		if (*slash != '/')
			continue;
		header->api_used = used;
		header->api_limit = strtoull(slash + 1, NULL, 10);
	}
}

/* A date as servers write it, or in one of the forms that clients must take besides (RFC 9110); 0 if it is
 * none, or from before there were any. */
static int64_t
read_date(const char *text)
{
	int64_t ms;

	if (rfc3339_parse_http(text, strlen(text), &ms) == 0)
		return ms > 0 ? ms : 0;
	time_t s = curl_getdate(text, NULL);
	return s > 0 && s < YEAR_10000 ? (int64_t)s * 1000 : 0;
}

static void
read_retry_after(struct http_header *header, const char *text)
{
	bool seconds = *text && text[strspn(text, "0123456789")] == '\0';
	uint64_t n = seconds ? strtoull(text, NULL, 10) : 0;

	header->retry_after_ms = (n < MAX_SECONDS ? n : MAX_SECONDS) * 1000;
	header->retry_at_ms = seconds ? 0 : read_date(text);
}

void
http_header_read(struct http_header *header, const char *line, size_t size)
{
	char value[VALUE_SIZE];
	int64_t date;

	if (is_named(line, size, "Date", value) && (date = read_date(value)) != 0)
		header->date_ms = date;
	else if (is_named(line, size, "Sforce-Limit-Info", value))
		read_limit_info(header, value);
	else if (is_named(line, size, "Retry-After", value))
		read_retry_after(header, value);
}

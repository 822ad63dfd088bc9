/*
 * rfc3339: times: text <-> milliseconds since 1970-01-01T00:00:00Z, on a calendar of our own, so
 * that neither the locale nor the time zone of the machine has a say.
 *
 * Units:   milliseconds; from year 0000 to 9999, what lies outside is no time.
 * Errors:  -1: the text is no such time; the out parameter is then untouched.
 * Threads: any.
 */
#ifndef SFPIPE_RFC3339_H
#define SFPIPE_RFC3339_H

#include "diag.h"

#include <stddef.h>
#include <stdint.h>

#define RFC3339_SIZE 25 /* 2026-11-20T15:00:00.000Z and the NUL */
#define RFC3339_HTTP_SIZE 30

#define RFC3339_DAY_MS INT64_C(86400000)

/* A date-time with Z, +hh:mm or Salesforce's +hhmm; t and z in any case. Of a fraction, however
 * long, the milliseconds count. The leap second 23:59:60Z is the second that follows it. */
int rfc3339_parse(const char *text, size_t size, int64_t *ms);

/* A date, YYYY-MM-DD, as its midnight UTC. */
int rfc3339_parse_date(const char *text, size_t size, int64_t *ms);

/* 2026-11-20T15:00:00Z, what is less than a second dropped; a time outside the years is put at
 * their end. Returns out. */
char *rfc3339_format(int64_t ms, char out[RFC3339_SIZE]);

/* The same with .mmm, if the time has milliseconds. */
char *rfc3339_format_ms(int64_t ms, char out[RFC3339_SIZE]);

/* The date alone, 2026-11-20. */
char *rfc3339_format_date(int64_t ms, char out[RFC3339_SIZE]);

/* The same time of the same day so many months earlier, or of the month's last day if it has none
 * such. */
int64_t rfc3339_months_before(int64_t ms, unsigned months);

/* HTTP's date (RFC 7231 IMF-fixdate): Fri, 20 Nov 2026 15:00:00 GMT, and nothing else. */
int rfc3339_parse_http(const char *text, size_t size, int64_t *ms);
char *rfc3339_format_http(int64_t ms, char out[RFC3339_HTTP_SIZE]);

/* The clock. */
int64_t rfc3339_now_ms(void);

/* What --now says, the clock if it is NULL; -1 and err (ST_USAGE) if it is no time. */
int rfc3339_option_now(const char *given, int64_t *ms, struct err *err);

#endif

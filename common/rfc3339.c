#include "rfc3339.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define MIN_MS INT64_C(-62167219200000) /* 0000-01-01T00:00:00.000Z */
#define MAX_MS INT64_C(253402300799999) /* 9999-12-31T23:59:59.999Z */

struct civil {
	int year, month, day;
	int hour, minute, second, ms;
};

/* What is still to be read. */
struct text {
	const char *at;
	const char *end;
};

static const char *const weekdays[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
static const char *const months[] = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* Days since 1970-01-01. The year is taken from March, so that the leap day is its last. */
static int64_t
days_of_date(int year, int month, int day)
{
	int y = month > 2 ? year : year - 1;
	int era = (y >= 0 ? y : y - 399) / 400;
	int year_of_era = y - era * 400;
	int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return (int64_t)era * 146097 + day_of_era - 719468;
}

static void
date_of_days(int64_t days, struct civil *civil)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int doe = (int)(days - era * 146097); /* day of the era of 400 years */
	int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int mp = (5 * doy + 2) / 153; /* months since March */

	civil->day = doy - (153 * mp + 2) / 5 + 1;
	civil->month = mp < 10 ? mp + 3 : mp - 9;
	civil->year = yoe + (int)era * 400 + (civil->month <= 2 ? 1 : 0);
}

static int
days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

static struct civil
civil_of_ms(int64_t ms)
{
	struct civil civil = {0};

	ms = ms < MIN_MS ? MIN_MS : ms > MAX_MS ? MAX_MS : ms;
	int64_t days = floor_div(ms, RFC3339_DAY_MS);
	int rest = (int)(ms - days * RFC3339_DAY_MS);
	date_of_days(days, &civil);
	civil.ms = rest % 1000;
	civil.second = rest / 1000 % 60;
	civil.minute = rest / 60000 % 60;
	civil.hour = rest / 3600000;
	return civil;
}

static inline bool
take_char(struct text *text, const char *any_of)
{
	for (; text->at < text->end && *any_of; any_of++)
		if (*text->at == *any_of) {
			text->at++;
			return true;
		}
	return false;
}

/* Exactly n digits, the number not above max. */
static inline bool
take_number(struct text *text, int n, int max, int *number)
{
	*number = 0;
	for (; n > 0; n--, text->at++) {
		if (text->at == text->end || *text->at < '0' || *text->at > '9')
			return false;
		*number = *number * 10 + (*text->at - '0');
	}
	return *number <= max;
}

static bool
take_date(struct text *text, struct civil *civil)
{
	return take_number(text, 4, 9999, &civil->year) && take_char(text, "-") &&
	       take_number(text, 2, 12, &civil->month) && civil->month >= 1 &&
	       take_char(text, "-") && take_number(text, 2, 31, &civil->day) && civil->day >= 1 &&
	       civil->day <= days_in_month(civil->year, civil->month);
}

static bool
take_fraction(struct text *text, int *ms)
{
	int digits = 0;

	if (!take_char(text, "."))
		return true;
	for (; text->at < text->end && *text->at >= '0' && *text->at <= '9'; text->at++)
		if (++digits <= 3)
			*ms = *ms * 10 + (*text->at - '0');
	for (int n = digits; n < 3; n++)
		*ms *= 10;
	return digits > 0;
}

static bool
take_clock(struct text *text, struct civil *civil)
{
	return take_number(text, 2, 23, &civil->hour) && take_char(text, ":") &&
	       take_number(text, 2, 59, &civil->minute) && take_char(text, ":") &&
	       take_number(text, 2, 60, &civil->second) && take_fraction(text, &civil->ms);
}

/* East of UTC is positive. */
static bool
take_offset(struct text *text, int *minutes)
{
	int hours = 0;
	int rest = 0;

	*minutes = 0;
	if (take_char(text, "zZ"))
		return true;
	bool west = text->at < text->end && *text->at == '-';
	if (!take_char(text, "+-") || !take_number(text, 2, 23, &hours))
		return false;
	take_char(text, ":");
	if (!take_number(text, 2, 59, &rest))
		return false;
	*minutes = (hours * 60 + rest) * (west ? -1 : 1);
	return true;
}

static int64_t
ms_of_civil(const struct civil *civil)
{
	int seconds = civil->hour * 3600 + civil->minute * 60 + civil->second;

	return days_of_date(civil->year, civil->month, civil->day) * RFC3339_DAY_MS +
	       (int64_t)seconds * 1000 + civil->ms;
}

/* Two digits; others make it far too large. */
static int
two(const char *at)
{
	unsigned tens = (unsigned)at[0] - '0', ones = (unsigned)at[1] - '0';

	return tens > 9 || ones > 9 ? 1000 : (int)(tens * 10 + ones);
}

/* "2026-11-20T15:04:05Z", as most are; what it is otherwise is rfc3339_parse()'s to say. */
static bool
take_usual(const char *text, size_t size, struct civil *c)
{
	if (size != 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
	    text[16] != ':' || text[19] != 'Z')
		return false;
	c->year = two(text) * 100 + two(text + 2);
	c->month = two(text + 5);
	c->day = two(text + 8);
	c->hour = two(text + 11);
	c->minute = two(text + 14);
	c->second = two(text + 17);
	return c->year < 10000 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	       c->day <= days_in_month(c->year, c->month) && c->hour < 24 && c->minute < 60 &&
	       c->second < 60;
}

int
rfc3339_parse(const char *text, size_t size, int64_t *ms)
{
	struct text rest = {text, text + size};
	struct civil civil = {0};
	int minutes = 0;

	if (take_usual(text, size, &civil)) {
		*ms = ms_of_civil(&civil);
		return 0;
	}
	civil = (struct civil){0};
	if (!take_date(&rest, &civil) || !take_char(&rest, "tT") || !take_clock(&rest, &civil) ||
	    !take_offset(&rest, &minutes) || rest.at != rest.end)
		return -1;
	int64_t utc = ms_of_civil(&civil) - (int64_t)minutes * 60000;
	/* A leap second is the last of a UTC day: what it became is the first of the next. */
	if (civil.second == 60 && floor_div(utc, 1000) % 86400 != 0)
		return -1;
	if (utc < MIN_MS || utc > MAX_MS)
		return -1;
	*ms = utc;
	return 0;
}

int
rfc3339_parse_date(const char *text, size_t size, int64_t *ms)
{
	struct text rest = {text, text + size};
	struct civil civil = {0};

	if (!take_date(&rest, &civil) || rest.at != rest.end)
		return -1;
	*ms = ms_of_civil(&civil);
	return 0;
}

int64_t
rfc3339_months_before(int64_t ms, unsigned n)
{
	struct civil civil = civil_of_ms(ms);
	int64_t month = (int64_t)civil.year * 12 + civil.month - 1 - n;

	if (month < 0)
		return MIN_MS;
	civil.year = (int)(month / 12);
	civil.month = (int)(month % 12) + 1;
	if (civil.day > days_in_month(civil.year, civil.month))
		civil.day = days_in_month(civil.year, civil.month);
	return ms_of_civil(&civil);
}

static void
put_two(char *out, int value)
{
	unsigned below100 = (unsigned)value;

	out[0] = (char)('0' + below100 / 10);
	out[1] = (char)('0' + below100 % 10);
}

/* By hand, as each association of a call has such a time, and snprintf() is slow. */
char *
rfc3339_format(int64_t ms, char out[RFC3339_SIZE])
{
	struct civil c = civil_of_ms(ms);

	memcpy(out, "0000-00-00T00:00:00Z", 21);
	put_two(out, c.year / 100);
	put_two(out + 2, c.year % 100);
	put_two(out + 5, c.month);
	put_two(out + 8, c.day);
	put_two(out + 11, c.hour);
	put_two(out + 14, c.minute);
	put_two(out + 17, c.second);
	return out;
}

char *
rfc3339_format_ms(int64_t ms, char out[RFC3339_SIZE])
{
	struct civil c = civil_of_ms(ms);

	rfc3339_format(ms, out);
	if (c.ms)
		snprintf(out + 19, RFC3339_SIZE - 19, ".%03dZ", c.ms);
	return out;
}

char *
rfc3339_format_date(int64_t ms, char out[RFC3339_SIZE])
{
	rfc3339_format(ms, out);
	out[10] = '\0';
	return out;
}

static int
month_of_name(const char *name)
{
	for (int i = 0; i < 12; i++)
		if (memcmp(name, months[i], 3) == 0)
			return i + 1;
	return 0;
}

/* The text is read by position, then compared with what we would write for it: all that is not
 * read here, the weekday too, must be right. */
int
rfc3339_parse_http(const char *text, size_t size, int64_t *ms)
{
	char again[RFC3339_HTTP_SIZE];
	struct civil civil = {0};

	if (size != RFC3339_HTTP_SIZE - 1)
		return -1;
	struct text day = {text + 5, text + size};
	struct text year = {text + 12, text + size};
	struct text clock = {text + 17, text + size};
	civil.month = month_of_name(text + 8);
	if (!civil.month || !take_number(&day, 2, 31, &civil.day) || civil.day < 1 ||
	    !take_number(&year, 4, 9999, &civil.year) || !take_clock(&clock, &civil))
		return -1;
	int64_t utc = ms_of_civil(&civil);
	if (memcmp(rfc3339_format_http(utc, again), text, size) != 0)
		return -1;
	*ms = utc;
	return 0;
}

char *
rfc3339_format_http(int64_t ms, char out[RFC3339_HTTP_SIZE])
{
	struct civil c = civil_of_ms(ms);
	int64_t weekday = (days_of_date(c.year, c.month, c.day) % 7 + 7) % 7;

	snprintf(out, RFC3339_HTTP_SIZE, "%s, %02d %s %04d %02d:%02d:%02d GMT", weekdays[weekday],
	    c.day, months[c.month - 1], c.year, c.hour, c.minute, c.second);
	return out;
}

int64_t
rfc3339_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
rfc3339_option_now(const char *given, int64_t *ms, struct err *err)
{
	char escaped[64];

	if (!given)
		*ms = rfc3339_now_ms();
	else if (rfc3339_parse(given, strlen(given), ms) != 0)
		return err_set(err, ST_USAGE, "--now is no RFC 3339 time: \"%s\"",
		    diag_escape(escaped, sizeof escaped, given, strlen(given)));
	return 0;
}

#include "invite_zone.h"

#include "arena.h"
#include "buf.h"
#include "invite_windows.h"
#include "rfc3339.h"

#include <libical/ical.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_ZONES = 1000, MAX_ZONE_LINES = 5000, MAX_ZONE_NAME = 255, MAX_READ = 2000 };

struct zone {
	char *name; /* of one that is in the read list: its text */
	char *text; /* the calendar's VTIMEZONE, until it is asked for */
	uint64_t hash;
	icaltimezone *ical; /* NULL: UTC, or nothing that libical understands */
	struct zone *next;
};

struct zones {
	struct zone utc;
	struct zone *known;   /* of the tz database */
	struct zone *defined; /* by the calendar */
	struct zone *read;    /* by any calendar so far: many bring the same */
	size_t n_defined, n_read;
	/* of the VTIMEZONE that is being read */
	struct buf text;
	struct buf name;
	size_t n_lines;
	bool unusable;
};

struct zones *
zones_open(void)
{
	struct zones *zones = xalloc(sizeof *zones);

	*zones = (struct zones){0};
	icalerror_set_errors_are_fatal(0);
	return zones;
}

static void
free_list(struct zone *zone, bool own)
{
	while (zone) {
		struct zone *next = zone->next;
		if (own && zone->ical)
			icaltimezone_free(zone->ical, 1);
		free(zone->name);
		free(zone->text);
		free(zone);
		zone = next;
	}
}

void
zones_close(struct zones *zones)
{
	if (!zones)
		return;
	zones_forget(zones);
	free_list(zones->read, true);
	free_list(zones->known, false);
	icaltimezone_free_builtin_timezones();
	buf_free(&zones->text);
	buf_free(&zones->name);
	free(zones);
}

void
zones_forget(struct zones *zones)
{
	free_list(zones->defined, false);
	zones->defined = NULL;
	zones->n_defined = 0;
}

static struct zone *
add_zone(struct zone **list, const char *name)
{
	struct zone *zone = xalloc(sizeof *zone);

	*zone = (struct zone){.name = xstrdup(name), .next = *list};
	*list = zone;
	return zone;
}

/* Whether value is like the pattern: 9 stands for a digit, + for a sign, * for the rest. */
static bool
is_like(const char *value, const char *pattern)
{
	for (; *pattern && *pattern != '*'; pattern++, value++) {
		bool digit = *value >= '0' && *value <= '9', sign = *value == '+' || *value == '-';
		if (*pattern == '9' ? !digit : *pattern == '+' ? !sign : *value != *pattern)
			return false;
	}
	return *pattern == '*' || !*value;
}

/* Yearly, and on one day: a rule that has at most a few dates a year. */
static bool
is_yearly(const char *rule)
{
	size_t commas = 0;

	for (const char *c = rule; *c; c++)
		commas += *c == ',';
	return strlen(rule) < 200 && commas <= 8 && strstr(rule, "FREQ=YEARLY") &&
	       !strstr(rule, "BYYEARDAY") && !strstr(rule, "BYWEEKNO") && !strstr(rule, "BYSETPOS");
}

/* Outlook's rules begin in 1601, and each year since would be counted: begin in a leap year that
 * is still before all calls. */
static void
put_start(struct buf *text, const char *value)
{
	bool old = strncmp(value, "1904", 4) < 0;

	buf_printf(text, "DTSTART:%s%.11s\r\n", old ? "1904" : "", old ? value + 4 : value);
	if (!old) {
		text->size -= 2;
		buf_printf(text, "%s\r\n", value + 11);
	}
}

static void
put_zone_line(struct zones *zones, const char *name, const char *value)
{
	if (++zones->n_lines > MAX_ZONE_LINES) {
		zones->unusable = true;
	} else if (strcmp(name, "DTSTART") == 0) {
		if (is_like(value, "99999999T999999") || is_like(value, "99999999T999999Z"))
			put_start(&zones->text, value);
		else
			zones->unusable = true;
	} else if (strcmp(name, "RRULE") == 0) {
		if (is_yearly(value))
			buf_printf(&zones->text, "RRULE:%s\r\n", value);
		else
			zones->unusable = true;
	} else if (strcmp(name, "RDATE") == 0) {
		if (is_like(value, "99999999T999999*") && strlen(value) < 2000)
			buf_printf(&zones->text, "RDATE:%s\r\n", value);
	} else if (strncmp(name, "TZOFFSET", 8) == 0) {
		if (is_like(value, "+9999") || is_like(value, "+999999"))
			buf_printf(&zones->text, "%s:%s\r\n", name, value);
		else
			zones->unusable = true;
	} else if (strcmp(name, "BEGIN") == 0 || strcmp(name, "END") == 0) {
		if (strcasecmp(value, "STANDARD") == 0 || strcasecmp(value, "DAYLIGHT") == 0)
			buf_printf(&zones->text, "%s:%s\r\n", name, value);
		else
			zones->unusable = true;
	}
}

/* libical is asked when a time first needs the zone. */
static void
define(struct zones *zones)
{
	const char *text = zones->text.text, *name = zones->name.text;
	bool complete = name && strstr(text, "DTSTART:") && strstr(text, "TZOFFSETTO:") &&
			strstr(text, "TZOFFSETFROM:");

	if (zones->unusable || !complete || zones->n_defined >= MAX_ZONES)
		return;
	buf_puts(&zones->text, "END:VTIMEZONE\r\n");
	add_zone(&zones->defined, name)->text = xstrdup(zones->text.text);
	zones->n_defined++;
}

void
zones_line(struct zones *zones, const char *name, const char *value)
{
	bool whole = strcasecmp(value, "VTIMEZONE") == 0;

	if (whole && strcmp(name, "BEGIN") == 0) {
		buf_clear(&zones->text);
		buf_clear(&zones->name);
		zones->n_lines = 0;
		zones->unusable = false;
		buf_puts(&zones->text, "BEGIN:VTIMEZONE\r\nTZID:x\r\n");
	} else if (whole && strcmp(name, "END") == 0) {
		define(zones);
	} else if (strcmp(name, "TZID") == 0) {
		buf_clear(&zones->name);
		buf_puts(&zones->name, value);
	} else {
		put_zone_line(zones, name, value);
	}
}

/* NULL if libical makes nothing of it. */
static icaltimezone *
parse_definition(const char *text)
{
	icalcomponent *component = icalparser_parse_string(text);
	icaltimezone *ical = icaltimezone_new();

	if (component && icaltimezone_set_component(ical, component))
		return ical;
	if (component)
		icalcomponent_free(component);
	icaltimezone_free(ical, 1);
	return NULL;
}

static uint64_t
hash_of(const char *text)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return hash;
}

/* libical takes long to read a zone, and input may bring any number of them. */
static icaltimezone *
read_definition(struct zones *zones, const char *text)
{
	uint64_t hash = hash_of(text);

	for (struct zone *zone = zones->read; zone; zone = zone->next)
		if (zone->hash == hash && strcmp(zone->name, text) == 0)
			return zone->ical;
	if (zones->n_read >= MAX_READ)
		return NULL;
	struct zone *zone = add_zone(&zones->read, text);
	zone->hash = hash;
	zone->ical = parse_definition(text);
	zones->n_read++;
	return zone->ical;
}

/* The zone that the calendar defines; NULL if there is none that can be used. */
static const struct zone *
find_defined(struct zones *zones, const char *name)
{
	struct zone *zone = zones->defined;

	while (zone && strcmp(zone->name, name) != 0)
		zone = zone->next;
	if (zone && zone->text) {
		zone->ical = read_definition(zones, zone->text);
		free(zone->text);
		zone->text = NULL;
	}
	return zone && zone->ical ? zone : NULL;
}

/* Names become paths: nothing but words between slashes, no second spelling of any, and nothing
 * that differs from one machine to the next. */
static bool
is_path(const char *name)
{
	bool begins = true;

	for (const char *c = name; *c; c++) {
		bool slash = *c == '/';
		bool word = (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') ||
			    (*c >= '0' && *c <= '9') || strchr("_+-", *c) != NULL;
		if (!(slash || word) || (slash && begins))
			return false;
		begins = slash;
	}
	return !begins && strncmp(name, "right/", 6) != 0 && strcmp(name, "localtime") != 0 &&
	       strcmp(name, "posixrules") != 0 && strlen(name) < 64;
}

static const struct zone *
find_known(struct zones *zones, const char *name)
{
	if (strcasecmp(name, "UTC") == 0 || strcasecmp(name, "Etc/UTC") == 0 ||
	    strcasecmp(name, "Z") == 0 || strcasecmp(name, "tzone://Microsoft/Utc") == 0)
		return &zones->utc;
	for (struct zone *zone = zones->known; zone; zone = zone->next)
		if (strcmp(zone->name, name) == 0)
			return zone;
	icaltimezone *ical = is_path(name) ? icaltimezone_get_builtin_timezone(name) : NULL;
	if (!ical)
		return NULL;
	struct zone *zone = add_zone(&zones->known, name);
	zone->ical = ical;
	return zone;
}

const struct zone *
zones_find(struct zones *zones, const char *name)
{
	if (!*name || strlen(name) > MAX_ZONE_NAME)
		return NULL;
	const struct zone *zone = find_defined(zones, name);
	if (!zone)
		zone = find_known(zones, name);
	const char *iana = zone ? NULL : windows_zone(name);
	if (iana)
		zone = find_known(zones, iana);
	for (const char *slash = name; !zone && *name == '/' && (slash = strchr(slash, '/'));)
		zone = find_known(zones, ++slash);
	return zone;
}

/* The number that n digits at text are. */
static int
digits(const char *text, int n)
{
	int number = 0;

	while (n-- > 0)
		number = number * 10 + *text++ - '0';
	return number;
}

int64_t
zone_to_utc(const struct zone *zone, int64_t local_ms)
{
	char text[RFC3339_SIZE];
	struct icaltimetype local = icaltime_null_time();
	int daylight;

	if (!zone->ical)
		return local_ms;
	rfc3339_format(local_ms, text);
	local.year = digits(text, 4);
	local.month = digits(text + 5, 2);
	local.day = digits(text + 8, 2);
	local.hour = digits(text + 11, 2);
	local.minute = digits(text + 14, 2);
	local.second = digits(text + 17, 2);
	return local_ms -
	       icaltimezone_get_utc_offset(zone->ical, &local, &daylight) * INT64_C(1000);
}

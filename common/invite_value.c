#include "invite_value.h"

#include "diag.h"
#include "fold.h"
#include "rfc3339.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LINK_TEXT = 256 * 1024 };

const char *
value_text(struct invite_run *run, struct json value)
{
	size_t size;
	const char *text = json_decode(value, run->scratch, &size);

	return text ? fold_trim(text, size, run->arena) : NULL;
}

/* A date-time: with an offset it is UTC already, without one it is local. */
static int
parse_time(const char *text, int64_t *ms, bool *local)
{
	char copy[64];
	int n = snprintf(copy, sizeof copy, "%sZ", text);

	*local = false;
	if (rfc3339_parse(text, strlen(text), ms) == 0)
		return 0;
	*local = true;
	return n < (int)sizeof copy ? rfc3339_parse(copy, (size_t)n, ms) : -1;
}

int
value_time(struct invite_run *run, uint64_t line, struct json value, const char *zone,
    struct invite_time *time)
{
	struct json date = json_get(value, "date"), clock = json_get(value, "dateTime");
	struct invite_time found = {.known = true, .date = json_has(date)};
	struct json from = found.date ? date : json_has(clock) ? clock : value;
	const char *text = value_text(run, from),
		   *own = value_text(run, json_get(value, "timeZone"));
	bool local = true;
	char shown[80];

	if (!json_has(value))
		return 0;
	if (!text || (found.date ? rfc3339_parse_date(text, strlen(text), &found.ms)
				 : parse_time(text, &found.ms, &local)) != 0) {
		diag_escape(shown, sizeof shown, from.at, from.size);
		invite_reject(run, line, "no time: %s", shown);
		return -1;
	}
	if (found.date)
		found.ms = zone_to_utc(run->zone, found.ms);
	else if (local && invite_local_time(run, line, own ? own : zone, found.ms, &found.ms) != 0)
		return -1;
	*time = found;
	return 0;
}

int64_t
value_stamp(struct json value)
{
	int64_t ms;

	if (json_kind(value) != JSON_IS_STRING ||
	    rfc3339_parse(value.at + 1, value.size - 2, &ms) != 0)
		return INT64_MIN;
	return ms;
}

int64_t
value_count(struct json value)
{
	if (json_kind(value) != JSON_IS_NUMBER || *value.at == '-')
		return -1;
	return strtoll(value.at, NULL, 10);
}

const char *
value_one_of(struct json value, const char *const table[][2])
{
	for (; (*table)[0]; table++)
		if (json_is(value, (*table)[0]))
			return (*table)[1];
	return NULL;
}

void
value_conference(struct invite_run *run, struct invite *invite, struct json value)
{
	size_t size;
	const char *text =
	    invite->conference.provider ? NULL : json_decode(value, run->scratch, &size);

	if (text)
		conference_find(text, size < MAX_LINK_TEXT ? size : MAX_LINK_TEXT, run->arena,
		    &invite->conference);
}

#include "quarantine.h"

#include "rfc3339.h"

#include <string.h>

static bool
is_associated(struct json associations)
{
	struct json_each each = json_each(associations);
	struct json_member first;

	return json_next(&each, &first);
}

static int
read_date(const struct line *line, int64_t *ms, struct err *err)
{
	const char *date = line_string(line, "date");

	if (!date || rfc3339_parse(date, strlen(date), ms) != 0)
		return err_set(err, ST_REJECTED, "date is no RFC 3339 time");
	return 0;
}

int
quarantine_email(struct line *line, int64_t since_ms, enum quarantine *fate, struct err *err)
{
	struct json associations = line_get(line, "associations"), held = line_get(line, "held");
	int64_t date_ms = 0;

	if (json_kind(associations) != JSON_IS_ARRAY)
		return err_set(
		    err, ST_REJECTED, "no associations: associate-call finds what there are");
	if (is_associated(associations)) {
		*fate = QUARANTINE_PASS;
		if (held.at)
			line_remove(line, "held");
		return 0;
	}
	if (read_date(line, &date_ms, err) != 0)
		return -1;
	*fate =
	    date_ms < since_ms && !line_get(line, "stored").at ? QUARANTINE_DROP : QUARANTINE_HOLD;
	if (json_kind(held) != JSON_IS_TRUE)
		line_set(line, "held", "true", strlen("true"));
	return 0;
}

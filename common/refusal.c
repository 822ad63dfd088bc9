#include "refusal.h"

#include <string.h>

static bool
is_of_record(int status, enum sferror_class class)
{
	return (status == 400 || status == 404 || status == 412) &&
	       (class == SFERROR_FAILED || class == SFERROR_FIELD || class == SFERROR_OBJECT ||
		   class == SFERROR_RACE);
}

static bool
is_expired(const struct http_answer *answer, enum sferror_class class)
{
	/* userinfo answers a bad token with 403 and plain text */
	return class == SFERROR_LOGIN || strstr(answer->body, "Bad_OAuth_Token") ||
	       (answer->status == 401 && class != SFERROR_REFUSED);
}

static enum refusal_kind
kind_of(const struct http_answer *answer, enum sferror_class class, bool of_record)
{
	if (of_record && is_of_record(answer->status, class))
		return REFUSAL_RECORD;
	if (is_expired(answer, class))
		return REFUSAL_EXPIRED;
	if (class == SFERROR_BUSY)
		return REFUSAL_BUSY;
	if (class == SFERROR_AGAIN || class == SFERROR_NARROW)
		return REFUSAL_PASSES;
	return REFUSAL_STOPS;
}

struct refusal
refusal_read(const struct http_answer *answer, bool of_record, struct arena *arena)
{
	struct refusal refusal = {.status = answer->status,
	    .error = sferror_read_text(answer->body, answer->size, arena)};

	refusal.kind = kind_of(answer, refusal.error.class, of_record);
	refusal.text = sferror_text(&refusal.error, arena);
	return refusal;
}

int
refusal_stop(
    const struct refusal *refusal, const char *instance, const char *version, struct err *err)
{
	int status = refusal->status;
	enum sferror_class class = refusal->error.class;

	if (class == SFERROR_LIMIT)
		return err_set(err, ST_LATER, "Salesforce stops us: %s", refusal->text);
	if (status >= 300 && status < 400)
		return err_set(err, ST_CONFIG,
		    "%s redirects elsewhere: use the org's own My Domain host as instance",
		    instance);
	if (status == 410)
		return err_set(err, ST_CONFIG, "%s: %s", instance, refusal->text);
	if (status == 404 && version)
		return err_set(err, ST_CONFIG,
		    "%s has no REST API of version %s, or is no Salesforce (--api-version): %s",
		    instance, version, refusal->text);
	if (status == 401 || status == 403)
		return err_set(err, ST_NOPERM, "Salesforce refused the request: %s", refusal->text);
	return err_set(err, class == SFERROR_REFUSED ? ST_NOPERM : ST_PROTOCOL,
	    "%s answered HTTP status %d: %s", instance, status, refusal->text);
}

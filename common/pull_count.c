#include "pull_count.h"

#include "composite.h"
#include "pull_held.h"
#include "sferror.h"
#include "soql.h"
#include "watermark.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct counted {
	uint64_t stored;
	struct watermark watermark;
	uint64_t numbers[2]; /* in Salesforce: live; changed since the watermark */
	bool answered[2];
	const char *refused; /* why there are none */
};

struct check {
	struct salesforce *sf;
	struct line_stream *lines;
	const struct pull_options *options;
	struct arena *arena;
	struct counted counted[PULL_MAX_OBJECTS];
};

/* As the pull had it: pull_fields_stamp(). */
static const char *
stamp_of(const struct sobject *sobject, const struct watermark *watermark)
{
	const char *missing = watermark->missing;
	const char *at = missing ? strstr(missing, sobject->stamp) : NULL;

	return at && at[strlen(sobject->stamp)] == '"' && at[-1] == '"' ? "CreatedDate"
									: sobject->stamp;
}

/* Question 2i is for the live records of object i, 2i + 1 for what changed. */
static void
put_soql(const struct check *check, size_t question, struct buf *soql)
{
	const struct sobject *s = check->options->objects[question / 2];
	const struct watermark *watermark = &check->counted[question / 2].watermark;
	const char *stamp = stamp_of(s, watermark);

	buf_printf(soql, "SELECT COUNT() FROM %s", s->name);
	if (question % 2 == 0 && s->keeps_deleted)
		buf_puts(soql, " WHERE IsDeleted = false");
	if (question % 2 == 1) {
		buf_printf(soql, " WHERE %s >= ", stamp);
		soql_put_time(soql, watermark->at.ms);
		buf_printf(soql, " AND (%s > ", stamp);
		soql_put_time(soql, watermark->at.ms);
		buf_printf(soql, " OR Id > '%s')", watermark->at.id);
	}
}

static bool
is_asked(const struct check *check, size_t question)
{
	const struct counted *c = &check->counted[question / 2];

	return !c->answered[question % 2] && !c->refused &&
	       (question % 2 == 0 || (c->watermark.known && c->watermark.at.set));
}

static int
take_refusal(struct check *check, struct counted *counted, struct json body, struct err *err)
{
	struct arena *arena = salesforce_arena(check->sf);
	struct sferror error = sferror_read(body, arena);
	const char *text = sferror_text(&error, arena);

	if (error.class == SFERROR_AGAIN || error.class == SFERROR_BUSY) {
		salesforce_failed(check->sf, text, error.class == SFERROR_BUSY);
		return SALESFORCE_AGAIN;
	}
	if (error.class == SFERROR_LIMIT)
		return err_set(err, ST_LATER, "Salesforce stops us: %s", text);
	if (error.class == SFERROR_LOGIN || error.class == SFERROR_REFUSED)
		return err_set(err, ST_NOPERM, "Salesforce refused to count: %s", text);
	counted->refused = arena_printf(check->arena, "%s", text);
	return 0;
}

static int
take_answer(struct check *check, size_t question, size_t part, struct err *err)
{
	struct counted *counted = &check->counted[question / 2];
	struct json body;
	char reference[24];

	snprintf(reference, sizeof reference, "c%zu", part);
	int status = salesforce_part(check->sf, reference, &body);
	struct json total = json_get(body, "totalSize");
	if (status == 0 || (status == 200 && json_kind(total) != JSON_IS_NUMBER))
		return err_set(err, ST_PROTOCOL, "the answer lacks the count of %s",
		    check->options->objects[question / 2]->name);
	if (status != 200)
		return take_refusal(check, counted, body, err);
	counted->numbers[question % 2] = strtoull(total.at, NULL, 10);
	counted->answered[question % 2] = true;
	return 0;
}

/* Up to 5 counts in one call. 1: done, all are answered. */
static int
ask_some(struct check *check, struct err *err)
{
	size_t asked[COMPOSITE_QUERIES], n = 0;
	struct buf body = {0}, soql = {0}, url = {0};
	int again = 0, got = 1;
	char reference[24];

	composite_begin(&body);
	for (size_t i = 0; i < 2 * check->options->n_objects && n < COMPOSITE_QUERIES; i++) {
		if (!is_asked(check, i))
			continue;
		buf_clear(&soql);
		buf_clear(&url);
		put_soql(check, i, &soql);
		composite_put_query(&url, true, &soql);
		snprintf(reference, sizeof reference, "c%zu", n);
		composite_add(check->sf, &body, "GET", reference, url.text, NULL, NULL);
		asked[n++] = i;
	}
	composite_end(&body);
	struct salesforce_request request = {.body = body.text, .size = body.size};
	if (n > 0)
		got = salesforce_send(check->sf, &request, err);
	for (size_t i = 0; got == 0 && i < n; i++) {
		got = take_answer(check, asked[i], i, err);
		again |= got == SALESFORCE_AGAIN;
		got = got < 0 ? -1 : 0;
	}
	if ((n > 0 && got == SALESFORCE_AGAIN) || again)
		got = salesforce_wait(check->sf, err);
	buf_free(&body);
	buf_free(&soql);
	buf_free(&url);
	return got;
}

/* One line; whether the object is as it should be. */
static bool
say_object(const struct check *check, size_t i)
{
	const struct counted *c = &check->counted[i];
	const char *name = check->options->objects[i]->name;
	uint64_t differ =
	    c->numbers[0] > c->stored ? c->numbers[0] - c->stored : c->stored - c->numbers[0];
	bool good = !c->refused && differ <= c->numbers[1];
	struct buf text = {0};

	if (c->refused)
		buf_printf(&text, "%-24s %10" PRIu64 " in the store; not to be counted: %s", name,
		    c->stored, c->refused);
	else
		buf_printf(&text,
		    "%-24s %10" PRIu64 " in the store, %10" PRIu64 " in Salesforce, %" PRIu64
		    " changed there since%s",
		    name, c->stored, c->numbers[0], c->numbers[1], good ? "" : ": DIFFERS");
	line_write(check->lines, text.text, text.size);
	buf_free(&text);
	if (c->refused && c->stored == 0 && !check->options->named)
		return true; /* never pulled, as it is not there */
	if (c->refused)
		diag_notice(
		    "error", "NOT_COUNTED", name, "%s cannot be counted: %s", name, c->refused);
	else if (!good)
		diag_notice("error", "COUNT_DIFFERS", name,
		    "%s: the store has %" PRIu64 " records, Salesforce %" PRIu64 ": %s", name,
		    c->stored, c->numbers[0],
		    !c->watermark.known         ? "it was never pulled"
		    : c->stored > c->numbers[0] ? "sf-pull --audit finds what is gone"
						: "sf-pull --reset reads what is missing");
	return good;
}

int
pull_count(struct salesforce *sf, struct store *store, struct line_stream *lines,
    const struct pull_options *options, struct err *err)
{
	struct check check = {.sf = sf, .lines = lines, .options = options, .arena = arena_open()};
	int got = 0;

	for (size_t i = 0; got == 0 && i < options->n_objects; i++) {
		struct counted *c = &check.counted[i];
		got = pull_live_count(store, options->objects[i], &c->stored, err);
		if (got == 0)
			got = watermark_read(
			    store, options->objects[i]->name, check.arena, &c->watermark, err);
	}
	while (got == 0)
		got = ask_some(&check, err);
	bool good = true;
	for (size_t i = 0; got == 1 && i < options->n_objects; i++)
		good &= say_object(&check, i);
	arena_close(check.arena);
	if (got == 1 && !good)
		return err_set(err, ST_UNAVAILABLE, "%s", ""); /* all is said */
	return got == 1 ? 0 : -1;
}

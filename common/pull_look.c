#include "pull_look.h"

#include "composite.h"
#include "pull_object.h"
#include "pull_out.h"
#include "rfc3339.h"
#include "sferror.h"
#include "soql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* "900 of 1000" */
static void
put_used(struct buf *text, const struct salesforce *sf)
{
	const struct api_calls *calls = salesforce_calls(sf);

	if (calls->limit)
		buf_printf(text, "%" PRIu64 " of %" PRIu64, calls->used, calls->limit);
	else
		buf_puts(text, "not known, as Salesforce does not say (Sforce-Limit-Info)");
}

/* --dry-run */

static void
add_count(struct salesforce *sf, struct buf *body, const struct pull_object *object)
{
	struct buf soql = {0}, url = {0}, walked = {0};

	buf_printf(&soql, "SELECT COUNT() FROM %s", object->sobject->name);
	walk_put_where(&object->walk, pull_fields_stamp(&object->fields), &walked);
	if (object->where)
		buf_printf(&soql, " WHERE (%s)", object->where);
	if (walked.size > 0)
		buf_printf(&soql, " %s %s", object->where ? "AND" : "WHERE", walked.text);
	composite_put_query(&url, true, &soql);
	composite_add(sf, body, "GET", object->sobject->name, url.text, NULL, NULL);
	buf_free(&soql);
	buf_free(&url);
	buf_free(&walked);
}

/* One line for a person; the pages that it takes. */
static uint64_t
say_range(struct salesforce *sf, struct line_stream *lines, const struct pull_object *object)
{
	struct buf text = {0};
	struct json body;
	char from[RFC3339_SIZE];
	int status = salesforce_part(sf, object->sobject->name, &body);
	struct json total = json_get(body, "totalSize");
	uint64_t n = json_kind(total) == JSON_IS_NUMBER ? strtoull(total.at, NULL, 10) : 0;
	uint64_t pages = 0;

	buf_printf(&text, "%-24s ", object->sobject->name);
	if (status != 200) {
		struct sferror error = sferror_read(body, salesforce_arena(sf));
		buf_printf(&text, "left out: %s", sferror_text(&error, salesforce_arena(sf)));
	} else {
		if (n > object->max_rows)
			n = object->max_rows;
		pages = n / PULL_PAGE + 1;
		buf_printf(&text, "from %-20s %10" PRIu64 " records%s",
		    object->walk.from.set ? rfc3339_format(object->walk.from.ms, from)
					  : "the beginning",
		    n, object->narrow ? ", no checkpoint" : "");
	}
	pull_put_text(lines, &text);
	buf_free(&text);
	return pages;
}

int
pull_plan(struct salesforce *sf, struct store *store, struct line_stream *lines,
    const struct pull_options *options, struct err *err)
{
	struct arena *arena = arena_open();
	struct pull_object objects[PULL_MAX_OBJECTS];
	struct buf body = {0}, text = {0};
	uint64_t pages = 0, longest = 0, describes = 0;
	int got = pull_setup(options, store, arena, objects, err);

	for (size_t i = 0; got == 0 && i < options->n_objects; i += COMPOSITE_QUERIES) {
		size_t end = i + COMPOSITE_QUERIES < options->n_objects ? i + COMPOSITE_QUERIES
									: options->n_objects;
		composite_begin(&body);
		for (size_t j = i; j < end; j++)
			add_count(sf, &body, &objects[j]);
		composite_end(&body);
		struct salesforce_request request = {.body = body.text, .size = body.size};
		got = salesforce_ask(sf, &request, err);
		for (size_t j = i; got == 0 && j < end; j++) {
			uint64_t n = say_range(sf, lines, &objects[j]);
			pages += n;
			longest = n > longest ? n : longest;
			describes |= objects[j].state == PULL_DESCRIBE;
		}
	}
	if (got == 0) {
		uint64_t fewest = (pages + COMPOSITE_QUERIES - 1) / COMPOSITE_QUERIES;
		buf_printf(&text,
		    "a pull takes about %" PRIu64 " API calls; this look took %" PRIu64
		    "; used in the org: ",
		    (longest > fewest ? longest : fewest) + describes, salesforce_calls(sf)->made);
		put_used(&text, sf);
		pull_put_text(lines, &text);
	}
	buf_free(&text);
	buf_free(&body);
	arena_close(arena);
	return got;
}

/* --soql */

struct soql_rows {
	struct line_stream *lines;
	struct arena *arena;
	const char *org; /* NULL: its line is written */
	uint64_t left, bad;
	uint64_t page; /* rows of this page dealt with, and of this try of it */
	uint64_t tried;
	bool any;       /* a row came */
	unsigned tries; /* since the last page */
};

static int
take_soql_row(void *arg, const char *text, size_t size, struct err *err)
{
	struct soql_rows *rows = arg;
	struct json record;
	struct err why = {0};

	(void)err;
	if (++rows->tried <= rows->page)
		return 0; /* of an answer that was cut short, and is here again */
	rows->page = rows->tried;
	rows->any = true;
	if (rows->left == 0)
		return 0;
	if (rows->org)
		pull_put_org(rows->lines, rows->org);
	rows->org = NULL;
	arena_reset(rows->arena);
	if (json_check(text, size, rows->arena, &record, &why) != 0) {
		rows->bad++;
		pull_put_reject(rows->lines, why.text, text, size);
		return 0;
	}
	rows->left--;
	line_write(rows->lines, text, size);
	return 0;
}

/* The page was refused. 1: ask again, from the beginning if url says so. */
static int
take_refusal(struct salesforce *sf, struct soql_rows *rows, struct json body, struct buf *url,
    const struct buf *first, struct err *err)
{
	struct arena *arena = salesforce_arena(sf);
	struct sferror error = sferror_read(body, arena);
	const char *text = sferror_text(&error, arena);
	bool passes = error.class == SFERROR_AGAIN || error.class == SFERROR_BUSY ||
		      error.class == SFERROR_NARROW || error.class == SFERROR_LOCATOR;
	enum status why = error.class == SFERROR_LIMIT ? ST_LATER
			  : error.class == SFERROR_REFUSED || error.class == SFERROR_LOGIN
			      ? ST_NOPERM
			  : passes ? ST_UNAVAILABLE
				   : ST_CONFIG;

	if (error.class == SFERROR_LOCATOR && rows->any)
		return err_set(err, why,
		    "--soql: Salesforce has dropped the query in the middle of its rows: run "
		    "again: %s",
		    text);
	if (!passes || ++rows->tries == PULL_TRIES)
		return err_set(err, why, "--soql: %s", text);
	if (error.class == SFERROR_LOCATOR) {
		buf_clear(url);
		buf_put(url, first->text, first->size);
	}
	salesforce_failed(sf, text, error.class == SFERROR_BUSY);
	return salesforce_wait(sf, err) == 0 ? 1 : -1;
}

/* Salesforce gives the number of SELECT COUNT() apart, and no row. */
static void
say_count(const struct pull_options *options, const struct soql_rows *rows, struct json total)
{
	const char *at = options->soql;

	while (*at && strncasecmp(at, "COUNT()", 7) != 0)
		at++;
	if (!*at || rows->any || json_kind(total) != JSON_IS_NUMBER)
		return;
	if (diag_json())
		diag_notice("ok", "COUNT", NULL, "%.*s", (int)total.size, total.at);
	else /* without -v too: it is what was asked for */
		diag_say("--soql: the count is %.*s", (int)total.size, total.at);
}

/* The page that came whole: 1 if url now names the next. */
static int
next_page(struct salesforce *sf, struct soql_rows *rows, struct json body, struct buf *url,
    struct err *err)
{
	size_t size;
	const char *next =
	    json_decode(json_get(body, "nextRecordsUrl"), salesforce_arena(sf), &size);

	rows->page = 0;
	rows->tries = 0;
	if (!next)
		return 0;
	if (strncmp(next, "/services/data/", 15) != 0)
		return err_set(err, ST_PROTOCOL, "--soql: the next page is at no place we know");
	buf_clear(url);
	buf_put(url, next, size);
	return 1;
}

/* One request. 1: there is more to ask for. */
static int
ask_page(struct salesforce *sf, struct soql_rows *rows, const struct pull_options *options,
    struct buf *url, const struct buf *first, struct err *err)
{
	struct buf text = {0};
	struct json body;
	int got;

	composite_begin(&text);
	composite_add(sf, &text, "GET", "soql", url->text, NULL, NULL);
	composite_end(&text);
	struct salesforce_request request = {
	    .body = text.text, .size = text.size, .record = take_soql_row, .arg = rows};
	do {
		rows->tried = 0;
		got = salesforce_send(sf, &request, err);
	} while (got == SALESFORCE_AGAIN && salesforce_wait(sf, err) == 0);
	buf_free(&text);
	if (got != 0)
		return -1;
	if (salesforce_part(sf, "soql", &body) != 200)
		return take_refusal(sf, rows, body, url, first, err);
	say_count(options, rows, json_get(body, "totalSize"));
	return next_page(sf, rows, body, url, err);
}

int
pull_soql(struct salesforce *sf, struct line_stream *lines, const struct pull_options *options,
    struct err *err)
{
	struct soql_rows rows = {
	    .lines = lines, .arena = arena_open(), .org = options->org, .left = options->max_rows};
	struct buf soql = {0}, url = {0}, first = {0};
	int got;

	buf_puts(&soql, options->soql);
	composite_put_query(&first, true, &soql);
	buf_put(&url, first.text, first.size);
	do {
		got = ask_page(sf, &rows, options, &url, &first, err);
		if (got == 1 && rows.left == 0)
			got = err_set(err, ST_LATER,
			    "--soql: stopped after %" PRIu64 " records (--max-records)",
			    options->max_rows);
		if (got >= 0 && line_flush(lines) != 0)
			got = -1;
	} while (got == 1);
	if (got == 0 && rows.org)
		pull_put_org(lines, rows.org);
	if (got == 0 && rows.bad > 0)
		got = err_set(err, ST_REJECTED, "%s", ""); /* all is said */
	buf_free(&soql);
	buf_free(&url);
	buf_free(&first);
	arena_close(rows.arena);
	return got;
}

#include "pull_object.h"

#include "rfc3339.h"
#include "sferror.h"
#include "soql.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_STAMP_MS INT64_C(915148800000) /* 1999: Salesforce begins */
#define MIN_WINDOW_MS 1000

/* Where the stamps begin that are not read; INT64_MIN: with the first. */
static int64_t
begins_ms(const struct pull_object *object)
{
	const struct walk *walk = &object->walk;
	int64_t ms = walk->last.set ? walk->last.ms : walk->from.set ? walk->from.ms : INT64_MIN;

	return object->read_to_set && object->read_to_ms > ms ? object->read_to_ms : ms;
}

/* The same for a window: none of Salesforce's stamps is older than Salesforce, but for imports. */
static int64_t
window_begins_ms(const struct pull_object *object)
{
	int64_t ms = begins_ms(object);

	return ms > FIRST_STAMP_MS ? ms : FIRST_STAMP_MS;
}

/* "stamp >= T AND ... AND stamp < U" */
static void
put_range(struct pull_object *object, struct buf *soql)
{
	const char *stamp = pull_fields_stamp(&object->fields);
	const struct position *at = object->walk.last.set ? &object->walk.last : &object->walk.from;

	if (object->read_to_set && (!at->set || object->read_to_ms > at->ms)) {
		buf_printf(soql, "%s >= ", stamp);
		soql_put_time(soql, object->read_to_ms);
	} else {
		walk_put_where(&object->walk, stamp, soql);
	}
	object->until_ms = 0;
	if (object->window_ms == 0)
		return;
	int64_t until_ms = window_begins_ms(object) + object->window_ms;
	if (until_ms > object->clock_ms)
		return;
	object->until_ms = until_ms;
	buf_printf(soql, "%s%s < ", soql->size > 0 ? " AND " : "", stamp);
	soql_put_time(soql, until_ms);
}

void
pull_object_put_query(struct pull_object *object, struct buf *soql)
{
	struct buf range = {0};
	unsigned page = object->page ? object->page : PULL_PAGE;

	pull_fields_put_select(&object->fields, soql);
	put_range(object, &range);
	if (object->where)
		buf_printf(soql, " WHERE (%s)", object->where);
	if (range.size > 0)
		buf_printf(soql, " %s %s", object->where ? "AND" : "WHERE", range.text);
	buf_printf(soql, " ORDER BY %s, Id", pull_fields_stamp(&object->fields));
	/* Without a LIMIT totalSize tells what is left; with one the server sorts less. */
	object->limited = object->max_rows - object->new_rows > page || page < PULL_PAGE;
	if (object->limited)
		buf_printf(soql, " LIMIT %u", page);
	object->page_from = object->walk.last;
	object->page_rows = 0;
	object->stopped = false;
	buf_free(&range);
}

/* Asks for half as much: of the time, then of the rows, and so on. False: that was tried enough. */
static bool
narrow(struct pull_object *object)
{
	int64_t window_ms =
	    object->window_ms ? object->window_ms : object->clock_ms - window_begins_ms(object);
	bool divides = window_ms / 2 >= MIN_WINDOW_MS;

	if (++object->narrowings > PULL_NARROWINGS)
		return false;
	if (divides && object->narrowings % 2 == 1)
		object->window_ms = window_ms / 2 / 1000 * 1000;
	else
		object->page = (object->page ? object->page : PULL_PAGE) / 2;
	diag_detail(
	    "%s: the query takes too long: it is asked for less at once", object->sobject->name);
	return true;
}

int
pull_object_row(struct pull_object *object, int64_t ms, const char *id, struct err *err)
{
	const struct position *last = &object->walk.last;
	bool is_new = walk_is_new(&object->walk, ms, id);

	if (last->set && ms < last->ms)
		return err_set(
		    err, ST_PROTOCOL, "%s: rows come out of order: %s", object->sobject->name, id);
	if (object->stopped || (is_new && object->new_rows == object->max_rows)) {
		object->stopped = true;
		return 0;
	}
	walk_take(&object->walk, ms, id);
	object->rows++;
	object->page_rows++;
	object->new_rows += is_new;
	return 1;
}

static uint64_t
number(struct json value)
{
	return json_kind(value) == JSON_IS_NUMBER ? strtoull(value.at, NULL, 10) : 0;
}

int
pull_object_page(struct pull_object *object, struct json body, struct err *err)
{
	uint64_t total = number(json_get(body, "totalSize"));
	struct json done = json_get(body, "done");
	const struct position *last = &object->walk.last;
	bool moved =
	    object->page_rows > 0 && (!object->page_from.set || last->ms != object->page_from.ms ||
					 strcmp(last->id, object->page_from.id) != 0);

	if (json_kind(done) != JSON_IS_TRUE && json_kind(done) != JSON_IS_FALSE)
		return err_set(err, ST_PROTOCOL, "%s: the answer is no page of a query",
		    object->sobject->name);
	unsigned page = object->page ? object->page : PULL_PAGE;
	/* a record that was left out is one of the page's too */
	bool full = object->limited && (object->page_rows >= page || total >= page);
	bool more = json_kind(done) == JSON_IS_FALSE || full || object->stopped;
	bool later = object->until_ms != 0; /* other windows follow */
	object->narrowings = 0;
	if (object->stopped || ((more || later) && object->new_rows == object->max_rows)) {
		object->left = total > object->page_rows ? total - object->page_rows : 0;
		object->left_unknown = later || object->limited;
		if (object->left_unknown)
			object->left = 1;
		more = object->left > 0;
		object->state = PULL_DONE;
	} else if (more && !moved) {
		return err_set(err, ST_PROTOCOL,
		    "%s: there is said to be more, but nothing more comes", object->sobject->name);
	}
	if (!more && later) {
		object->read_to_ms = object->until_ms;
		object->read_to_set = true;
		if (object->page_rows < page / 2)
			object->window_ms *= 2;
	} else if (!more) {
		object->state = PULL_DONE;
		object->left = 0;
	}
	return !object->narrow;
}

int
pull_object_described(
    struct pull_object *object, int status, struct json body, int64_t now_ms, struct err *err)
{
	struct arena *arena = arena_open();
	struct describe *describe = status == 200 ? describe_open(body) : NULL;
	struct err own = {0};
	int got = 0;

	object->described = true;
	if (!describe) {
		got = pull_object_error(object, body, now_ms, arena, err);
	} else if (pull_fields_check(&object->fields, describe, now_ms, &own) != 0) {
		diag_notice("error", "INVALID_FIELD", object->sobject->name, "%s", own.text);
		object->status = own.status;
		object->state = PULL_DONE;
	} else {
		object->state = PULL_QUERY;
		object->grew = !object->narrow && object->watermark.known &&
			       pull_fields_grew(&object->fields, &object->watermark, arena);
		if (object->grew) {
			diag_detail("%s: fields were added: it is pulled from the start",
			    object->sobject->name);
			object->walk = (struct walk){0};
			object->reset = true;
		}
	}
	describe_close(describe);
	arena_close(arena);
	return got;
}

/* The object is left out; the rest goes on. */
static int
leave_out(struct pull_object *object, const struct sferror *error, struct arena *arena)
{
	bool lost;

	object->absent = error->class == SFERROR_OBJECT;
	lost = object->absent && object->watermark.known;
	diag_notice("error", *error->code ? error->code : NULL, object->sobject->name,
	    "%s is left out: %s%s", object->sobject->name, sferror_text(error, arena),
	    lost ? "; it was pulled before: give the user Read and View All on it again, or name "
		   "the objects to pull without it"
		 : "");
	if (!object->absent || object->named || lost)
		object->status = ST_CONFIG;
	object->state = PULL_DONE;
	return 0;
}

int
pull_object_error(struct pull_object *object, struct json body, int64_t now_ms, struct arena *arena,
    struct err *err)
{
	struct sferror error = sferror_read(body, arena);
	const char *text = sferror_text(&error, arena);

	switch (error.class) {
	case SFERROR_AGAIN:
	case SFERROR_BUSY:
	case SFERROR_LOCATOR:
		return 1;
	case SFERROR_NARROW:
		if (object->state == PULL_DESCRIBE)
			return 1;
		if (narrow(object))
			return 0;
		diag_say("%s: given up after %d tries with less and less: %s",
		    object->sobject->name, PULL_NARROWINGS, text);
		object->status = ST_UNAVAILABLE;
		object->state = PULL_DONE;
		return 0;
	case SFERROR_LIMIT:
		return err_set(err, ST_LATER, "Salesforce stops us: %s", text);
	case SFERROR_LOGIN:
	case SFERROR_REFUSED:
		return err_set(
		    err, ST_NOPERM, "Salesforce refused %s: %s", object->sobject->name, text);
	case SFERROR_FIELD:
		if (!object->described) {
			object->state = PULL_DESCRIBE;
			return 0;
		}
		if (pull_fields_drop(&object->fields, error.message, now_ms))
			return 0;
		return leave_out(object, &error, arena);
	default:
		return leave_out(object, &error, arena);
	}
}

void
pull_object_put_checkpoint(struct pull_object *object, int64_t clock_ms, struct buf *json)
{
	char stamp[RFC3339_SIZE], read[RFC3339_SIZE];
	int64_t read_ms;
	struct position mark = walk_mark(
	    &object->walk, object->state == PULL_DONE && object->left == 0, clock_ms, &read_ms);

	buf_printf(json, "{\"kind\":\"checkpoint\",\"object\":\"%s\"", object->sobject->name);
	if (mark.set)
		buf_printf(json, ",\"modstamp\":\"%s\",\"id\":\"%s\"",
		    rfc3339_format_ms(mark.ms, stamp), mark.id);
	else
		buf_puts(json, ",\"modstamp\":null,\"id\":null");
	json_put_member(json, "read", rfc3339_format(read_ms, read));
	pull_fields_put_json(&object->fields, json);
	if (object->reset)
		buf_puts(json, ",\"reset\":true");
	buf_putc(json, '}');
	object->reset = false;
}

void
pull_object_say_left(const struct pull_object *object)
{
	char left[24] = "more";

	if (!object->left_unknown)
		snprintf(left, sizeof left, "%" PRIu64, object->left);
	diag_say("%s: stopped after %" PRIu64
		 " new records (--max-records), %s are left: run again",
	    object->sobject->name, object->new_rows, left);
}

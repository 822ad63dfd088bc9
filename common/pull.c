#include "pull.h"

#include "composite.h"
#include "json.h"
#include "pull_garbled.h"
#include "pull_object.h"
#include "pull_out.h"
#include "rfc3339.h"
#include "sferror.h"
#include "soql.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

struct pull {
	struct salesforce *sf;
	struct line_stream *lines;
	const struct pull_options *options;
	struct arena *arena; /* for the run */
	struct arena *row;
	struct pull_object objects[PULL_MAX_OBJECTS];
	struct buf soql, url, body, checkpoint;
	const char *edition;
	uint64_t person_accounts, rejected;
	struct pull_garbled garbled;
	bool spoilt; /* this answer is of no use behind a garbled row */
	bool opened; /* the org line is written */
};

/* The org line comes before all, but not before the org has answered: it binds an empty store. */
static void
open_output(struct pull *pull)
{
	if (!pull->opened)
		pull_put_org(pull->lines, pull->options->org);
	pull->opened = true;
}

static struct pull_object *
find_asked(struct pull *pull, const char *type)
{
	for (size_t i = 0; i < pull->options->n_objects; i++)
		if (pull->objects[i].asked && strcasecmp(pull->objects[i].sobject->name, type) == 0)
			return &pull->objects[i];
	return NULL;
}

static int
take_garbled(struct pull *pull, const char *why, const char *text, size_t size)
{
	switch (pull_garbled_take(&pull->garbled, text, size)) {
	case PULL_GARBLED_ASK:
		pull->spoilt = true;
		break;
	case PULL_GARBLED_REJECT: /* its page goes on */
		pull->rejected++;
		open_output(pull);
		pull_put_reject(pull->lines, why, text, size);
		break;
	default:
		break;
	}
	return 0;
}

static int
take_edition(struct pull *pull, struct json record)
{
	const char *type = json_decode(json_get(record, "OrganizationType"), pull->row, NULL);

	if (type)
		pull->edition = arena_dup(pull->arena, type, strlen(type));
	return 0;
}

/* Its place in the order of the query; -1: it has none. */
static int
row_position(struct pull *pull, const struct pull_object *object, struct json record, int64_t *ms,
    char id[SFID_SIZE])
{
	size_t size;
	const char *text = json_decode(json_get(record, "Id"), pull->row, &size);

	if (!text || sfid_widen(text, size, id) != 0)
		return -1;
	text = json_decode(json_get(record, pull_fields_stamp(&object->fields)), pull->row, &size);
	return text ? rfc3339_parse(text, size, ms) : -1;
}

static int
take_row(void *arg, const char *text, size_t size, struct err *err)
{
	struct pull *pull = arg;
	struct err why = {0};
	struct json record;
	int64_t ms;
	char id[SFID_SIZE];

	if (pull->spoilt)
		return 0;
	arena_reset(pull->row);
	if (json_check(text, size, pull->row, &record, &why) != 0)
		return take_garbled(pull, why.text, text, size);
	const char *type =
	    json_decode(json_get(json_get(record, "attributes"), "type"), pull->row, NULL);
	struct pull_object *object = type ? find_asked(pull, type) : NULL;
	if (!object && type && strcmp(type, "Organization") == 0)
		return take_edition(pull, record);
	if (!object)
		return err_set(err, ST_PROTOCOL, "a record came of an object not asked for");
	if (row_position(pull, object, record, &ms, id) != 0)
		return err_set(err, ST_PROTOCOL, "%s: a record came without Id or %s",
		    object->sobject->name, pull_fields_stamp(&object->fields));
	int take = pull_object_row(object, ms, id, err);
	if (take != 1)
		return take;
	open_output(pull);
	if (json_kind(json_get(record, "IsPersonAccount")) == JSON_IS_TRUE)
		pull->person_accounts++;
	line_write(pull->lines, text, size);
	return 0;
}

static void
add_query(struct pull *pull, struct pull_object *object)
{
	buf_clear(&pull->soql);
	buf_clear(&pull->url);
	pull_object_put_query(object, &pull->soql);
	composite_put_query(&pull->url, true, &pull->soql);
	composite_add(
	    pull->sf, &pull->body, "GET", object->sobject->name, pull->url.text, NULL, NULL);
	diag_detail("%s", pull->soql.text);
}

static void
add_describe(struct pull *pull, struct pull_object *object)
{
	buf_clear(&pull->url);
	buf_printf(&pull->url, "sobjects/%s/describe", object->sobject->name);
	composite_add(
	    pull->sf, &pull->body, "GET", object->sobject->name, pull->url.text, NULL, NULL);
}

/* Which sentence says that a field is missing depends on the edition. */
static void
add_edition(struct pull *pull)
{
	static const char soql[] = "SELECT OrganizationType FROM Organization";

	buf_clear(&pull->url);
	buf_puts(&pull->url, "query?q=");
	soql_put_encoded(&pull->url, soql, sizeof soql - 1);
	composite_add(pull->sf, &pull->body, "GET", "edition", pull->url.text, NULL, NULL);
}

/* The next composite; false if nothing is left to ask. */
static bool
build_round(struct pull *pull)
{
	unsigned queries = 0, all = 0;
	bool describes = false;

	pull->spoilt = false;
	composite_begin(&pull->body);
	for (size_t i = 0; i < pull->options->n_objects; i++) {
		struct pull_object *object = &pull->objects[i];
		object->asked = false;
		if (object->state == PULL_DONE || all == COMPOSITE_PARTS)
			continue;
		if (object->state == PULL_QUERY && queries == COMPOSITE_QUERIES)
			continue;
		object->asked = true;
		all++;
		if (object->state == PULL_QUERY) {
			queries++;
			add_query(pull, object);
		} else {
			describes = true;
			add_describe(pull, object);
		}
	}
	if (describes && !pull->edition && queries < COMPOSITE_QUERIES && all < COMPOSITE_PARTS)
		add_edition(pull);
	composite_end(&pull->body);
	return all > 0;
}

static void
write_checkpoint(struct pull *pull, struct pull_object *object)
{
	buf_clear(&pull->checkpoint);
	object->fields.edition = pull->edition ? pull->edition : object->fields.edition;
	pull_object_put_checkpoint(object, salesforce_clock(pull->sf), &pull->checkpoint);
	line_write(pull->lines, pull->checkpoint.text, pull->checkpoint.size);
}

/* The object is asked for again in a while, but not for ever: each time is an API call. */
static int
put_off(struct pull *pull, struct pull_object *object, struct json body)
{
	struct arena *arena = salesforce_arena(pull->sf);
	struct sferror error = sferror_read(body, arena);
	const char *text = sferror_text(&error, arena);

	if (++object->tries < PULL_TRIES) {
		salesforce_failed(pull->sf, text, error.class == SFERROR_BUSY);
		return SALESFORCE_AGAIN;
	}
	diag_say("%s: given up after %d tries: %s", object->sobject->name, PULL_TRIES, text);
	object->status = ST_UNAVAILABLE;
	object->state = PULL_DONE;
	return 0;
}

static void
show_progress(const struct pull *pull, const struct pull_object *object)
{
	uint64_t rows = 0;

	for (size_t i = 0; i < pull->options->n_objects; i++)
		rows += pull->objects[i].rows;
	diag_progress("%s: %" PRIu64 " records, %" PRIu64 " of all objects, %" PRIu64 " API calls",
	    object->sobject->name, object->rows, rows, salesforce_calls(pull->sf)->made);
}

static int
take_page(struct pull *pull, struct pull_object *object, struct json body, struct err *err)
{
	int checkpoint = pull_object_page(object, body, err);

	object->tries = 0;
	if (checkpoint == 1)
		write_checkpoint(pull, object);
	show_progress(pull, object);
	return checkpoint < 0 ? -1 : 0;
}

/* A map's object as the org describes it, for the store. */
static void
write_describe(struct pull *pull, const struct pull_object *object, struct json body)
{
	const struct fieldmap *map = pull->options->map;
	struct describe *describe =
	    map && fieldmap_object(map, object->sobject->name) ? describe_open(body) : NULL;
	struct buf text = {0};
	char at[RFC3339_SIZE];

	if (describe) {
		describe_put(describe, rfc3339_format(pull->options->now_ms, at), &text);
		line_write(pull->lines, text.text, text.size);
	}
	buf_free(&text);
	describe_close(describe);
}

/* One object's part of the answer. 1: to be asked again in a while. */
static int
take_part(struct pull *pull, struct pull_object *object, struct err *err)
{
	struct json body;
	int status = salesforce_part(pull->sf, object->sobject->name, &body), got;

	object->clock_ms = salesforce_clock(pull->sf);
	if (status == 0)
		return err_set(err, ST_PROTOCOL, "%s: the answer to the composite lacks it",
		    object->sobject->name);
	if (object->state == PULL_DESCRIBE && status == 200)
		write_describe(pull, object, body);
	if (object->state == PULL_DESCRIBE)
		got = pull_object_described(object, status, body, pull->options->now_ms, err);
	else if (status != 200)
		got = pull_object_error(
		    object, body, pull->options->now_ms, salesforce_arena(pull->sf), err);
	else
		return take_page(pull, object, body, err);
	return got == 1 ? put_off(pull, object, body) : got;
}

static int
take_round(struct pull *pull, struct err *err)
{
	int again = 0;

	if (salesforce_clock(pull->sf) == 0)
		return err_set(err, ST_PROTOCOL, "the server does not tell the time (header Date)");
	open_output(pull);
	if (pull->spoilt) {
		salesforce_failed(pull->sf, "a record was no JSON", false);
		return line_flush(pull->lines) == 0 ? SALESFORCE_AGAIN : -1;
	}
	for (size_t i = 0; i < pull->options->n_objects; i++) {
		if (!pull->objects[i].asked)
			continue;
		int got = take_part(pull, &pull->objects[i], err);
		if (got < 0)
			return -1;
		again |= got;
	}
	/* what goes wrong with the output is the stream's to say */
	return line_flush(pull->lines) == 0 ? again : -1;
}

static int
run_rounds(struct pull *pull, struct err *err)
{
	struct salesforce_request request = {.record = take_row, .arg = pull};

	while (build_round(pull)) {
		request.body = pull->body.text;
		request.size = pull->body.size;
		int got = salesforce_send(pull->sf, &request, err);
		if (got == 0)
			got = take_round(pull, err);
		if (got < 0 || (got == SALESFORCE_AGAIN && salesforce_wait(pull->sf, err) != 0))
			return -1;
	}
	return 0;
}

/* What is to be said of each object at the end; the worst of their statuses. */
static enum status
sum_up(struct pull *pull)
{
	const struct api_calls *calls = salesforce_calls(pull->sf);
	enum status status = pull->rejected > 0 ? ST_REJECTED : ST_OK;
	size_t absent = 0;

	for (size_t i = 0; i < pull->options->n_objects; i++) {
		struct pull_object *object = &pull->objects[i];
		object->fields.edition = pull->edition ? pull->edition : object->fields.edition;
		if (object->state == PULL_DONE && object->status == ST_OK)
			pull_fields_notice(&object->fields);
		if (object->left > 0) {
			pull_object_say_left(object);
			status = status_worse(status, ST_LATER);
		}
		status = status_worse(status, object->status);
		absent += object->absent;
		diag_detail("%s: %" PRIu64 " records, %" PRIu64 " of them new",
		    object->sobject->name, object->rows, object->new_rows);
	}
	if (absent > 0 && absent == pull->options->n_objects) {
		diag_say("not one object can be read: give the user Read and View All on them, "
			 "or other credentials (--whoami says what is visible)");
		status = status_worse(status, ST_CONFIG);
	}
	if (pull->person_accounts > 0)
		diag_notice("ok", "PERSON_ACCOUNT", NULL,
		    "%" PRIu64 " records are person accounts: matched as people, left out of "
		    "two-way sync",
		    pull->person_accounts);
	diag_detail("%" PRIu64 " API calls made; the org has used %" PRIu64 " of %" PRIu64,
	    calls->made, calls->used, calls->limit);
	return status;
}

int
pull_run(struct salesforce *sf, struct store *store, struct line_stream *lines,
    const struct pull_options *options, struct err *err)
{
	struct pull pull = {.sf = sf, .lines = lines, .options = options};

	pull.arena = arena_open();
	pull.row = arena_open();
	int got = pull_setup(options, store, pull.arena, pull.objects, err);
	if (got == 0)
		got = run_rounds(&pull, err);
	enum status status = sum_up(&pull);
	if (got == 0 && status != ST_OK)
		got = err_set(err, status, "%s", ""); /* all is said */
	buf_free(&pull.soql);
	buf_free(&pull.url);
	buf_free(&pull.body);
	buf_free(&pull.checkpoint);
	pull_garbled_free(&pull.garbled);
	arena_close(pull.arena);
	arena_close(pull.row);
	return got;
}

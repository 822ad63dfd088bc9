#include "pull_audit.h"

#include "arena.h"
#include "composite.h"
#include "pull_held.h"
#include "pull_out.h"
#include "pull_question.h"
#include "rfc3339.h"
#include "sferror.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NONSENSE_TRIES 3

struct audited {
	struct pull_held held;
	uint64_t compared; /* of the records held */
	size_t open;       /* questions that are not answered */
	bool finished;
	enum status status;
};

/* One query of the composite. */
struct question {
	struct audited *object; /* NULL: free */
	struct pull_question ids;
	unsigned tries;
};

struct audit {
	struct salesforce *sf;
	struct store *store;
	struct line_stream *lines;
	const struct pull_options *options;
	struct arena *row;
	struct audited objects[PULL_MAX_OBJECTS];
	struct question *questions; /* COMPOSITE_QUERIES of them */
	struct buf body;
	bool garbled; /* a record of this answer was no JSON */
	unsigned garbled_answers;
	enum status status;
};

/* The next Ids to ask for; the question stays free if there are none. */
static int
fill(struct audit *audit, struct question *question, struct err *err)
{
	for (size_t i = 0; i < audit->options->n_objects; i++) {
		struct audited *object = &audit->objects[i];
		if (object->held.read_all || object->finished)
			continue;
		int n = pull_question_read(&question->ids, &object->held, audit->store, err);
		if (n < 0)
			return -1;
		if (n == 0)
			continue;
		question->object = object;
		question->tries = 0;
		object->open++;
		return 0;
	}
	return 0;
}

static void
add_question(struct audit *audit, struct question *question, size_t n)
{
	struct buf soql = {0}, url = {0};
	char reference[24];

	pull_question_put(&question->ids, question->object->held.sobject->name, &soql);
	composite_put_query(&url, true, &soql);
	snprintf(reference, sizeof reference, "a%zu", n);
	composite_add(audit->sf, &audit->body, "GET", reference, url.text, NULL, NULL);
	buf_free(&soql);
	buf_free(&url);
}

/* A record that Salesforce has; one in the recycle bin too: a pull tells of that. */
static int
take_seen(struct audit *audit, const char *id, struct err *err)
{
	for (size_t q = 0; q < COMPOSITE_QUERIES; q++) {
		struct question *question = &audit->questions[q];
		if (question->object && pull_question_take(&question->ids, id))
			return 0;
	}
	return err_set(err, ST_PROTOCOL, "a record came that was not asked for, or twice: %s", id);
}

static int
take_row(void *arg, const char *text, size_t size, struct err *err)
{
	struct audit *audit = arg;
	struct err why = {0};
	struct json record;
	size_t n;
	char id[SFID_SIZE];

	arena_reset(audit->row);
	if (json_check(text, size, audit->row, &record, &why) != 0) {
		audit->garbled = true;
		return 0;
	}
	const char *given = json_decode(json_get(record, "Id"), audit->row, &n);
	if (!given || sfid_widen(given, n, id) != 0)
		return err_set(err, ST_PROTOCOL, "a record came without Id");
	return take_seen(audit, id, err);
}

/* Nothing more of the object; what it asks is dropped. */
static void
finish(struct audit *audit, struct audited *object, enum status status)
{
	object->finished = true;
	object->status = status_worse(object->status, status);
	audit->status = status_worse(audit->status, status);
	for (size_t q = 0; q < COMPOSITE_QUERIES; q++)
		if (audit->questions[q].object == object)
			audit->questions[q].object = NULL;
}

/* Younger than the audit: it was not there, or not to be seen, when this began. */
static bool
is_younger(const struct audit *audit, const struct pull_record *held)
{
	int64_t ms;

	return *held->stamp && rfc3339_parse(held->stamp, strlen(held->stamp), &ms) == 0 &&
	       ms > salesforce_clock(audit->sf);
}

/* All that it asked for now was answered, in whole. */
static void
take_answered(struct audit *audit, struct question *question)
{
	struct audited *object = question->object;
	struct pull_question *ids = &question->ids;

	for (size_t i = ids->from; i < ids->until; i++)
		if (!ids->seen[i] && !is_younger(audit, &ids->held[i]))
			pull_held_gone(&object->held, &ids->held[i]);
	question->tries = 0;
	object->compared += ids->until - ids->from;
	diag_progress("%s: %" PRIu64 " of %" PRIu64 " records are compared, %" PRIu64 " API calls",
	    object->held.sobject->name, object->compared, object->held.live,
	    salesforce_calls(audit->sf)->made);
	bool more = pull_question_next(ids);
	if (pull_held_refused(&object->held)) {
		finish(audit, object, ST_CONFIG);
	} else if (!more) {
		question->object = NULL;
		object->open--;
	}
}

/* Asked again in a while, but not for ever: each time is an API call. */
static int
put_off(
    struct audit *audit, struct question *question, enum status status, const char *why, bool busy)
{
	unsigned tries = status == ST_PROTOCOL ? NONSENSE_TRIES : PULL_TRIES;

	if (++question->tries < tries) {
		salesforce_failed(audit->sf, why, busy);
		return SALESFORCE_AGAIN;
	}
	diag_say(
	    "%s: given up after %u tries: %s", question->object->held.sobject->name, tries, why);
	finish(audit, question->object, status);
	return 0;
}

static int
take_page(struct audit *audit, struct question *question, struct json body)
{
	struct json total = json_get(body, "totalSize"), done = json_get(body, "done");
	bool more = json_kind(done) == JSON_IS_FALSE;

	if (more && question->ids.rows > 0)
		return 0; /* a short page: those that are not seen yet are asked for anew */
	if (json_kind(done) != JSON_IS_TRUE || json_kind(total) != JSON_IS_NUMBER ||
	    strtoull(total.at, NULL, 10) != question->ids.rows)
		return put_off(audit, question, ST_PROTOCOL,
		    "the answer does not hold the records that it counts", false);
	take_answered(audit, question);
	return 0;
}

static int
take_error(struct audit *audit, struct question *question, struct json body, struct err *err)
{
	struct arena *arena = salesforce_arena(audit->sf);
	struct sferror error = sferror_read(body, arena);
	const char *text = sferror_text(&error, arena);
	const char *name = question->object->held.sobject->name;

	switch (error.class) {
	case SFERROR_NARROW:
		pull_question_halve(&question->ids);
		return put_off(audit, question, ST_UNAVAILABLE, text, false);
	case SFERROR_AGAIN:
	case SFERROR_BUSY:
	case SFERROR_LOCATOR:
		return put_off(audit, question, ST_UNAVAILABLE, text, error.class == SFERROR_BUSY);
	case SFERROR_LIMIT:
		return err_set(err, ST_LATER, "Salesforce stops us: %s", text);
	case SFERROR_LOGIN:
	case SFERROR_REFUSED:
		return err_set(err, ST_NOPERM, "Salesforce refused %s: %s", name, text);
	default: /* hidden is not gone */
		diag_notice("error", *error.code ? error.code : NULL, name,
		    "%s cannot be compared, and nothing of it is deleted: %s", name, text);
		finish(audit, question->object, ST_CONFIG);
		return 0;
	}
}

static int
take_round(struct audit *audit, struct err *err)
{
	int again = 0;

	if (salesforce_clock(audit->sf) == 0)
		return err_set(err, ST_PROTOCOL, "the server does not tell the time (header Date)");
	if (audit->garbled && ++audit->garbled_answers == PULL_TRIES)
		return err_set(err, ST_PROTOCOL, "a record was no JSON, %d times", PULL_TRIES);
	if (audit->garbled) {
		salesforce_failed(audit->sf, "a record was no JSON", false);
		return SALESFORCE_AGAIN;
	}
	audit->garbled_answers = 0;
	for (size_t q = 0; q < COMPOSITE_QUERIES; q++) {
		struct question *question = &audit->questions[q];
		struct json body;
		char reference[24];
		if (!question->object)
			continue;
		snprintf(reference, sizeof reference, "a%zu", q);
		int status = salesforce_part(audit->sf, reference, &body);
		if (status == 0)
			return err_set(err, ST_PROTOCOL, "the answer to the composite lacks %s",
			    question->object->held.sobject->name);
		int got = status == 200 ? take_page(audit, question, body)
					: take_error(audit, question, body, err);
		if (got < 0)
			return -1;
		again |= got;
	}
	return again;
}

/* The next composite; 0 if nothing is left to ask. */
static int
build_round(struct audit *audit, struct err *err)
{
	int any = 0;

	composite_begin(&audit->body);
	audit->garbled = false;
	for (size_t q = 0; q < COMPOSITE_QUERIES; q++) {
		struct question *question = &audit->questions[q];
		if (!question->object && fill(audit, question, err) < 0)
			return -1;
		/* what was seen in an answer that was then cut short is there */
		while (question->object && pull_question_all_seen(&question->ids))
			take_answered(audit, question);
		if (!question->object)
			continue;
		add_question(audit, question, q);
		any = 1;
	}
	composite_end(&audit->body);
	return any;
}

/* What is compared to its end is written. */
static int
write_finished(struct audit *audit)
{
	for (size_t i = 0; i < audit->options->n_objects; i++) {
		struct audited *object = &audit->objects[i];
		if (object->finished || !object->held.read_all || object->open > 0)
			continue;
		pull_held_write(&object->held, audit->lines);
		finish(audit, object, ST_OK);
	}
	return line_flush(audit->lines);
}

static int
run_rounds(struct audit *audit, struct err *err)
{
	struct salesforce_request request = {.record = take_row, .arg = audit};
	int got;

	while ((got = build_round(audit, err)) == 1) {
		request.body = audit->body.text;
		request.size = audit->body.size;
		got = salesforce_send(audit->sf, &request, err);
		if (got == 0)
			got = take_round(audit, err);
		if (got < 0 || write_finished(audit) != 0 ||
		    (got == SALESFORCE_AGAIN && salesforce_wait(audit->sf, err) != 0))
			return -1;
	}
	return got < 0 ? -1 : write_finished(audit);
}

int
pull_audit(struct salesforce *sf, struct store *store, struct line_stream *lines,
    const struct pull_options *options, unsigned max_gone, struct err *err)
{
	struct audit audit = {.sf = sf, .store = store, .lines = lines, .options = options};

	audit.row = arena_open();
	audit.questions = xalloc(COMPOSITE_QUERIES * sizeof *audit.questions);
	for (size_t q = 0; q < COMPOSITE_QUERIES; q++)
		audit.questions[q].object = NULL;
	pull_put_org(lines, options->org);
	int got = 0;
	for (size_t i = 0; got == 0 && i < options->n_objects; i++)
		got = pull_held_open(
		    &audit.objects[i].held, store, options->objects[i], max_gone, err);
	if (got == 0)
		got = run_rounds(&audit, err);
	diag_detail("%" PRIu64 " API calls made", salesforce_calls(sf)->made);
	if (got == 0 && audit.status != ST_OK)
		got = err_set(err, audit.status, "%s", ""); /* all is said */
	store_forget(store);
	for (size_t i = 0; i < options->n_objects; i++)
		pull_held_close(&audit.objects[i].held);
	free(audit.questions);
	buf_free(&audit.body);
	arena_close(audit.row);
	return got;
}

int
pull_audit_plan(struct store *store, struct line_stream *lines, const struct pull_options *options,
    struct err *err)
{
	struct buf text = {0};
	uint64_t queries = 0;
	int got = 0;

	for (size_t i = 0; got == 0 && i < options->n_objects; i++) {
		uint64_t n;
		got = pull_live_count(store, options->objects[i], &n, err);
		if (got != 0)
			break;
		queries += (n + PULL_ASKED - 1) / PULL_ASKED;
		buf_printf(&text, "%-24s %10" PRIu64 " records of the store are looked for",
		    options->objects[i]->name, n);
		pull_put_text(lines, &text);
	}
	buf_printf(&text, "an audit takes about %" PRIu64 " API calls; this look took none",
	    (queries + COMPOSITE_QUERIES - 1) / COMPOSITE_QUERIES);
	if (got == 0)
		pull_put_text(lines, &text);
	buf_free(&text);
	return got;
}

#include "push_strict.h"

#include "composite.h"
#include "rfc3339.h"

#include <stdio.h>
#include <string.h>

#define MAX_BODY ((size_t)16 * 1024 * 1024)

/* One call. */
struct call {
	struct salesforce *sf;
	struct push_batch *batch;
	struct push_entry *entries[COMPOSITE_PARTS];
	size_t n, at;
	bool bare; /* one update, in no composite */
	struct buf body;
};

static void
put_url(const struct push_op *op, struct buf *url)
{
	buf_clear(url);
	buf_printf(url, "sobjects/%s/%s", op->object, op->id);
}

static void
add_part(struct call *call, const struct push_op *op, size_t i)
{
	struct buf url = {0}, headers = {0}, fields = {0};
	char reference[24], since[RFC3339_HTTP_SIZE];

	snprintf(reference, sizeof reference, "u%zu", i);
	put_url(op, &url);
	buf_printf(&headers, "{\"Sforce-Auto-Assign\":\"false\",\"If-Unmodified-Since\":\"%s\"}",
	    rfc3339_format_http(op->seen_ms, since));
	buf_put(&fields, op->fields.at, op->fields.size);
	composite_add(call->sf, &call->body, "PATCH", reference, url.text, headers.text, &fields);
	buf_free(&url);
	buf_free(&headers);
	buf_free(&fields);
}

/* The next composite, or one update alone; false if nothing is left. */
static bool
next_call(struct call *call)
{
	size_t bytes = 0;

	call->n = 0;
	call->bare = false;
	composite_begin(&call->body);
	for (; call->at < call->batch->n && call->n < COMPOSITE_PARTS && !call->bare; call->at++) {
		struct push_entry *entry = call->batch->entries[call->at];
		if (!entry->is_op || !entry->taken || entry->done || entry->op.kind != PUSH_UPDATE)
			continue;
		bool bare = push_op_is_bare(&entry->op);
		if (call->n > 0 && (bare || bytes + entry->line.size > MAX_BODY))
			break;
		bytes += entry->line.size;
		call->bare = bare;
		call->entries[call->n] = entry;
		add_part(call, &entry->op, call->n++);
	}
	composite_end(&call->body);
	return call->n > 0;
}

static int
send_bare(struct call *call, int *status, struct err *err)
{
	const struct push_op *op = &call->entries[0]->op;
	char since[RFC3339_HTTP_SIZE], unmodified[64];
	const char *const headers[] = {"Sforce-Auto-Assign: false", unmodified, NULL};
	struct buf url = {0};

	snprintf(unmodified, sizeof unmodified, "If-Unmodified-Since: %s",
	    rfc3339_format_http(op->seen_ms, since));
	put_url(op, &url);
	struct salesforce_request request = {.method = "PATCH",
	    .url = url.text,
	    .body = op->fields.at,
	    .size = op->fields.size,
	    .headers = headers,
	    .once = true, /* the same again would look like a change of others */
	    .status = status};
	int got = salesforce_send(call->sf, &request, err);
	buf_free(&url);
	return got;
}

/* What became of one update. */
static int
take_result(
    struct call *call, struct push_entry *entry, int status, struct json body, struct err *err)
{
	struct arena *arena = salesforce_arena(call->sf);
	struct sferror error = sferror_read(body, arena);

	if (status == 0) {
		entry->repeated = true;
		return err_set(err, ST_PROTOCOL, "the answer to a composite lacks a part");
	}
	if (status >= 200 && status < 300) {
		push_succeed(call->batch, entry, entry->op.id, false);
		return 0;
	}
	if (status == 412) {
		push_put_back(call->batch, entry, "MATCH_PRECONDITION_FAILED",
		    entry->repeated
			? "the record has changed, maybe by this op, whose answer was lost before"
			: "the record was not written");
		return 0;
	}
	if (error.class == SFERROR_LIMIT)
		return err_set(
		    err, ST_LATER, "Salesforce stops us: %s", sferror_text(&error, arena));
	if (error.class == SFERROR_REFUSED || error.class == SFERROR_LOGIN)
		return err_set(
		    err, ST_NOPERM, "Salesforce refused it: %s", sferror_text(&error, arena));
	push_fail(call->batch, entry, body);
	return 0;
}

static int
take_answer(struct call *call, int status, struct err *err)
{
	struct json body;
	char reference[24];
	int got = 0;

	if (call->bare)
		return take_result(call, call->entries[0], status, salesforce_frame(call->sf), err);
	for (size_t i = 0; i < call->n; i++) {
		snprintf(reference, sizeof reference, "u%zu", i);
		status = salesforce_part(call->sf, reference, &body);
		if (take_result(call, call->entries[i], status, body, err) != 0)
			got = -1; /* the others were answered all the same */
	}
	return got;
}

static int
send(struct call *call, int *status, struct err *err)
{
	struct salesforce_request request = {
	    .body = call->body.text, .size = call->body.size, .once = true};
	int got =
	    call->bare ? send_bare(call, status, err) : salesforce_send(call->sf, &request, err);

	if (got != 0) {
		call->batch->again = true;
		for (size_t i = 0; salesforce_maybe_done(call->sf) && i < call->n; i++)
			call->entries[i]->repeated = true;
	}
	return got;
}

int
push_strict(
    struct salesforce *sf, struct push_batch *batch, const volatile int *stop, struct err *err)
{
	struct call call = {.sf = sf, .batch = batch};
	int got = 0, status = 204;

	while (got == 0 && !*stop && next_call(&call)) {
		got = send(&call, &status, err);
		if (got == 0)
			got = take_answer(&call, status, err);
	}
	buf_free(&call.body);
	return got < 0 ? -1 : 0; /* SALESFORCE_AGAIN: taken again, after a wait */
}

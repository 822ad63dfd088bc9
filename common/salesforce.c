#include "salesforce.h"

#include "auth.h"
#include "http.h"
#include "refusal.h"
#include "reply.h"
#include "sferror.h"
#include "sfid.h"

#include <stdlib.h>
#include <string.h>

#define EXPIRED 2
#define BUSY_WAIT_MS 30000U /* too many long requests at once: they take more than 20 s */

struct salesforce {
	struct salesforce_options options;
	struct auth *auth;
	struct http *http;
	struct arena *arena;
	struct reply reply;
	struct json frame;
	struct buf url;
	char org[SFID_SIZE];
	const volatile int *stop;
	bool renewed; /* and not answered well since */
	bool maybe_done;
	bool part_failed; /* of the last answer: salesforce_failed() */
	uint64_t wait_ms; /* at least, before the next try */
	int64_t clock_ms;
	struct api_calls calls;
};

struct salesforce *
salesforce_open(const struct salesforce_options *options, struct err *err)
{
	struct salesforce *sf = xalloc(sizeof *sf);
	struct auth_options auth = {.token_command = options->token_command,
	    .credentials = options->credentials,
	    .source = options->source,
	    .username = options->username};
	struct http_options http = {
	    .budget_ms = options->retry_budget_ms, .stall_s = options->stall_s};

	sf->options = *options;
	sf->arena = arena_open();
	sf->http = http_open(&http, err);
	if (sf->http)
		sf->auth = auth_open(&auth, sf->http, err);
	if (sf->auth && (!auth_wants_org(sf->auth) || salesforce_org(sf, err)))
		return sf;
	salesforce_close(sf);
	return NULL;
}

void
salesforce_close(struct salesforce *sf)
{
	if (!sf)
		return;
	auth_close(sf->auth);
	http_close(sf->http);
	arena_close(sf->arena);
	reply_free(&sf->reply);
	buf_free(&sf->url);
	free(sf);
}

void
salesforce_stop_on(struct salesforce *sf, const volatile int *stop)
{
	sf->stop = stop;
}

const char *
salesforce_instance(const struct salesforce *sf)
{
	return auth_instance(sf->auth);
}

void
salesforce_put_path(const struct salesforce *sf, struct buf *out, const char *url)
{
	if (*url != '/')
		buf_printf(out, "/services/data/v%s/", sf->options.api_version);
	buf_puts(out, url);
}

static int
take_bytes(void *arg, const char *text, size_t size, struct err *err)
{
	struct salesforce *sf = arg;

	return reply_feed(&sf->reply, text, size, err);
}

static int
renew(struct salesforce *sf, struct err *err)
{
	if (sf->renewed)
		return err_set(err, ST_NOPERM,
		    "Salesforce refused the renewed token too: the user may be inactive, or lack "
		    "API "
		    "access");
	diag_detail("the session has expired: getting another token");
	sf->renewed = true;
	if (auth_renew(sf->auth, err) != 0)
		return -1;
	if (sf->org[0] && auth_org(sf->auth) && strcmp(sf->org, auth_org(sf->auth)) != 0)
		return err_set(err, ST_CONFIG, "the renewed token is of another org");
	return 0;
}

/* Salesforce's own words for a status that passes: its support asks for the error id in them. */
static void
explain(struct salesforce *sf, const struct http_answer *answer)
{
	struct sferror error = sferror_read_text(answer->body, answer->size, sf->arena);

	if (*error.code)
		http_explain(sf->http, arena_printf(sf->arena, "HTTP status %d: %s", answer->status,
					   sferror_text(&error, sf->arena)));
}

/* One try of a request; 401 is given back as an answer. */
static int
try_once(struct salesforce *sf, const struct salesforce_request *request,
    struct http_answer *answer, struct err *err)
{
	struct http_request http = {
	    .method = request->method ? request->method : "POST",
	    .token = auth_token(sf->auth),
	    .headers = request->headers,
	    .body = request->body,
	    .size = request->size,
	    .once = request->once,
	    .sink = take_bytes,
	    .arg = sf,
	};

	buf_clear(&sf->url);
	buf_puts(&sf->url, auth_instance(sf->auth));
	salesforce_put_path(sf, &sf->url, request->url ? request->url : "composite");
	http.url = sf->url.text;
	arena_reset(sf->arena);
	reply_reset(&sf->reply);
	sf->reply.record = request->record;
	sf->reply.arg = request->arg;
	sf->frame = (struct json){0};
	int got = http_try(sf->http, &http, answer, err);
	sf->maybe_done = answer->sent && answer->status != 429;
	if (!sf->clock_ms && answer->status >= 200 && answer->status < 300) /* no proxy's */
		sf->clock_ms = answer->clock_ms;
	api_calls_count(&sf->calls, answer);
	if (got == HTTP_AGAIN && answer->status)
		explain(sf, answer);
	return got;
}

static int
no_record(void *arg, const char *text, size_t size, struct err *err)
{
	(void)arg;
	(void)text;
	(void)size;
	return err_set(err, ST_PROTOCOL, "the answer has records where none were asked for");
}

/* A 2xx answer must be whole. EXPIRED: another token is wanted. */
static int
finish(struct salesforce *sf, const struct http_answer *answer, struct err *err)
{
	if (answer->status == 204)
		return 0;
	int got = reply_end(&sf->reply, sf->arena, &sf->frame, err);
	if (got == REPLY_SHORT) {
		http_failed(sf->http, "the answer was cut short");
		return SALESFORCE_AGAIN;
	}
	sf->maybe_done &= got != 0;
	if (got == 0 && reply_is_expired(sf->frame, sf->arena))
		return EXPIRED;
	if (got == 0) {
		sf->renewed = false;
		if (!sf->part_failed) /* else waits go on growing */
			http_succeeded(sf->http);
		sf->part_failed = false;
	}
	return got;
}

/* An answer that is none of 2xx. EXPIRED: another token is wanted. */
static int
take_refusal(struct salesforce *sf, const struct salesforce_request *request,
    const struct http_answer *answer, struct err *err)
{
	struct refusal refusal = refusal_read(answer, request->status != NULL, sf->arena);
	struct err ignored = {0}; /* the status says enough */

	sf->maybe_done = false;
	switch (refusal.kind) {
	case REFUSAL_RECORD:
		if (json_check(answer->body, answer->size, sf->arena, &sf->frame, &ignored) != 0)
			sf->frame = (struct json){0};
		sf->frame = sferror_whole(answer->status, sf->frame, sf->arena);
		return 0;
	case REFUSAL_EXPIRED:
		return EXPIRED;
	case REFUSAL_BUSY:
	case REFUSAL_PASSES:
		if (refusal.kind == REFUSAL_BUSY)
			sf->wait_ms = BUSY_WAIT_MS;
		http_failed(sf->http, refusal.text);
		return SALESFORCE_AGAIN;
	default: /* every version has composites */
		return refusal_stop(&refusal, auth_instance(sf->auth),
		    request->url ? NULL : sf->options.api_version, err);
	}
}

int
salesforce_send(struct salesforce *sf, const struct salesforce_request *given, struct err *err)
{
	struct salesforce_request request = *given;
	struct http_answer answer;

	if (!request.record)
		request.record = no_record;
	sf->wait_ms = 0;
	for (;;) {
		if (api_calls_check(&sf->calls, sf->options.reserve, err) != 0)
			return -1;
		int got = try_once(sf, &request, &answer, err);
		if (got == HTTP_AGAIN)
			return SALESFORCE_AGAIN;
		if (got < 0)
			return -1;
		if (request.status)
			*request.status = answer.status;
		if (answer.status >= 200 && answer.status < 300)
			got = finish(sf, &answer, err);
		else
			got = take_refusal(sf, &request, &answer, err);
		if (got != EXPIRED)
			return got;
		if (renew(sf, err) != 0)
			return -1;
	}
}

void
salesforce_failed(struct salesforce *sf, const char *why, bool busy)
{
	http_failed(sf->http, why);
	sf->part_failed = true;
	if (busy)
		sf->wait_ms = BUSY_WAIT_MS;
}

int
salesforce_wait(struct salesforce *sf, struct err *err)
{
	return http_wait(sf->http, sf->wait_ms, sf->stop, err);
}

bool
salesforce_maybe_done(const struct salesforce *sf)
{
	return sf->maybe_done;
}

struct json
salesforce_frame(const struct salesforce *sf)
{
	return sf->frame;
}

int
salesforce_part(const struct salesforce *sf, const char *reference, struct json *body)
{
	return reply_part(sf->frame, reference, body, sf->arena);
}

int64_t
salesforce_clock(const struct salesforce *sf)
{
	return sf->clock_ms;
}

const struct api_calls *
salesforce_calls(const struct salesforce *sf)
{
	return &sf->calls;
}

struct arena *
salesforce_arena(struct salesforce *sf)
{
	return sf->arena;
}

int
salesforce_ask(struct salesforce *sf, const struct salesforce_request *request, struct err *err)
{
	int got;

	while ((got = salesforce_send(sf, request, err)) == SALESFORCE_AGAIN)
		if (salesforce_wait(sf, err) != 0)
			return -1;
	return got;
}

/* The row of the Organization. */
static int
take_org(void *arg, const char *text, size_t size, struct err *err)
{
	struct salesforce *sf = arg;
	struct json record;
	size_t n;

	if (json_check(text, size, sf->arena, &record, err) != 0)
		return err->status = ST_PROTOCOL, -1;
	const char *id = json_decode(json_get(record, "Id"), sf->arena, &n);
	if (id)
		sfid_widen(id, n, sf->org);
	return 0;
}

/* For tokens that do not begin with their org: userinfo, which does not count as a call, or, where
 * there is none, the org's own record. */
static int
ask_org(struct salesforce *sf, struct err *err)
{
	int status = 0;
	struct salesforce_request userinfo = {
	    .method = "GET", .url = "/services/oauth2/userinfo", .status = &status};
	struct salesforce_request query = {.method = "GET",
	    .url = "query?q=SELECT%20Id%20FROM%20Organization",
	    .record = take_org,
	    .arg = sf};

	if (salesforce_ask(sf, &userinfo, err) != 0)
		return -1;
	sf->calls.made--;
	const char *id = json_decode(json_get(sf->frame, "organization_id"), sf->arena, NULL);
	if (id)
		sfid_widen(id, strlen(id), sf->org);
	else if (status != 200 && salesforce_ask(sf, &query, err) != 0)
		return -1;
	if (!sf->org[0])
		return err_set(err, ST_PROTOCOL,
		    "%s does not say which org it is: userinfo names no organization_id",
		    auth_instance(sf->auth));
	return 0;
}

const char *
salesforce_org(struct salesforce *sf, struct err *err)
{
	if (!sf->org[0] && auth_org(sf->auth))
		memcpy(sf->org, auth_org(sf->auth), sizeof sf->org);
	if (!sf->org[0] && ask_org(sf, err) != 0)
		return NULL;
	return auth_check_org(sf->auth, sf->org, err) == 0 ? sf->org : NULL;
}

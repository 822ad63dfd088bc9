/*
 * salesforce: one org's REST API: composites, single requests, their errors, the calls that are left.
 *
 * A composite is one API call. Its query rows are handed out as they come (reply.h); all the rest
 * is looked at afterwards by reference id.
 *
 * Owner:   the answer to a request lives until the next one.
 * Errors:  -1 and err: ST_NOPERM refused, twice; ST_LATER the day's calls are used up, or the rest is
 *          reserved; ST_PROTOCOL nonsense; ST_UNAVAILABLE the retry budget is spent.
 * Threads: a struct salesforce belongs to one thread.
 */
#ifndef SFPIPE_SALESFORCE_H
#define SFPIPE_SALESFORCE_H

#include "api_calls.h"
#include "arena.h"
#include "buf.h"
#include "diag.h"
#include "json.h"
#include "salesforce_options.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SALESFORCE_AGAIN 1 /* no answer, or half of one: salesforce_wait(), then ask anew */

struct salesforce; /* opaque */

/* Gets a token: a login, if the credentials need one. NULL with err set. */
struct salesforce *salesforce_open(const struct salesforce_options *options, struct err *err);
void salesforce_close(struct salesforce *sf);

/* A flag that, once set, stops waits: from a signal handler. */
void salesforce_stop_on(struct salesforce *sf, const volatile int *stop);

/* The org's Id, 18 characters; it costs no API call. NULL with err set. */
const char *salesforce_org(struct salesforce *sf, struct err *err);
const char *salesforce_instance(const struct salesforce *sf);

/* A url relative to /services/data/vXX.X/, unless it begins with a slash, as the server's path. */
void salesforce_put_path(const struct salesforce *sf, struct buf *out, const char *url);

struct salesforce_request {
	const char *method;
	const char *url; /* as of salesforce_put_path(); NULL: a composite */
	const char *body;
	size_t size;
	const char *const *headers;
	bool once; /* repeating it might do it twice */
	/* Not NULL: of one record. Its HTTP status; 4xx with what is wrong with the record is an
	 * answer too. */
	int *status;
	/* Takes the rows of queries; NULL: there are none. */
	int (*record)(void *arg, const char *text, size_t size, struct err *err);
	void *arg;
};

/* One request: 0, SALESFORCE_AGAIN, or -1. A refused token is renewed once on the way. */
int salesforce_send(
    struct salesforce *sf, const struct salesforce_request *request, struct err *err);

/* The same until it is answered: 0 or -1. */
int salesforce_ask(
    struct salesforce *sf, const struct salesforce_request *request, struct err *err);

/* Waits before asking anew. -1: the budget is spent. */
int salesforce_wait(struct salesforce *sf, struct err *err);

/* A part of the answer was an error that passes: for salesforce_wait(). busy: it takes a while. */
void salesforce_failed(struct salesforce *sf, const char *why, bool busy);

/* After SALESFORCE_AGAIN: the server may have done what was asked. */
bool salesforce_maybe_done(const struct salesforce *sf);

/* The frame of the last answer (reply.h), as a whole; and of a composite the body of the part with
 * that reference: its HTTP status, 0 if there is none such. An error's body is as sferror_whole(). */
struct json salesforce_frame(const struct salesforce *sf);
int salesforce_part(const struct salesforce *sf, const char *reference, struct json *body);

/* The server's clock when the first request left; 0 before the first answer. */
int64_t salesforce_clock(const struct salesforce *sf);

/* Those made, and what the last answer said of the org's. */
const struct api_calls *salesforce_calls(const struct salesforce *sf);

/* Memory that lives until the next request. */
struct arena *salesforce_arena(struct salesforce *sf);

#endif

/*
 * http: one HTTP request and its answer; the waiting between tries, and one budget for them. Wraps
 * libcurl.
 *
 * https with verified certificates; plain http goes to this machine only. Redirects are never
 * followed, so a token stays with the host that it was given for.
 *
 * Owner:   http_open()'s caller; an answer's body is lent until the next request.
 * Units:   times in milliseconds, sizes in bytes.
 * Errors:  -1 and err: ST_CONFIG the URL or certificate will not do, ST_UNAVAILABLE the budget is
 *          spent, or what the sink set. Any HTTP status is an answer, 404 too: look at it.
 * Threads: a struct http belongs to one thread.
 */
#ifndef SFPIPE_HTTP_H
#define SFPIPE_HTTP_H

#include "diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_AGAIN 1 /* no answer, or one that passes: http_wait(), then again */

/* Whether the same request may be answered better in a while. */
static inline bool
http_passes(int status)
{
	return status == 406 || status == 408 || status == 420 || status == 429 || status >= 500;
}

struct http; /* opaque */

struct http_request {
	const char *method;
	const char *url;
	const char *token;          /* for Authorization: Bearer; NULL: none */
	const char *const *headers; /* "Name: value", NULL at the end; or NULL */
	const char *body;           /* NULL: none */
	const char *content_type;   /* of the body; NULL: JSON */
	size_t size;
	bool once; /* not to be repeated by anybody but the caller */
	/* Takes a 2xx body as it comes; -1 with err set stops. NULL: it is kept in the answer. */
	int (*sink)(void *arg, const char *text, size_t size, struct err *err);
	void *arg;
};

struct http_answer {
	int status;        /* 0: none */
	const char *body;  /* NUL behind; empty where a sink took it */
	size_t size;       /* at most 16 MiB are kept */
	int64_t clock_ms;  /* the server's clock when the request left; 0: it has not said */
	uint64_t api_used; /* Sforce-Limit-Info; both 0: it has not said */
	uint64_t api_limit;
	bool sent; /* the server may have seen the request */
};

struct http_options {
	uint64_t budget_ms; /* for failed tries and the waits behind them, together */
	unsigned stall_s;   /* a connection without a byte for so long is dropped */
};

/* NULL and err set if libcurl will not start. */
struct http *http_open(const struct http_options *options, struct err *err);
void http_close(struct http *http);

/* One try: 0 answered, HTTP_AGAIN, or -1. answer->sent is set in any case. */
int http_try(struct http *http, const struct http_request *request, struct http_answer *answer,
    struct err *err);

/* Notes that an answer was no use after all (cut short, or an error that passes), for
 * http_wait() to count and to name. */
void http_failed(struct http *http, const char *why);

/* The same failure, better known. */
void http_explain(struct http *http, const char *why);

/* What went wrong last; for messages. */
const char *http_why(const struct http *http);

/* An answer was good: waits begin short again. */
void http_succeeded(struct http *http);

/* Waits before the next try: longer each time, with jitter, as Retry-After says if it does; at
 * least so long. -1: the budget does not allow it, or *stop was set meanwhile (stop may be NULL). */
int http_wait(struct http *http, uint64_t at_least_ms, const volatile int *stop, struct err *err);

#endif

#include "http.h"

#include "arena.h"
#include "buf.h"
#include "fault.h"
#include "http_header.h"
#include "rfc3339.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_BODY ((size_t)16 * 1024 * 1024)
#define MAX_WAIT_MS 60000U
#define FIRST_WAIT_MS 500U
#define REQUEST_S 900L /* Salesforce ends a request after 10 minutes */

struct http {
	CURL *curl;
	struct http_options options;
	struct buf body;
	uint64_t spent_ms; /* of the budget */
	unsigned failures; /* since the last good answer */
	uint64_t retry_after_ms;
	uint64_t random;
	char why[512]; /* the last failure */
	char detail[CURL_ERROR_SIZE];
};

/* One try, for libcurl's callbacks. */
struct
try {
	struct http *http;
	const struct http_request *request;
	struct http_answer *answer;
	struct err *err;
	struct http_header header;
	uint64_t started_ms;
	uint64_t header_ms; /* when the last of them came */
	uint64_t moved_ms;  /* when the last byte came or went */
	curl_off_t moved;   /* how many have */
	bool stalled;
	bool sink_failed;
};

static uint64_t
monotonic_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

struct http *
http_open(const struct http_options *options, struct err *err)
{
	struct http *http = xalloc(sizeof *http);

	http->options = *options;
	http->random = (monotonic_ms() << 16 ^ (uint64_t)getpid()) | 1;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) == 0)
		http->curl = curl_easy_init();
	if (!http->curl) {
		err_set(err, ST_IO, "libcurl does not start");
		free(http);
		return NULL;
	}
	return http;
}

void
http_close(struct http *http)
{
	if (!http)
		return;
	curl_easy_cleanup(http->curl);
	curl_global_cleanup();
	buf_free(&http->body);
	free(http);
}

static size_t
take_header(char *line, size_t item, size_t n, void *arg)
{
	struct try *try = arg;

	http_header_read(&try->header, line, item * n);
	try->header_ms = monotonic_ms();
	return item * n;
}

/* A date of when to come again is one of the server's own clock, if it tells that. */
static void
take_headers(struct try *try)
{
	const struct http_header *said = &try->header;
	int64_t now = rfc3339_now_ms();

	try->answer->api_used = said->api_used;
	try->answer->api_limit = said->api_limit;
	if (said->date_ms) {
		try->answer->clock_ms = said->date_ms - (int64_t)(try->header_ms - try->started_ms);
		now = said->date_ms + (int64_t)(monotonic_ms() - try->header_ms);
	}
	try->http->retry_after_ms =
	    said->retry_at_ms > now ? (uint64_t)(said->retry_at_ms - now) : said->retry_after_ms;
}

static size_t
take_body(char *text, size_t item, size_t n, void *arg)
{
	struct try *try = arg;
	size_t size = item * n;
	long status = 0;

	curl_easy_getinfo(try->http->curl, CURLINFO_RESPONSE_CODE, &status);
	if (try->request->sink && status >= 200 && status < 300) {
		try->sink_failed = try->request->sink(try->request->arg, text, size, try->err) != 0;
		return try->sink_failed ? 0 : size;
	}
	size_t room = MAX_BODY - try->http->body.size;
	buf_put(&try->http->body, text, size < room ? size : room);
	return size;
}

/* libcurl asks about every second. Its own limit (LOW_SPEED_TIME) takes some 5 s more. */
static int
watch(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up)
{
	struct try *try = arg;
	uint64_t now = monotonic_ms();

	(void)down_total;
	(void)up_total;
	if (down + up != try->moved) {
		try->moved = down + up;
		try->moved_ms = now;
	}
	try->stalled = now - try->moved_ms >= (uint64_t)try->http->options.stall_s * 1000;
	return try->stalled;
}

static struct curl_slist *
make_headers(const struct http_request *request)
{
	struct curl_slist *list = NULL;
	struct buf bearer = {0}, type = {0};

	if (request->token) {
		buf_printf(&bearer, "Authorization: Bearer %s", request->token);
		list = curl_slist_append(list, bearer.text);
		memset(bearer.text, 0, bearer.size);
		buf_free(&bearer);
	}
	list = curl_slist_append(list, "Accept: application/json");
	list = curl_slist_append(list, "Sforce-Call-Options: client=sfpipe");
	list = curl_slist_append(list, "Expect:"); /* no waiting for 100 Continue */
	if (request->body) {
		buf_printf(&type, "Content-Type: %s",
		    request->content_type ? request->content_type
					  : "application/json; charset=UTF-8");
		list = curl_slist_append(list, type.text);
		buf_free(&type);
	}
	for (const char *const *h = request->headers; h && *h; h++)
		list = curl_slist_append(list, *h);
	return list;
}

static void
set_options(struct http *http, struct try *try, struct curl_slist *headers)
{
	const struct http_request *request = try->request;
	CURL *curl = http->curl;

	curl_easy_reset(curl); /* keeps the connections */
	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	if (request->body) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->size);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
	}
	/* On a reused connection that dies, libcurl sends the request again of its own accord. */
	curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, request->once ? 1L : 0L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "sfpipe/" SFPIPE_VERSION);
	curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	if (strncmp(request->url, "http:", 5) == 0)
		curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 256L * 1024);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 30L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, REQUEST_S);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watch);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, try);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->detail);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, try);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, try);
}

/* Whether a byte of the request left: no connection, and whatever comes of it, is no request. */
static bool
was_sent(CURL *curl)
{
	long size = 0;

	curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &size);
	return size > 0;
}

void
http_explain(struct http *http, const char *why)
{
	snprintf(http->why, sizeof http->why, "%s", why);
}

void
http_failed(struct http *http, const char *why)
{
	http_explain(http, why);
	http->failures++;
}

const char *
http_why(const struct http *http)
{
	return http->why;
}

void
http_succeeded(struct http *http)
{
	http->failures = 0;
}

/* What libcurl could not do. */
static int
transport_failed(struct http *http, CURLcode code, bool stalled, struct err *err)
{
	char why[256];
	const char *text = http->detail[0] ? http->detail : curl_easy_strerror(code);

	if (stalled)
		snprintf(
		    why, sizeof why, "nothing came for %u s (--timeout)", http->options.stall_s);
	else
		diag_escape(why, sizeof why, text, strlen(text));
	if (code == CURLE_OUT_OF_MEMORY)
		return err_set(err, ST_IO, "out of memory");
	if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE)
		return err_set(err, ST_CONFIG, "the server's certificate is not accepted: %s", why);
	if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
		return err_set(err, ST_CONFIG, "%s", why);
	http_failed(http, why);
	return HTTP_AGAIN;
}

int
http_try(struct http *http, const struct http_request *request, struct http_answer *answer,
    struct err *err)
{
	struct try try = {.http = http, .request = request, .answer = answer, .err = err};
	struct curl_slist *headers = make_headers(request);
	char why[64];
	long status = 0;

	*answer = (struct http_answer){0};
	buf_clear(&http->body);
	http->detail[0] = '\0';
	set_options(http, &try, headers);
	fault_point();
	try.started_ms = try.moved_ms = monotonic_ms();
	CURLcode code = curl_easy_perform(http->curl);
	fault_point();
	curl_slist_free_all(headers);
	take_headers(&try);
	curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status);
	answer->status = (int)status;
	answer->sent = was_sent(http->curl);
	answer->body = http->body.text ? http->body.text : "";
	answer->size = http->body.size;
	if (try.sink_failed)
		return -1;
	if (code != CURLE_OK || http_passes((int)status))
		http->spent_ms += monotonic_ms() - try.started_ms;
	if (code != CURLE_OK)
		return transport_failed(http, code, try.stalled, err);
	if (!http_passes((int)status))
		return 0;
	snprintf(why, sizeof why, "HTTP status %ld", status);
	http_failed(http, why);
	return HTTP_AGAIN;
}

static uint64_t
next_random(struct http *http)
{
	http->random ^= http->random << 13;
	http->random ^= http->random >> 7;
	http->random ^= http->random << 17;
	return http->random;
}

/* Between half of the doubling time and the whole of it. */
static uint64_t
wait_ms(struct http *http, uint64_t at_least_ms)
{
	unsigned doublings = http->failures > 8 ? 8 : http->failures > 0 ? http->failures - 1 : 0;
	uint64_t most = (uint64_t)FIRST_WAIT_MS << doublings;

	if (most > MAX_WAIT_MS)
		most = MAX_WAIT_MS;
	uint64_t wait = most / 2 + next_random(http) % (most / 2 + 1);
	if (wait < at_least_ms)
		wait = at_least_ms + wait % 1000;
	return wait < http->retry_after_ms ? http->retry_after_ms : wait;
}

int
http_wait(struct http *http, uint64_t at_least_ms, const volatile int *stop, struct err *err)
{
	uint64_t wait = wait_ms(http, at_least_ms), done = 0;

	if (http->spent_ms + wait > http->options.budget_ms)
		return err_set(err, ST_UNAVAILABLE,
		    "the service stayed unavailable, tried %u times (--retry-budget): %s",
		    http->failures, http->why);
	diag_summary("try %u failed: %s; again in %" PRIu64 " ms", http->failures, http->why, wait);
	http->spent_ms += wait;
	while (done < wait && !(stop && *stop)) {
		uint64_t slice = wait - done < 100 ? wait - done : 100;
		struct timespec pause = {
		    .tv_sec = (time_t)(slice / 1000), .tv_nsec = (long)(slice % 1000) * 1000000};
		nanosleep(&pause, NULL);
		done += slice;
	}
	if (stop && *stop)
		return err_set(err, ST_LATER, "interrupted");
	return 0;
}

#include "login.h"

#include "instance.h"
#include "json.h"
#include "jwt.h"
#include "rfc3339.h"
#include "secret.h"
#include "sferror.h"
#include "soql.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SKEW_S 30

/* One login. */
struct attempt {
	struct credentials *credentials;
	struct http *http;
	struct login_session *session;
	struct arena *arena;
	struct buf form;
	char *refresh_token; /* the one of the answer */
	bool lost;           /* an answer: it may have had a refresh token in it */
};

void
login_session_free(struct login_session *session)
{
	secret_free_string(session->token);
	free(session->instance);
	*session = (struct login_session){0};
}

static void
put_field(struct buf *form, const char *name, const char *value)
{
	if (!value)
		return;
	buf_printf(form, "%s%s=", form->size ? "&" : "", name);
	soql_put_encoded(form, value, strlen(value));
}

static int
put_assertion(struct attempt *attempt, struct err *err)
{
	char *const *values = attempt->credentials->values;
	struct buf assertion = {0};
	struct jwt jwt = {.issuer = values[CREDENTIALS_CLIENT_ID],
	    .subject = values[CREDENTIALS_USERNAME],
	    .audience = values[CREDENTIALS_AUDIENCE] ? values[CREDENTIALS_AUDIENCE]
						     : values[CREDENTIALS_LOGIN_URL],
	    .expires_s = rfc3339_now_ms() / 1000 + JWT_SECONDS};
	struct err why = {0};
	int got = jwt_sign(&jwt, values[CREDENTIALS_PRIVATE_KEY], &assertion, &why);

	if (got == 0)
		put_field(&attempt->form, "assertion", assertion.text);
	else
		err_set(err, why.status, "%s: %s", attempt->credentials->path, why.text);
	secret_free(&assertion);
	return got;
}

static int
put_form(struct attempt *attempt, struct err *err)
{
	static const char *const grants[] = {
	    [CREDENTIALS_JWT] = "urn:ietf:params:oauth:grant-type:jwt-bearer",
	    [CREDENTIALS_CLIENT] = "client_credentials",
	    [CREDENTIALS_REFRESH] = "refresh_token"};
	char *const *values = attempt->credentials->values;

	buf_reserve(&attempt->form, (size_t)64 * 1024);
	buf_clear(&attempt->form);
	put_field(&attempt->form, "grant_type", grants[attempt->credentials->flow]);
	if (attempt->credentials->flow == CREDENTIALS_JWT)
		return put_assertion(attempt, err);
	put_field(&attempt->form, "client_id", values[CREDENTIALS_CLIENT_ID]);
	put_field(&attempt->form, "client_secret", values[CREDENTIALS_CLIENT_SECRET]);
	put_field(&attempt->form, "refresh_token", values[CREDENTIALS_REFRESH_TOKEN]);
	return 0;
}

/* Seconds that this machine's clock is ahead; negative: behind. */
static int64_t
skew_s(const struct http_answer *answer)
{
	return answer->clock_ms ? (rfc3339_now_ms() - answer->clock_ms) / 1000 : 0;
}

/* What of the credentials an answer repeats is not shown. */
static bool
repeats_secret(const struct attempt *attempt, const char *text)
{
	static const enum credentials_member secrets[] = {
	    CREDENTIALS_CLIENT_SECRET, CREDENTIALS_REFRESH_TOKEN};

	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
		const char *secret = attempt->credentials->values[secrets[i]];
		if (secret && strstr(text, secret))
			return true;
	}
	return strstr(text, "assertion=") != NULL;
}

static int
refused(const struct attempt *attempt, const struct http_answer *answer, struct err *err)
{
	const struct credentials *credentials = attempt->credentials;
	const char *host = credentials->values[CREDENTIALS_LOGIN_URL];
	struct sferror error = sferror_read_login(answer->body, answer->size, attempt->arena);
	const char *text = sferror_text(&error, attempt->arena), *more = "";
	int64_t skew = skew_s(answer);

	if (repeats_secret(attempt, text))
		text = "the answer repeats a secret, so it is not shown";
	if (answer->status >= 300 && answer->status < 400)
		return err_set(err, ST_CONFIG,
		    "%s: login_url: %s redirects elsewhere: give the host that logs in",
		    credentials->path, host);
	if (!*error.code)
		return err_set(err, ST_PROTOCOL,
		    "%s: the login at %s was answered HTTP status %d: %s", credentials->path, host,
		    answer->status, text);
	if (credentials->flow == CREDENTIALS_JWT && (skew > MAX_SKEW_S || skew < -MAX_SKEW_S))
		more = arena_printf(attempt->arena,
		    "; this machine's clock is %" PRId64 " s %s Salesforce's",
		    skew < 0 ? -skew : skew, skew < 0 ? "behind" : "ahead of");
	else if (attempt->lost && credentials->flow == CREDENTIALS_REFRESH)
		more =
		    "; the answer to a try before was lost, and a new refresh token may have been "
		    "lost with it";
	return err_set(err, error.class == SFERROR_LIMIT ? ST_LATER : ST_NOPERM,
	    "%s: the login at %s (%s) was refused: %s%s", credentials->path, host,
	    credentials_flow_name(credentials->flow), text, more);
}

/* Until there is an answer, LOGIN_TRIES times at most. */
static int
ask(struct attempt *attempt, struct http_answer *answer, struct err *err)
{
	const struct credentials *credentials = attempt->credentials;
	struct buf url = {0};
	int got = HTTP_AGAIN;

	buf_printf(&url, "%s/services/oauth2/token", credentials->values[CREDENTIALS_LOGIN_URL]);
	for (unsigned tries = 1; got == HTTP_AGAIN; tries++) {
		if (put_form(attempt, err) != 0) {
			got = -1;
			break;
		}
		struct http_request request = {.method = "POST",
		    .url = url.text,
		    .content_type = "application/x-www-form-urlencoded",
		    .body = attempt->form.text,
		    .size = attempt->form.size,
		    .once = true};
		got = http_try(attempt->http, &request, answer, err);
		if (got != HTTP_AGAIN)
			break;
		attempt->lost |= answer->sent;
		if (tries == LOGIN_TRIES)
			got = err_set(err, ST_UNAVAILABLE,
			    "%s: the login at %s was not answered, tried %u times: %s",
			    credentials->path, credentials->values[CREDENTIALS_LOGIN_URL], tries,
			    http_why(attempt->http));
		else if (http_wait(attempt->http, 0, NULL, err) != 0)
			got = -1;
	}
	buf_free(&url);
	return got;
}

bool
login_token_ok(const char *token)
{
	if (!*token)
		return false;
	for (; *token; token++)
		if (*token <= ' ' || *token > '~')
			return false;
	return true;
}

static char *
string_of(struct json frame, const char *name, struct arena *arena)
{
	return json_decode(json_get(frame, name), arena, NULL);
}

/* The instance that an answer names: never less safe than the login was. */
static int
take_instance(struct attempt *attempt, const char *instance, struct err *err)
{
	const struct credentials *credentials = attempt->credentials;
	struct err why = {0};
	bool safe = strncmp(credentials->values[CREDENTIALS_LOGIN_URL], "https:", 6) == 0;

	if (!(attempt->session->instance = instance_read(instance, &why)))
		return err_set(err, ST_PROTOCOL, "%s: the login names a bad instance_url: %s",
		    credentials->path, why.text);
	if (safe && strncmp(instance, "https:", 6) != 0)
		return err_set(err, ST_PROTOCOL,
		    "%s: the login names an instance_url without https", credentials->path);
	return 0;
}

static int
take_session(struct attempt *attempt, const struct http_answer *answer, struct err *err)
{
	const char *path = attempt->credentials->path;
	struct login_session *session = attempt->session;
	struct json frame;
	struct err why = {0};

	if (json_check(answer->body, answer->size, attempt->arena, &frame, &why) != 0)
		return err_set(
		    err, ST_PROTOCOL, "%s: the login's answer is no JSON: %s", path, why.text);
	char *token = string_of(frame, "access_token", attempt->arena);
	const char *instance = string_of(frame, "instance_url", attempt->arena);
	const char *id = string_of(frame, "id", attempt->arena);
	attempt->refresh_token = string_of(frame, "refresh_token", attempt->arena);
	if (!token || !login_token_ok(token) || !instance)
		return err_set(err, ST_PROTOCOL,
		    "%s: the login's answer has no access_token and instance_url", path);
	session->token = xstrdup(token);
	memset(token, 0, strlen(token));
	const char *org = id ? strstr(id, "/id/") : NULL;
	if (org && sfid_widen(org + 4, strcspn(org + 4, "/"), session->org) != 0)
		session->org[0] = '\0';
	return take_instance(attempt, instance, err);
}

static int
ask_session(struct attempt *attempt, struct err *err)
{
	struct http_answer answer;

	if (ask(attempt, &answer, err) != 0)
		return -1;
	if (answer.status != 200)
		return refused(attempt, &answer, err);
	http_succeeded(attempt->http);
	return take_session(attempt, &answer, err);
}

/* Keeps the new refresh token, if there is one: the old one died with this answer. */
static int
keep_token(
    struct attempt *attempt, struct secret_lock *lock, const struct buf *text, struct err *err)
{
	struct credentials *credentials = attempt->credentials;
	char **old = &credentials->values[CREDENTIALS_REFRESH_TOKEN];
	struct buf next = {0};

	if (!*old || !attempt->refresh_token || !*attempt->refresh_token ||
	    strcmp(attempt->refresh_token, *old) == 0)
		return 0;
	int got = credentials_put_token(text->text, text->size, attempt->refresh_token, &next, err);
	if (got == 0)
		got = secret_replace(lock, next.text, next.size, err);
	if (got == 0) {
		secret_free_string(*old);
		*old = xstrdup(attempt->refresh_token);
		diag_detail("%s: Salesforce gave another refresh token: it is kept there",
		    credentials->path);
	}
	secret_free(&next);
	return got;
}

/* As the file says now: another process may have been here. */
static int
read_again(struct credentials *credentials, const struct buf *text, struct err *err)
{
	struct credentials now = {0};

	if (credentials_parse(credentials->path, text->text, text->size, &now, err) == 0 &&
	    now.flow != credentials->flow)
		err_set(err, ST_LATER, "%s was changed meanwhile: run again", credentials->path);
	if (err->status) {
		credentials_free(&now);
		return -1;
	}
	credentials_free(credentials);
	*credentials = now;
	return 0;
}

static bool
is_whole(const char *text, size_t size)
{
	struct credentials credentials = {0};
	struct err ignored = {0};
	bool whole = credentials_parse("", text, size, &credentials, &ignored) == 0 &&
		     credentials.flow == CREDENTIALS_REFRESH;

	credentials_free(&credentials);
	return whole;
}

static int
refresh(struct attempt *attempt, struct err *err)
{
	struct secret_lock lock = {0};
	struct buf text = {0};
	int got = secret_lock(&lock, attempt->credentials->path, is_whole, &text, err);

	if (got == 0)
		got = read_again(attempt->credentials, &text, err);
	if (got == 0)
		got = ask_session(attempt, err);
	if (attempt->refresh_token && keep_token(attempt, &lock, &text, err) != 0)
		got = -1;
	secret_unlock(&lock);
	secret_free(&text);
	return got;
}

static int
check_org(const struct attempt *attempt, struct err *err)
{
	const char *wanted = attempt->credentials->org, *org = attempt->session->org;

	if (!*wanted || !*org || strcmp(wanted, org) == 0)
		return 0;
	return err_set(err, ST_CONFIG, "%s is for org %s, but the login is to org %s",
	    attempt->credentials->path, wanted, org);
}

int
login(struct credentials *credentials, struct http *http, struct login_session *session,
    struct err *err)
{
	struct attempt attempt = {
	    .credentials = credentials, .http = http, .session = session, .arena = arena_open()};
	int got;

	*session = (struct login_session){0};
	if (credentials->flow == CREDENTIALS_TOKEN) {
		session->token = xstrdup(credentials->values[CREDENTIALS_ACCESS_TOKEN]);
		session->instance = xstrdup(credentials->values[CREDENTIALS_INSTANCE_URL]);
		got = 0;
	} else if (credentials->flow == CREDENTIALS_REFRESH) {
		got = refresh(&attempt, err);
	} else {
		got = ask_session(&attempt, err);
	}
	if (got == 0)
		got = check_org(&attempt, err);
	if (got != 0)
		login_session_free(session);
	secret_free(&attempt.form);
	arena_close(attempt.arena);
	return got;
}

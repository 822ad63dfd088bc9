#include "auth.h"

#include "arena.h"
#include "buf.h"
#include "credentials.h"
#include "fault.h"
#include "instance.h"
#include "login.h"
#include "secret.h"
#include "sfid.h"
#include "token_output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define MAX_OUTPUT ((size_t)1024 * 1024)

enum source_kind { SOURCE_NONE, SOURCE_COMMAND, SOURCE_FILE, SOURCE_ENVIRONMENT };

struct source {
	enum source_kind kind;
	const char *name;  /* what gives it */
	const char *value; /* the command, the path, the token */
};

struct auth {
	struct source source;
	const char *username; /* or NULL: the credentials' */
	struct http *http;
	struct credentials credentials; /* of SOURCE_FILE */
	char *token;
	char *instance;
	char org[SFID_SIZE]; /* empty: not known */
};

/* The source of that number; SOURCE_NONE behind the last. */
static struct source
find_source(const struct auth_options *options, size_t number)
{
	const struct source all[] = {
	    {SOURCE_COMMAND, "--token-command", options->token_command},
	    {SOURCE_FILE, "--credentials", options->credentials},
	    {SOURCE_ENVIRONMENT, "SF_ACCESS_TOKEN", getenv("SF_ACCESS_TOKEN")},
	    {SOURCE_FILE, "SF_CREDENTIALS", getenv("SF_CREDENTIALS")},
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].value && *all[i].value && number-- == 0)
			return all[i];
	return (struct source){0};
}

size_t
auth_sources(const struct auth_options *options)
{
	size_t n = 0;

	while (find_source(options, n).kind != SOURCE_NONE)
		n++;
	return n;
}

void
auth_describe(const struct auth_options *options, struct buf *text)
{
	struct source source = find_source(options, options->source);
	struct credentials credentials = {0};
	struct err ignored = {0};

	if (source.kind == SOURCE_NONE)
		return;
	buf_puts(text, source.name);
	if (source.kind != SOURCE_FILE)
		return;
	buf_printf(text, " %s", source.value);
	if (credentials_read(source.value, &credentials, &ignored) == 0) {
		buf_printf(text, " (%s", credentials_flow_name(credentials.flow));
		if (credentials.values[CREDENTIALS_USERNAME])
			buf_printf(text, ", %s", credentials.values[CREDENTIALS_USERNAME]);
		buf_putc(text, ')');
	}
	credentials_free(&credentials);
}

static void
set_string(char **where, const char *text)
{
	secret_free_string(*where);
	*where = text ? xstrdup(text) : NULL;
}

/* Takes over what a session says; what it does not say stays as it was, but for the token. */
static void
take_session(struct auth *auth, struct login_session *session)
{
	secret_free_string(auth->token);
	auth->token = session->token;
	session->token = NULL;
	if (session->instance) {
		free(auth->instance);
		auth->instance = session->instance;
		session->instance = NULL;
	}
	if (session->org[0])
		memcpy(auth->org, session->org, sizeof auth->org);
}

/* Checks what was found, fills in what the environment knows, finds the org. */
static int
complete(struct auth *auth, const char *where, struct err *err)
{
	const char *instance = getenv("SF_INSTANCE_URL");

	if (!auth->token || !login_token_ok(auth->token))
		return err_set(err, ST_CONFIG, "%s holds no access token: " TOKEN_ADVICE, where);
	if (!auth->instance) {
		if (!instance || !*instance)
			return err_set(err, ST_CONFIG,
			    "the instance is not known: set SF_INSTANCE_URL to "
			    "https://MyDomain.my.salesforce.com");
		if (!(auth->instance = instance_read(instance, err)))
			return -1;
	}
	/* A session id begins with the org's; a JWT does not. */
	if (!auth->org[0] && strncmp(auth->token, "00D", 3) == 0 && strcspn(auth->token, "!") == 15)
		sfid_widen(auth->token, 15, auth->org);
	return 0;
}

static int
take_output(struct auth *auth, const char *text, struct err *err)
{
	struct login_session session = {0};
	int got = token_output_read(text, &session, err);

	take_session(auth, &session);
	return got == 0 ? complete(auth, "what --token-command printed", err) : -1;
}

static int
run_command(struct auth *auth, struct err *err)
{
	struct buf out = {0}, command = {0};
	char block[4096];
	size_t n;
	int status = 0;

	/* standard input is the filter's, and some commands, such as ssh, read whatever is there */
	buf_printf(&command, "exec </dev/null\n%s", auth->source.value);
	fault_point();
	/* the user's own command, in the user's own shell: NOLINTNEXTLINE(cert-env33-c) */
	FILE *pipe = popen(command.text, "r");
	buf_free(&command);
	if (!pipe)
		return err_set(err, ST_IO, "--token-command: %s", strerror(errno));
	while ((n = fread(block, 1, sizeof block, pipe)) > 0)
		if (out.size < MAX_OUTPUT)
			buf_put(&out, block, n);
	int ended = pclose(pipe);
	fault_point();
	bool json = out.size > 0 && out.text[strspn(out.text, " \t\r\n")] == '{';
	if (json || ended == 0) /* JSON may say why it failed */
		status = take_output(auth, out.text ? out.text : "", err);
	if (ended != 0) {
		status = -1;
		err_set(err, ST_NOPERM, "--token-command ended with status %d",
		    WIFEXITED(ended) ? WEXITSTATUS(ended) : 128);
	}
	memset(block, 0, sizeof block);
	secret_free(&out);
	return status;
}

static int
log_in(struct auth *auth, struct err *err)
{
	struct login_session session;

	if (login(&auth->credentials, auth->http, &session, err) != 0)
		return -1;
	take_session(auth, &session);
	return complete(auth, auth->credentials.path, err);
}

/* Puts the one who is to log in into the credentials. */
static int
set_username(struct auth *auth, struct err *err)
{
	char **values = auth->credentials.values;

	if (!auth->username)
		return 0;
	if (auth->source.kind != SOURCE_FILE || auth->credentials.flow != CREDENTIALS_JWT)
		return err_set(err, ST_CONFIG,
		    "to log in as %s takes a credentials file with private_key (JWT bearer), not "
		    "%s",
		    auth->username, auth->source.name ? auth->source.name : "none");
	set_string(&values[CREDENTIALS_USERNAME], auth->username);
	return 0;
}

static int
get_first(struct auth *auth, struct err *err)
{
	if (auth->source.kind != SOURCE_FILE && set_username(auth, err) != 0)
		return -1;
	switch (auth->source.kind) {
	case SOURCE_COMMAND:
		return run_command(auth, err);
	case SOURCE_FILE:
		if (credentials_read(auth->source.value, &auth->credentials, err) != 0 ||
		    set_username(auth, err) != 0)
			return -1;
		return log_in(auth, err);
	case SOURCE_ENVIRONMENT:
		set_string(&auth->token, auth->source.value);
		return complete(auth, "SF_ACCESS_TOKEN", err);
	default:
		return err_set(err, ST_CONFIG, "no credentials: " TOKEN_ADVICE);
	}
}

struct auth *
auth_open(const struct auth_options *options, struct http *http, struct err *err)
{
	struct auth *auth = xalloc(sizeof *auth);

	auth->source = find_source(options, options->source);
	auth->http = http;
	auth->username = options->username;
	if (get_first(auth, err) == 0)
		return auth;
	auth_close(auth);
	return NULL;
}

void
auth_close(struct auth *auth)
{
	if (!auth)
		return;
	set_string(&auth->token, NULL);
	free(auth->instance);
	credentials_free(&auth->credentials);
	free(auth);
}

const char *
auth_token(const struct auth *auth)
{
	return auth->token;
}

const char *
auth_instance(const struct auth *auth)
{
	return auth->instance;
}

const char *
auth_org(const struct auth *auth)
{
	return auth->org[0] ? auth->org : NULL;
}

bool
auth_wants_org(const struct auth *auth)
{
	return auth->credentials.org[0] != '\0';
}

int
auth_check_org(const struct auth *auth, const char *org, struct err *err)
{
	const char *wanted = auth->credentials.org;

	if (!*wanted || strcmp(wanted, org) == 0)
		return 0;
	return err_set(err, ST_CONFIG, "%s is for org %s, but its token is of org %s",
	    auth->credentials.path, wanted, org);
}

static int
cannot_renew(const struct auth *auth, struct err *err)
{
	if (auth->source.kind == SOURCE_FILE)
		return err_set(err, ST_NOPERM,
		    "Salesforce refused the token: the session expired or was ended; put a new "
		    "access_token into %s, or what another flow needs, which renews it",
		    auth->credentials.path);
	return err_set(err, ST_NOPERM,
	    "Salesforce refused the token: the session expired or was ended; set "
	    "SF_ACCESS_TOKEN to a new one, or give --credentials or --token-command, which renew "
	    "it");
}

int
auth_renew(struct auth *auth, struct err *err)
{
	char org[SFID_SIZE];
	bool command = auth->source.kind == SOURCE_COMMAND;

	if (!command &&
	    (auth->source.kind != SOURCE_FILE || auth->credentials.flow == CREDENTIALS_TOKEN))
		return cannot_renew(auth, err);
	memcpy(org, auth->org, sizeof org);
	auth->org[0] = '\0';
	if ((command ? run_command(auth, err) : log_in(auth, err)) != 0)
		return -1;
	if (org[0] && auth->org[0] && strcmp(org, auth->org) != 0)
		return err_set(err, ST_CONFIG, "%s first gave org %s, now %s", auth->source.name,
		    org, auth->org);
	if (!auth->org[0])
		memcpy(auth->org, org, sizeof org);
	return 0;
}

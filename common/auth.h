/*
 * auth: where the access token and the instance come from. Of these sources the first that is there
 * is used: a command that prints them (--token-command), a credentials file (--credentials),
 * SF_ACCESS_TOKEN with SF_INSTANCE_URL, the credentials file that SF_CREDENTIALS names.
 *
 * The command is run by /bin/sh -c, and prints what token_output.h reads; SF_INSTANCE_URL is used
 * where that names no instance.
 *
 * Secrets are in no message. Owner: auth_close() frees all; what the getters give lives until then
 * or until auth_renew().
 * Errors:  ST_CONFIG nothing usable is configured; ST_NOPERM credentials refused, a command failed;
 *          as login.h.
 */
#ifndef SFPIPE_AUTH_H
#define SFPIPE_AUTH_H

#include "buf.h"
#include "diag.h"
#include "http.h"

#include <stdbool.h>
#include <stddef.h>

struct auth; /* opaque */

struct auth_options {
	const char *token_command; /* or NULL */
	const char *credentials;   /* a file's path, or NULL */
	size_t source;             /* of those that are there: 0 the first */
	const char *username;      /* in place of the file's, whose flow must be JWT; or NULL */
};

/* How many sources there are. */
size_t auth_sources(const struct auth_options *options);

/* "SF_ACCESS_TOKEN", "--credentials sf.json (JWT bearer)": the source that options->source says. */
void auth_describe(const struct auth_options *options, struct buf *text);

/* Gets the first token; http is for logins. NULL with err set. */
struct auth *auth_open(const struct auth_options *options, struct http *http, struct err *err);
void auth_close(struct auth *auth);

const char *auth_token(const struct auth *auth);
const char *auth_instance(const struct auth *auth); /* scheme and host, no slash behind */
const char *auth_org(const struct auth *auth);      /* 18 characters; NULL if not known so far */

/* Whether the credentials file says which org it must be; -1 and err (ST_CONFIG) if not this one. */
bool auth_wants_org(const struct auth *auth);
int auth_check_org(const struct auth *auth, const char *org, struct err *err);

/* The server refused the token: gets another. -1 and err if there is no way to. */
int auth_renew(struct auth *auth, struct err *err);

#endif

/*
 * auth: where the access token and the instance come from: SF_ACCESS_TOKEN and SF_INSTANCE_URL, or
 * a command that prints them (--token-command).
 *
 * The command is run by /bin/sh -c. It may print `sf org display --json`, `sf org auth
 * show-access-token --json`, both behind each other, {"access_token","instance_url"}, or the token
 * alone; SF_INSTANCE_URL is used where it names no instance.
 *
 * Secrets are in no message. Owner: auth_close() frees all; what the getters give lives until then
 * or until auth_renew().
 * Errors:  ST_CONFIG nothing usable is configured; ST_NOPERM credentials refused, a command failed.
 */
#ifndef SFPIPE_AUTH_H
#define SFPIPE_AUTH_H

#include "diag.h"

#include <stdbool.h>

struct auth; /* opaque */

struct auth_options {
	const char *token_command; /* NULL: the environment */
};

/* Gets the first token. NULL with err set. */
struct auth *auth_open(const struct auth_options *options, struct err *err);
void auth_close(struct auth *auth);

const char *auth_token(const struct auth *auth);
const char *auth_instance(const struct auth *auth); /* scheme and host, no slash behind */
const char *auth_org(const struct auth *auth);      /* 18 characters; NULL if not known so far */

/* The server refused the token: gets another. -1 and err if there is no way to. */
int auth_renew(struct auth *auth, struct err *err);

#endif

/*
 * token_output: what a command that is to give an access token has printed (--token-command): `sf org
 * display --json`, `sf org auth show-access-token --json`, both behind each other, an answer of a token
 * endpoint ({"access_token","instance_url"}), or the token alone.
 *
 * Owner:   login_session_free().
 * Errors:  ST_NOPERM it says why there is none; ST_CONFIG it will not do. No message has a token in it.
 * Threads: any.
 */
#ifndef SFPIPE_TOKEN_OUTPUT_H
#define SFPIPE_TOKEN_OUTPUT_H

#include "diag.h"
#include "login.h"

/* What to do where there is no token, for messages. */
#define TOKEN_ADVICE                                                                               \
	"set SF_ACCESS_TOKEN and SF_INSTANCE_URL, or give --credentials, or --token-command, "     \
	"such as 'sf org display --json -o ORG; sf org auth show-access-token --json -o ORG'"

/* Sets of a zero-initialized session what the text says; it may say less than all. */
int token_output_read(const char *text, struct login_session *session, struct err *err);

#endif

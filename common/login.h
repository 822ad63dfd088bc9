/*
 * login: an access token for a credentials file, by the flow that it says.
 *
 * Requests go to login_url alone, three at most. A refresh token that Salesforce replaces is in the
 * file, on the disk, before the access token is given back; other processes wait meanwhile.
 *
 * Owner:   login_session_free().
 * Errors:  ST_NOPERM refused; ST_LATER too many logins; ST_UNAVAILABLE no answer; ST_PROTOCOL
 *          nonsense; ST_CONFIG, ST_IO the file. No message has a secret in it.
 */
#ifndef SFPIPE_LOGIN_H
#define SFPIPE_LOGIN_H

#include "credentials.h"
#include "diag.h"
#include "http.h"
#include "sfid.h"

#include <stdbool.h>

#define LOGIN_TRIES 3

struct login_session {
	char *token;
	char *instance;
	char org[SFID_SIZE]; /* empty: the answer did not say */
};

/* credentials may change: another process may have replaced the refresh token. */
int login(struct credentials *credentials, struct http *http, struct login_session *session,
    struct err *err);
void login_session_free(struct login_session *session);

/* Whether it can stand in a header: printable, no spaces. */
bool login_token_ok(const char *token);

#endif

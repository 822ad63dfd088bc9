/*
 * credentials: a credentials file: a JSON object whose members say by which flow to log in, and how.
 *
 *   JWT bearer          client_id, username, private_key or private_key_file, login_url; audience
 *   client credentials  client_id, client_secret, login_url
 *   refresh token       client_id, refresh_token, login_url; client_secret
 *   access token        access_token, instance_url
 *
 * Each may have org, the Id of the org that it must be.
 *
 * Owner:   zero-initialize; credentials_free() overwrites the secrets.
 * Errors:  ST_CONFIG: the text is no such object; err names the member, and never shows a value.
 */
#ifndef SFPIPE_CREDENTIALS_H
#define SFPIPE_CREDENTIALS_H

#include "buf.h"
#include "diag.h"
#include "sfid.h"

#include <stddef.h>

enum credentials_flow {
	CREDENTIALS_JWT,
	CREDENTIALS_CLIENT,
	CREDENTIALS_REFRESH,
	CREDENTIALS_TOKEN,
};

enum credentials_member {
	CREDENTIALS_ACCESS_TOKEN,
	CREDENTIALS_AUDIENCE,
	CREDENTIALS_CLIENT_ID,
	CREDENTIALS_CLIENT_SECRET,
	CREDENTIALS_INSTANCE_URL,
	CREDENTIALS_LOGIN_URL,
	CREDENTIALS_ORG,
	CREDENTIALS_PRIVATE_KEY,
	CREDENTIALS_PRIVATE_KEY_FILE,
	CREDENTIALS_REFRESH_TOKEN,
	CREDENTIALS_USERNAME,
	CREDENTIALS_MEMBERS,
};

struct credentials {
	char *path; /* where they came from */
	enum credentials_flow flow;
	char *values[CREDENTIALS_MEMBERS]; /* NULL: absent; URLs without a slash behind */
	char org[SFID_SIZE];               /* empty: any */
};

/* The file, and the key file that it names (from the file's own folder). */
int credentials_read(const char *path, struct credentials *credentials, struct err *err);
void credentials_free(struct credentials *credentials);

/* The text of a file; path is for messages and for the key file, which is not read. */
int credentials_parse(const char *path, const char *text, size_t size,
    struct credentials *credentials, struct err *err);

/* The text with another refresh token in it, all else as it is. */
int credentials_put_token(
    const char *text, size_t size, const char *refresh_token, struct buf *out, struct err *err);

/* "JWT bearer", for messages. */
const char *credentials_flow_name(enum credentials_flow flow);

#endif

/*
 * jwt: a signed assertion (RFC 7523, RS256) with which a user logs in without a password.
 *
 * Errors:  ST_CONFIG: the key is none, is encrypted, or is no RSA key.
 * Threads: any.
 */
#ifndef SFPIPE_JWT_H
#define SFPIPE_JWT_H

#include "buf.h"
#include "diag.h"

#include <stdint.h>

#define JWT_SECONDS 180 /* Salesforce takes no assertion that is good for longer */

struct jwt {
	const char *issuer;   /* the app's client_id */
	const char *subject;  /* the username */
	const char *audience; /* the login host */
	int64_t expires_s;    /* seconds since 1970 */
};

/* Appends header.claims.signature; key is PEM. */
int jwt_sign(const struct jwt *jwt, const char *key, struct buf *out, struct err *err);

#endif

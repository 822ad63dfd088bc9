/*
 * reply: Salesforce's JSON answers, read as they stream in. The records of a query, plain or within
 * a composite, are handed out whole, one by one; all the rest, with empty `records` arrays, is the
 * frame: small, and read at the end as one JSON text.
 *
 * A record keeps its bytes; a newline outside strings becomes a space. It is not checked. Members
 * may come in any order.
 *
 * Owner:   zero-initialize, set record and arg; reply_free(). The frame lives until reply_reset().
 * Errors:  ST_PROTOCOL: too large, too deep, no JSON.
 */
#ifndef SFPIPE_REPLY_H
#define SFPIPE_REPLY_H

#include "arena.h"
#include "buf.h"
#include "diag.h"
#include "json.h"

#include <stdbool.h>
#include <stddef.h>

#define REPLY_SHORT 1 /* the answer ended before its JSON did */
#define REPLY_MAX_RECORD ((size_t)16 * 1024 * 1024)
#define REPLY_MAX_FRAME ((size_t)64 * 1024 * 1024)

struct reply {
	/* Takes a record; -1 with err set stops. The text is lent for the call. */
	int (*record)(void *arg, const char *text, size_t size, struct err *err);
	void *arg;

	struct buf frame; /* private from here */
	struct buf partial;
	unsigned char roles[JSON_MAX_DEPTH];
	size_t depth;
	size_t record_depth; /* within a record; 0: not in one */
	size_t string_at;    /* where the string began in the frame */
	size_t key_at, key_size;
	bool in_string, escaped, wants_key;
};

/* Forgets what came, for the next answer. */
void reply_reset(struct reply *reply);
void reply_free(struct reply *reply);

/* The next bytes, cut anywhere. */
int reply_feed(struct reply *reply, const char *text, size_t size, struct err *err);

/* At the end: the frame as checked JSON. 0; REPLY_SHORT; or -1. */
int reply_end(struct reply *reply, struct arena *arena, struct json *frame, struct err *err);

/* The body of a composite's part, by its reference: its HTTP status, 0 if there is none such. That of an
 * error is as sferror_whole(). */
int reply_part(struct json frame, const char *reference, struct json *body, struct arena *arena);

/* Whether the session ended between a composite and its parts: then nothing of it was done. */
bool reply_is_expired(struct json frame, struct arena *arena);

#endif

/*
 * sferror: Salesforce's error codes: what each means for a run, and what somebody can do about it.
 *
 * The codes stand as errorCode in arrays of errors, as statusCode in the results of collections;
 * logins have error and error_description. sfpipe-errors(7) lists them.
 *
 * Threads: constant data.
 */
#ifndef SFPIPE_SFERROR_H
#define SFPIPE_SFERROR_H

#include "arena.h"
#include "diag.h"
#include "json.h"

enum sferror_class {
	SFERROR_FAILED,  /* for good, until somebody mends it */
	SFERROR_AGAIN,   /* passes by itself: a lock, an overload */
	SFERROR_BUSY,    /* too many long requests at once: wait half a minute */
	SFERROR_LIMIT,   /* the day's calls are used up: not in this run (75) */
	SFERROR_LOGIN,   /* the session (401): renew it */
	SFERROR_REFUSED, /* this user may not at all (77) */
	SFERROR_FIELD,   /* a field that is not there, or hidden */
	SFERROR_OBJECT,  /* an object that is not there, or hidden */
	SFERROR_LOCATOR, /* the query's cursor is gone: query anew */
	SFERROR_NARROW,  /* the query asks for too much at once: ask for less */
	SFERROR_RACE, /* somebody else was, or may have been, faster: the op waits for a decision */
};

struct sferror {
	enum sferror_class class;
	const char *code;    /* "" if there is none */
	const char *message; /* Salesforce's, escaped for a terminal */
	const char *advice;  /* NULL if we know none */
};

/* The first error of a body: an array of errors, one error, or no JSON at all. In the arena. */
struct sferror sferror_read(struct json body, struct arena *arena);

/* The body of an error as an array of errors, each with its code, whatever it came as: one error, none,
 * or no JSON. What passes by its HTTP status has a code that passes, so that its class says so. */
struct json sferror_whole(int status, struct json body, struct arena *arena);

/* The same from a text that may be anything, such as HTML. */
struct sferror sferror_read_text(const char *text, size_t size, struct arena *arena);

/* What the catalogue knows of a code; both strings are kept by reference. */
struct sferror sferror_of(const char *code, const char *message);

/* A refused login: {"error","error_description"}, or anything else. class is REFUSED or LIMIT. */
struct sferror sferror_read_login(const char *text, size_t size, struct arena *arena);

/* "CODE: message (advice)", in the arena. */
const char *sferror_text(const struct sferror *error, struct arena *arena);

#endif

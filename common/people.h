/*
 * people: invitees + attendees -> participants (design 4).
 *
 * Rows of one person become one; each attendee is looked for among the invitees by email, phone and
 * name, in this order; invitees in their order, then the attendees who were not invited, are the
 * participants.
 *
 * Owner:   all strings and lists live in the arena, or are the caller's own.
 * Units:   times in milliseconds since 1970, UTC.
 * Threads: any; an arena belongs to one.
 */
#ifndef SFPIPE_PEOPLE_H
#define SFPIPE_PEOPLE_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEOPLE_MAX 50000 /* invitees, or attendee rows, of one call */
#define PEOPLE_NO_TIME INT64_MIN

/* An invitee, or a row of the attendee list. NULL: not known. */
struct person {
	const char *email;          /* normal form */
	const char *phone;          /* E.164 */
	const char *name;           /* as written, trimmed */
	const char *response;       /* of invitees alone */
	int64_t joined_ms, left_ms; /* of attendees alone, or PEOPLE_NO_TIME */
};

struct people {
	struct person *list;
	size_t n;
};

struct participant {
	struct person person;
	const char **other_emails;
	size_t n_other_emails;
	bool invited;
	bool attended;
};

/* The participants, at most invitees->n + attendees->n of them, of lists that have each at most
 * PEOPLE_MAX entries and are used up. Returns how many. */
size_t people_merge(struct people *invitees, struct people *attendees, struct arena *arena,
    struct participant **participants);

#endif

/*
 * push_user: the sessions of sf-push: its own, and one for each user whom ops are written as (design 6,
 * run_as), logged in by JWT with that user as its subject.
 *
 * Owner:   push_users_open()'s caller; the first session is lent.
 * Errors:  ST_NOPERM, ST_CONFIG: this user cannot be logged in, which is told again without another
 *          try; else as salesforce.h.
 */
#ifndef SFPIPE_PUSH_USER_H
#define SFPIPE_PUSH_USER_H

#include "diag.h"
#include "salesforce.h"

struct push_users; /* opaque */

/* stop: as of salesforce_stop_on(). */
struct push_users *push_users_open(
    struct salesforce *own, const struct salesforce_options *options, const volatile int *stop);
void push_users_close(struct push_users *users);

/* The session of the user of that name; NULL: our own. NULL with err set. */
struct salesforce *push_users_get(struct push_users *users, const char *name, struct err *err);

#endif

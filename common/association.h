/*
 * association: the list of a call's associations (design 5): one entry a record, in the order of
 * first match, with every reason once; read from a line and written to one.
 *
 * Owner:   everything lives in the arena that the list was made with.
 */
#ifndef SFPIPE_ASSOCIATION_H
#define SFPIPE_ASSOCIATION_H

#include "arena.h"
#include "buf.h"
#include "json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct association_reason {
	const char *participant; /* NULL: manual, an activity, an opportunity */
	const char *by;
	const char *record; /* or NULL */
	int64_t of;         /* written if more than 1 */
};

struct association {
	const char *object; /* Account, Contact, Lead, VirtualContact, VirtualLead, Opportunity */
	const char *id;
	const char *name;                   /* an account's */
	const char *account;                /* a virtual contact's, an opportunity's */
	const char *company;                /* a virtual lead's */
	const char *by, *activity, *window; /* an opportunity's */
	struct association_reason *reasons;
	size_t n_reasons, room_reasons;
	bool kept;    /* --keep: today's rules no longer give it */
	bool deleted; /* --keep: its record is deleted */
};

struct association_list {
	struct arena *arena;
	struct association **items;
	size_t n, room;
};

/* VirtualContact, VirtualLead. */
bool association_is_virtual(const struct association *entry);

/* NULL if it is not there. */
struct association *association_find(
    const struct association_list *list, const char *object, const char *id);

/* The entry that is there, else a new one behind the others. */
struct association *association_add(
    struct association_list *list, const char *object, const char *id);

/* Adds the reason, unless the same participant, by and record are there. */
void association_because(struct association_list *list, struct association *entry,
    const char *participant, const char *by, const char *record, int64_t of);

/* Whether it has a reason that is not "manual". */
bool association_matched(const struct association *entry);

/* Distinct participants among its reasons. */
size_t association_participants(const struct association *entry);

/* Appends what a line's "associations" say, Ids widened; an entry that is none is left out. */
void association_read(struct association_list *list, struct json array);

/* The list as a JSON array. */
void association_write(const struct association_list *list, struct buf *out);

#endif

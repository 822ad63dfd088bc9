/*
 * participant: who took part in a call or an email, as the rules of association see them (design
 * 5): addresses in normal form, internal or not.
 *
 * Owner:   everything lives in the line's arena.
 * Errors:  ST_REJECTED: what the line says of a participant has the wrong type.
 */
#ifndef SFPIPE_PARTICIPANT_H
#define SFPIPE_PARTICIPANT_H

#include "line.h"

#include <stdbool.h>
#include <stddef.h>

struct party {
	const char **addresses; /* email, then other_emails; what is none is left out */
	size_t n_addresses;
	const char *phone; /* E.164 as written, or NULL */
	const char *shown; /* the first address, else the phone, else the name; or NULL */
	bool internal;     /* as the line says */
};

struct party_list {
	struct party *items;
	size_t n, room;
};

/* A call's participants; an email's from, to and cc, in this order. */
int participant_read(const struct line *line, struct party_list *list, struct err *err);

#endif

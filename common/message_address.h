/*
 * message_address: the addresses of a message's fields, as GMime reads them, and those that it cannot
 * make out, without a name. For message.c.
 *
 * Owner:   the arena.
 * Errors:  ST_REJECTED: too many in a field.
 */
#ifndef SFPIPE_MESSAGE_ADDRESS_H
#define SFPIPE_MESSAGE_ADDRESS_H

#include "arena.h"
#include "buf.h"
#include "diag.h"

#include <stddef.h>

struct message_address {
	const char *email; /* in normal form, or NULL */
	const char *name;  /* or NULL */
};

struct message_addresses {
	struct message_address *items;
	size_t n, room;
};

/* Reads the fields of one name, a line each, one behind the other. */
int message_addresses(
    const struct buf *fields, struct arena *arena, struct message_addresses *list, struct err *err);

/* One more. */
void message_address_add(
    struct message_addresses *list, struct message_address address, struct arena *arena);

/* As a person reads it: white space and control characters are single spaces. NULL if nothing is
 * left. */
const char *message_readable(const char *text, struct arena *arena);

#endif

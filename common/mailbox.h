/*
 * mailbox: the messages of a file or stream, one (RFC 5322) or many (mbox): of each the header fields
 * that an email line is made of. Bodies are read past; what is held is one header and one line.
 *
 * It is an mbox if it begins with "From ". There a message begins at a line "From " with a date as
 * asctime() has it, or, behind an empty line, with nothing or "-", if a header field follows; so a
 * sentence that begins so begins none. Content-Length is not believed.
 *
 * A line of the header that is no field is passed over. Line ends are LF or CRLF; NULs are dropped.
 *
 * Owner:   mailbox_open()'s caller; a message lives until the next mailbox_next().
 * Errors:  mailbox_next() is -1 with errno set if the input cannot be read.
 * Threads: a mailbox belongs to one thread.
 */
#ifndef SFPIPE_MAILBOX_H
#define SFPIPE_MAILBOX_H

#include "buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mailbox_field {
	FIELD_FROM,
	FIELD_TO,
	FIELD_CC,
	FIELD_REPLY_TO,
	FIELD_SUBJECT,
	FIELD_DATE,
	FIELD_MESSAGE_ID,
	FIELD_IN_REPLY_TO,
	FIELD_REFERENCES,
	N_FIELDS,
};

struct message {
	uint64_t line;               /* where it begins, from 1 */
	struct buf fields[N_FIELDS]; /* each field of that name unfolded, with a newline behind */
	bool any;                    /* it has header fields of some name */
	bool too_large;              /* they are cut */
};

struct mailbox; /* opaque */

/* max_header: bytes of the fields above that a message may have. read: as read(2). */
struct mailbox *mailbox_open(
    long (*read)(void *arg, char *room, size_t size), void *arg, size_t max_header);
void mailbox_close(struct mailbox *mailbox);

/* 1: the next message, 0: there is none, -1. */
int mailbox_next(struct mailbox *mailbox, struct message **message);

#endif

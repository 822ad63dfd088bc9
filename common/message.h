/*
 * message: the header of a message (mailbox.h) -> an email line (design 2). Wraps GMime, which knows
 * folded and encoded words, comments, groups and the obsolete syntax; text that is not ASCII and
 * not encoded is UTF-8, else Latin-1.
 *
 * Addresses are in normal form (email.h); what GMime cannot make out and yet looks like an address is
 * taken too, without a name. The id is the Message-ID, or, without one, made from what the line says.
 *
 * Errors:  ST_REJECTED: no usable From or Date; the header is too large.
 * Threads: message_begin() once, before all.
 */
#ifndef SFPIPE_MESSAGE_H
#define SFPIPE_MESSAGE_H

#include "arena.h"
#include "buf.h"
#include "diag.h"
#include "mailbox.h"

void message_begin(void);
void message_end(void);

/* Appends the line, without its newline. */
int message_line(
    const struct message *message, struct arena *arena, struct buf *line, struct err *err);

#endif

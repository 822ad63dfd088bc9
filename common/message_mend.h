/*
 * message_mend: header fields as GMime 3.2.13 (Debian 12) reads them right. All else stays as it is.
 *
 * Owner:   the result lives in the arena.
 * Threads: any.
 */
#ifndef SFPIPE_MESSAGE_MEND_H
#define SFPIPE_MESSAGE_MEND_H

#include "arena.h"

/* Encoded words (RFC 2047) of B are written as Q: behind a padded one that another follows it reads
 * nothing (its issue 133). */
char *message_mend_words(const char *text, struct arena *arena);

/* The same of a list of addresses, and: a comment that nothing ends is ended, as it loses some memory
 * over each; of very many colons the last become commas, as it calls itself for each that opens a
 * group within a group, until the stack is full. */
char *message_mend_addresses(const char *text, struct arena *arena);

#endif

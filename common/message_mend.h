/*
 * message_mend: a header field as GMime 3.2.13 (Debian 12) reads it right. All else stays as it is.
 *
 * Encoded words (RFC 2047) of B are written as Q: behind a padded one that another follows it reads
 * nothing (its issue 133). A comment that nothing ends is ended: for each it loses some memory.
 *
 * Owner:   the result lives in the arena.
 * Threads: any.
 */
#ifndef SFPIPE_MESSAGE_MEND_H
#define SFPIPE_MESSAGE_MEND_H

#include "arena.h"

char *message_mend(const char *text, struct arena *arena);

#endif

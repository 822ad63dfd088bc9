/*
 * invite_merge: several tellings of one meeting -> one (RFC 5546). Of those that are whole the
 * newest counts: the highest sequence, then the latest stamp, then the last read. Answers change
 * the people whom they name, unless they answer an older version; a cancellation that says little
 * keeps what the newest whole one before it said.
 */
#ifndef SFPIPE_INVITE_MERGE_H
#define SFPIPE_INVITE_MERGE_H

#include "invite_event.h"

/* The run's events become one for each id, in the order in which their ids were first read. */
void invite_merge(struct invite_run *run);

#endif

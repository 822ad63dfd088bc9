/*
 * invite: invitations of any format -> calls with their invitees.
 *
 * What is read, iCalendar or JSON, is told by the text. All is held until invite_merge(), as what
 * comes last may change what came first.
 */
#ifndef SFPIPE_INVITE_H
#define SFPIPE_INVITE_H

#include "invite_event.h"
#include "invite_merge.h"

#include <stddef.h>

/* Reads one input; file is its name in messages. What cannot be read is named and counted. */
void invite_read(struct invite_run *run, const char *file, const char *text, size_t size);

#endif

/*
 * invite_conference: where a meeting is held online: the join link in a text, and what it names.
 *
 * Owner:   results live in the arena.
 * Threads: any; an arena belongs to one.
 */
#ifndef SFPIPE_INVITE_CONFERENCE_H
#define SFPIPE_INVITE_CONFERENCE_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>

struct conference {
	const char *provider; /* zoom, meet, teams, webex; NULL: none known */
	const char *id;  /* zoom: the meeting's number; meet: its code; teams: the thread, or the
			       * meeting's number; webex: the MTID; NULL if the link has none */
	const char *url; /* the link as it is written */
};

/* The first join link in the text; also one that a mail filter has wrapped into its own. False
 * and nothing changed if there is none. */
bool conference_find(
    const char *text, size_t size, struct arena *arena, struct conference *conference);

/* Takes percent-encoding off, in place; the new size. %00 and what is no hex number stays. */
size_t percent_decode(char *text, size_t size);

#endif

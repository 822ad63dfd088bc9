/*
 * invite_google: an event of Google Calendar's API (v3) -> an invitation.
 */
#ifndef SFPIPE_INVITE_GOOGLE_H
#define SFPIPE_INVITE_GOOGLE_H

#include "invite_event.h"
#include "json.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether this object is such an event. */
bool google_is(struct json object);

/* Collects it, or names what is wrong. zone: the page's timeZone or NULL. */
void google_read(struct invite_run *run, uint64_t line, struct json object, const char *zone);

#endif

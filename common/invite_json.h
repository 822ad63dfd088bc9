/*
 * invite_json: the events of JSON documents: one event, a list page of Google Calendar or of
 * Microsoft Graph, a map from names to events, and any number of these after each other, each on a
 * line of its own or not.
 */
#ifndef SFPIPE_INVITE_JSON_H
#define SFPIPE_INVITE_JSON_H

#include "invite_event.h"

#include <stddef.h>

/* Collects the events; names what it rejects. Where each document is one line, a bad line costs
 * only itself; else reading ends at a document whose end is not found. */
void invite_json_read(struct invite_run *run, const char *text, size_t size);

#endif

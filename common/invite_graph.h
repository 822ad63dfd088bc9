/*
 * invite_graph: an event of Microsoft Graph (v1.0) -> an invitation.
 */
#ifndef SFPIPE_INVITE_GRAPH_H
#define SFPIPE_INVITE_GRAPH_H

#include "invite_event.h"
#include "json.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether this object is such an event, or a mail about one. */
bool graph_is(struct json object);

/* Collects it, or names what is wrong. */
void graph_read(struct invite_run *run, uint64_t line, struct json object);

#endif

/*
 * invite_ics: the events of an iCalendar text: any number of calendars, their components, their
 * time zones. An event that does not end is not taken: some of its people may be missing.
 */
#ifndef SFPIPE_INVITE_ICS_H
#define SFPIPE_INVITE_ICS_H

#include "invite_event.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether this is an iCalendar text: its first line is BEGIN:VCALENDAR or a component's. */
bool ics_is(const char *text, size_t size);

/* Collects its events; names what it rejects. */
void ics_read(struct invite_run *run, const char *text, size_t size);

#endif

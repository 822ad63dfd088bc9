/*
 * invite_windows: the time zones' names of Windows, which Outlook, Exchange and Graph write, as
 * names of the tz database.
 *
 * Threads: any.
 */
#ifndef SFPIPE_INVITE_WINDOWS_H
#define SFPIPE_INVITE_WINDOWS_H

/* "Pacific Standard Time" is America/Los_Angeles; so is what Outlook shows for it, "(UTC-08:00)
 * Pacific Time (US & Canada)". Case does not count. NULL if the name is unknown. */
const char *windows_zone(const char *name);

#endif

/*
 * maildir: the messages of a Maildir folder, new ones first, each folder's by name.
 *
 * Another program may move them meanwhile: what went from new to cur, or got other flags, is found
 * where it is now; what was deleted is passed over.
 *
 * Errors:  ST_IO: the folder cannot be read, or is no Maildir.
 */
#ifndef SFPIPE_MAILDIR_H
#define SFPIPE_MAILDIR_H

#include "diag.h"

/* Calls message for each, with an open descriptor, which is then closed, and its path. */
int maildir_each(const char *path, void (*message)(void *arg, int fd, const char *name), void *arg,
    struct err *err);

#endif

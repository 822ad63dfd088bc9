/*
 * instance: where a token may be sent: https with scheme and host alone, plain http to this machine.
 *
 * Errors:  ST_CONFIG, saying what to do.
 * Threads: any.
 */
#ifndef SFPIPE_INSTANCE_H
#define SFPIPE_INSTANCE_H

#include "diag.h"

/* The URL without slashes behind it, allocated; NULL with err set if it will not do. */
char *instance_read(const char *url, struct err *err);

#endif

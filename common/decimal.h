/*
 * decimal: numbers compared as text, as no double holds every currency(18,2).
 *
 * Owner:   results live in the arena.
 * Threads: any.
 */
#ifndef SFPIPE_DECIMAL_H
#define SFPIPE_DECIMAL_H

#include "arena.h"

/* "-1234.50e1" as "-12345e0": digits without zeros at either end, and a power of ten, so that 1 and
 * 1.0 are the same; NULL if it is no number. */
const char *decimal_normal(const char *text, struct arena *arena);

#endif

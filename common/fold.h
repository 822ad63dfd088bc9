/*
 * fold: names of people, as they are written and as they are compared (design 4). Wraps utf8proc.
 *
 * White space is Unicode's. Bytes that are no UTF-8 count as U+FFFD.
 *
 * Owner:   results live in the arena.
 * Threads: any; an arena belongs to one.
 */
#ifndef SFPIPE_FOLD_H
#define SFPIPE_FOLD_H

#include "arena.h"

#include <stdbool.h>
#include <stddef.h>

/* Takes white space off both ends of a run of bytes, in place. */
void fold_trim_span(const char **text, size_t *size);

/* Whether white space is anywhere in it. */
bool fold_has_space(const char *text, size_t size);

/* The name as it is written: trimmed; NULL if nothing is left. */
char *fold_trim(const char *text, size_t size, struct arena *arena);

/* The name as it is compared: NFD without combining marks, full case folding, single spaces,
 * without one trailing "(...)": "Jané  ROE (Guest)" is "jane roe". NULL if what is left has no
 * letter: such a name equals and differs from none. */
char *fold_name(const char *text, size_t size, struct arena *arena);

/* A value as Salesforce compares it: case folded, all else as it is, accents too. */
char *fold_case_only(const char *text, size_t size, struct arena *arena);

/* The number of words of what fold_name() gave; 0 for NULL. */
size_t fold_words(const char *folded);

#endif

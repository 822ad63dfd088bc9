/*
 * pair_anew: a record without a link, with what is found for it on the other side, or alone; for pair.c
 * alone.
 *
 * Errors:  the store's.
 */
#ifndef SFPIPE_PAIR_ANEW_H
#define SFPIPE_PAIR_ANEW_H

#include "pair_out.h"

int pair_record_anew(struct pair *pair, const struct pair_record *record, struct err *err);

/* Of the objects that share its local one the first for which something is found. */
int pair_local_anew(struct pair *pair, const struct pair_local *local, struct err *err);

#endif

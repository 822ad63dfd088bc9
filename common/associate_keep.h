/*
 * associate_keep: what becomes of the associations that a line had (design 5, --keep and --fill): each as
 * the store knows its records now, merged, deleted or renamed.
 *
 * Owner:   what is added lives in the list's arena.
 * Errors:  as match.h.
 */
#ifndef SFPIPE_ASSOCIATE_KEEP_H
#define SFPIPE_ASSOCIATE_KEEP_H

#include "association.h"
#include "match.h"

/* --keep: what the line had stays, unless it is there, merged into what is, or became real. */
int associate_keep(
    struct match *match, struct association_list *list, const struct association_list *old);

/* --fill: the list as it was, less what is chosen anew. */
int associate_refill(
    struct match *match, struct association_list *list, const struct association_list *old);

#endif

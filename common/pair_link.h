/*
 * pair_link: what becomes of a link when its records change: deletions, undeletions, merges,
 * conversions, collisions (design 6, Pairing); for pair.c alone.
 *
 * Errors:  the store's.
 */
#ifndef SFPIPE_PAIR_LINK_H
#define SFPIPE_PAIR_LINK_H

#include "pair_out.h"

/* A linked record is deleted, or merged into another, which then has the link. */
int pair_record_gone(
    struct pair *pair, const struct pair_record *record, const struct link *link, struct err *err);

/* A linked lead was converted: its contact has the link. */
int pair_lead_converted(
    struct pair *pair, const struct pair_record *lead, const struct link *link, struct err *err);

/* A record without a link is back after its deletion: 1, and the pair is out. */
int pair_revive_record(struct pair *pair, const struct pair_record *record, struct err *err);
int pair_revive_local(struct pair *pair, const struct pair_local *local, struct err *err);

/* A changed email that now is that of another that has no link: 1 with that one's id, on either
 * side or both; NULL on the other. */
int pair_collides(struct pair *pair, const struct pair_record *record,
    const struct pair_local *local, const struct link *link, const char **other_record,
    const char **other_local, struct err *err);

/* Ends the link, and pairs both anew. */
int pair_part(struct pair *pair, const struct pair_record *record, const struct pair_local *local,
    const struct link *link, const char *other_record, const char *other_local, struct err *err);

#endif

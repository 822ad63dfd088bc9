/*
 * pair_find: by what a record finds its counterpart on the other side (design 6, Pairing). Reads only.
 *
 * Owner:   pair_finder_open()'s caller; what is found lives in the arena.
 * Errors:  the store's. 1: found, 0: there is none.
 */
#ifndef SFPIPE_PAIR_FIND_H
#define SFPIPE_PAIR_FIND_H

#include "pair_read.h"

struct pair_finder; /* opaque */

/* reader is lent. */
struct pair_finder *pair_finder_open(
    struct store *store, struct pair_reader *reader, const struct fieldmap *map);
void pair_finder_close(struct pair_finder *finder);

/* The id of the local record that a record without a link goes with, and by what it was found. */
int pair_find_partner(struct pair_finder *finder, const struct pair_record *record,
    struct arena *arena, const char **id, const char **by, struct err *err);

/* The other way: of this object. The two agree: of records and local records that are found by one
 * email the first goes with the first, the second with the second. */
int pair_find_record_of(struct pair_finder *finder, const struct fieldmap_object *object,
    const struct pair_local *local, struct arena *arena, const char **id, const char **by,
    struct err *err);

/* The first record without a link, first local record without one, that has this email. */
int pair_find_email(struct pair_finder *finder, const struct fieldmap_object *object, bool local,
    const char *email, struct arena *arena, const char **id, struct err *err);

/* All records without one, local records without one, that have this email. */
int pair_find_emails(struct pair_finder *finder, const struct fieldmap_object *object, bool local,
    const char *email, struct arena *arena, const char ***ids, size_t *n, struct err *err);

/* The first record, local record, of this email that has a link; for one of that email that has no
 * link: the link may be at its end. */
int pair_find_namesake(struct pair_finder *finder, const struct fieldmap_object *object, bool local,
    const char *email, struct arena *arena, const char **id, struct err *err);

#endif

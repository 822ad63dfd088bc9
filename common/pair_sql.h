/*
 * pair_sql: the statements by which an object's records and its local records are found for each
 * other (design 6, Pairing), as its map has them match; for pair_find.c alone.
 *
 * Owner:   pair_sql_free().
 */
#ifndef SFPIPE_PAIR_SQL_H
#define SFPIPE_PAIR_SQL_H

#include "buf.h"
#include "fieldmap.h"

/* Empty: they are not found so. */
struct pair_sql {
	const struct fieldmap_object *object;
	const char *email_field; /* the local one, or NULL */
	struct buf records;      /* ?1 email ?2 object ?3 local object: Ids, in order */
	struct buf locals;       /* ?1 email ?2 object ?3 local object ?4 field: ids, in order */
	struct buf namesakes;    /* ?1 email ?2 object: Ids that are linked */
	struct buf claims;       /* ?1 Id ?2 local object: ids, in order */
};

void pair_sql_make(struct pair_sql *sql, const struct fieldmap_object *object);
void pair_sql_free(struct pair_sql *sql);

#endif

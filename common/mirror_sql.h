/*
 * mirror_sql: the statements that read and write the records of an object, from sobject.h.
 *
 * Owner:   mirror_sql_open()'s caller; statements are prepared from these texts by their address,
 *          so store_forget() them before it is closed.
 */
#ifndef SFPIPE_MIRROR_SQL_H
#define SFPIPE_MIRROR_SQL_H

#include "sobject.h"

#include <stdint.h>

#define MIRROR_MAX_FIELDS 32 /* of an object in sobject.h: a set of them is a uint32_t */

struct mirror_sql; /* opaque: of all objects */

struct mirror_sql *mirror_sql_open(void);
void mirror_sql_close(struct mirror_sql *sql);

/* ?1 id, ?2 object, ?3 record, then each column in the order of the fields, Id's left out, an
 * email's domain behind it. Changes nothing if the id is there. */
const char *mirror_sql_insert(struct mirror_sql *sql, const struct sobject *sobject);

/* ?1 id: record, object, is_deleted, the stamp's column. */
const char *mirror_sql_select(struct mirror_sql *sql, const struct sobject *sobject);

/* ?1 id, ?2 record, then the columns of these fields in their order. *fields may be widened to
 * all: there is a bound on how many sets are prepared. */
const char *mirror_sql_update(
    struct mirror_sql *sql, const struct sobject *sobject, uint32_t *fields);

/* ?1 id, ?2 object: takes away the record's rows in person_phone, before its columns change, and puts them
 * there again after. NULL if the object has no phones. */
const char *mirror_sql_drop_phones(struct mirror_sql *sql, const struct sobject *sobject);
const char *mirror_sql_put_phones(struct mirror_sql *sql, const struct sobject *sobject);

/* Whether the field has a column that a statement sets. */
bool mirror_sql_has(const struct sobject_field *field);

#endif

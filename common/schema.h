/*
 * schema: the SQL that makes the store's tables and indexes (design 7, sfpipe-store(5)). The
 * tables of records follow from sobject.h, the others are written out.
 *
 * Owner:   the caller frees the text with buf_free().
 * Threads: any.
 */
#ifndef SFPIPE_SCHEMA_H
#define SFPIPE_SCHEMA_H

#include "buf.h"

/* In PRAGMA user_version and in meta. A change of the tables raises it and adds a migration. */
#define SCHEMA_VERSION 2

/* In PRAGMA application_id: "sfpi". */
#define SCHEMA_APPLICATION 0x73667069

void schema_tables(struct buf *sql);

/* The secondary indexes; "if not exists". */
void schema_indexes(struct buf *sql);
void schema_drop_indexes(struct buf *sql);

/* From the version that a store has to the next one, as SQL; NULL if there is no such step. Indexes
 * that it drops are for schema_indexes() to make anew. */
const char *schema_migration(int from);

#endif

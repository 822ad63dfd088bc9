/*
 * mirror_rows: the rows that the store holds of records: each one's JSON and columns in the table of
 * its object (sobject.h), and its numbers in person_phone.
 *
 * Owner:   mirror_rows_open()'s caller; the store must outlive it; before it is closed, the store's
 *          statements must be forgotten.
 * Errors:  ST_REJECTED this line, naming the field and why: the store is then untouched; anything
 *          else the store's.
 */
#ifndef SFPIPE_MIRROR_ROWS_H
#define SFPIPE_MIRROR_ROWS_H

#include "mirror_merge.h"
#include "mirror_record.h"
#include "store.h"

#include <stdbool.h>

struct mirror_rows; /* opaque */

/* What the store holds of a record. */
struct mirror_row {
	struct json json;
	bool deleted;
	const char *stamp; /* or NULL */
};

/* region: of phones in national form, or NULL. */
struct mirror_rows *mirror_rows_open(struct store *store, const char *region);
void mirror_rows_close(struct mirror_rows *rows);

/* 1 with the row, copied to the line's arena; 0 if there is none. */
int mirror_rows_get(struct mirror_rows *rows, const struct mirror_record *record,
    struct mirror_row *row, struct err *err);

/* 1: inserted, and *deleted says whether as a deleted record; 0: there is a row already. */
int mirror_rows_insert(
    struct mirror_rows *rows, const struct mirror_record *record, bool *deleted, struct err *err);

/* Writes what comes of a merge: the record, which is text, and the columns of the fields that
 * differ. *deleted: whether it was deleted; then whether it is now. */
int mirror_rows_update(struct mirror_rows *rows, const struct mirror_record *record,
    const struct mirror_merge *merge, const struct buf *text, bool *deleted, struct err *err);

#endif

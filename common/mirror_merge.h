/*
 * mirror_merge: a record line over the record that the store holds: what differs, and the record
 * that comes of it. Members that the line lacks stay, in the store's order; new ones stand behind.
 *
 * Owner:   all lives in the line's arena, and points into both texts.
 * Threads: any.
 */
#ifndef SFPIPE_MIRROR_MERGE_H
#define SFPIPE_MIRROR_MERGE_H

#include "line.h"
#include "mirror_change.h"
#include "mirror_sql.h"
#include "sobject.h"

#include <stdint.h>

struct mirror_merge {
	struct mirror_change *changes; /* the members that differ, in the line's order */
	size_t n_changes;
	uint32_t fields;                       /* those of them that sobject.h knows */
	bool tells;                            /* more than a new stamp */
	struct json values[MIRROR_MAX_FIELDS]; /* of each field in the record that comes of it */

	/* for mirror_merge_text() and mirror_merge_old() */
	const struct line *line;
	struct json_member *stored;
	size_t n_stored;
	size_t *at; /* of each member of the line: its place in stored, or n_stored */
};

/* fields: of each member of the line, or NULL. Times, dates, Ids and booleans of one meaning are
 * the same however they are written. */
void mirror_merge(const struct sobject *sobject, struct json stored, const struct line *line,
    const struct sobject_field *const *fields, struct mirror_merge *merge);

/* The record that comes of it. */
void mirror_merge_text(const struct mirror_merge *merge, struct buf *out);

/* For the change of a record that goes: those that differ, and all others that have a column. */
struct mirror_change *mirror_merge_old(
    const struct sobject *sobject, const struct mirror_merge *merge, size_t *n);

#endif

/*
 * mirror_record: a record line as it comes in: its object, its Id, and which of its members are
 * fields that sobject.h knows.
 *
 * Owner:   all lives in the line's arena, and points into its text.
 * Errors:  ST_REJECTED, naming what is wrong.
 * Threads: any.
 */
#ifndef SFPIPE_MIRROR_RECORD_H
#define SFPIPE_MIRROR_RECORD_H

#include "line.h"
#include "mirror_sql.h"
#include "sfid.h"
#include "sobject.h"

struct mirror_record {
	const struct sobject *sobject;
	struct arena *arena;
	const struct line *line;
	char id[SFID_SIZE];
	const struct sobject_field **fields;   /* of each member, or NULL */
	struct json values[MIRROR_MAX_FIELDS]; /* of each field, absent if the line lacks it */
};

int mirror_record_read(const struct line *line, struct mirror_record *record, struct err *err);

/* Makes the line of a record with these fields. */
int mirror_record_line(const char *object, const char *id, struct json fields, struct arena *arena,
    struct line *line, struct err *err);

#endif

/*
 * mirror_change: the change lines of records (design 2): which members of a record differ, with
 * their values before and after as they stand in the records' JSON.
 *
 * Threads: any.
 */
#ifndef SFPIPE_MIRROR_CHANGE_H
#define SFPIPE_MIRROR_CHANGE_H

#include "buf.h"
#include "json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The members that a change tells of; the values may be absent. */
struct mirror_change {
	struct json name;
	struct json before;
	struct json after;
};

/* Whether a change of this member tells nothing: attributes, SystemModstamp. */
bool mirror_change_skips(struct json name);

/* Writes the line of a side. has_before: it was there and not deleted; has_after: it is now. */
void mirror_change_line(struct buf *out, int64_t seq, const char *side, const char *object,
    const char *id, const struct mirror_change *changes, size_t n, bool has_before, bool has_after);

/* The line of a record that is new as it stands there, record being its JSON. */
void mirror_change_new(struct buf *out, int64_t seq, const char *side, const char *object,
    const char *id, struct json record, bool deleted);

/* The line of a record that is deleted, for who may have known it before. */
void mirror_change_gone(struct buf *out, int64_t seq, const char *side, const char *object,
    const char *id, struct json record);

#endif

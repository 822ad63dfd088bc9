/*
 * calls_change: what of a call or email differs, and the change line that says so.
 *
 * Of participants and associations a change shows addresses and Ids only; of members that sfpipe
 * does not know, the name. Where associations changed, "added" and "removed" say which came and went.
 *
 * Owner:   all lives in the line's arena.
 * Threads: any.
 */
#ifndef SFPIPE_CALLS_CHANGE_H
#define SFPIPE_CALLS_CHANGE_H

#include "line.h"
#include "mirror_change.h"

#include <stddef.h>
#include <stdint.h>

/* The members that differ between the stored call (absent: it is new) and text, in the arena. */
struct mirror_change *calls_differ(
    struct json stored, struct json text, struct arena *arena, size_t *n);

/* Whether a member of this name is among them. */
bool calls_differ_in(const struct mirror_change *changes, size_t n, const char *name);

void calls_change_line(struct buf *out, int64_t seq, const char *kind, const char *id,
    const struct mirror_change *changes, size_t n, bool is_new);

#endif

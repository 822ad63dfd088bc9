/*
 * mirror_state: what the store knows about itself: the org that it is bound to, how far each object
 * was pulled, and the lines that were rejected.
 *
 * Errors:  ST_REJECTED this line; ST_CONFIG another org's line; anything else the store's.
 */
#ifndef SFPIPE_MIRROR_STATE_H
#define SFPIPE_MIRROR_STATE_H

#include "line.h"
#include "store.h"

/* An org line: binds a store that is not bound; ST_CONFIG if it is bound to another org. */
int mirror_org(struct store *store, const struct line *line, struct err *err);

/* A checkpoint line of an object. A watermark goes back only by "reset":true, or if the list of
 * fields has grown; an older one is passed over. */
int mirror_watermark(struct store *store, const struct line *line, struct err *err);

/* Keeps a rejected line, each once for a tool; the newest 10,000 stay. Invalid UTF-8 is replaced,
 * and what is behind the first 64 KiB left out. at is when. */
int mirror_reject(struct store *store, const char *at, const char *tool, const char *why,
    const char *text, size_t size, struct err *err);

/* A reject line, of a tool upstream. */
int mirror_reject_line(
    struct store *store, const char *at, const struct line *line, struct err *err);

/* The rejected lines that are kept, oldest first, as reject lines with "at". */
int mirror_reject_list(struct store *store, struct line_stream *out, struct err *err);

#endif

/*
 * mirror_find: records of an object by what they are known by; their JSON as it is stored.
 *
 * Errors:  ST_USAGE there is no such object, what is looked for is none (no email, no phone number), or the object has no
 *          such field; else the store's.
 */
#ifndef SFPIPE_MIRROR_FIND_H
#define SFPIPE_MIRROR_FIND_H

#include "line.h"
#include "store.h"

#include <stdbool.h>

/* NULL: not asked for. All that are given must hold. */
struct mirror_find {
	const char *id, *email, *domain, *phone, *name;
	const char *region; /* of a phone number in national form, or NULL */
	bool deleted;       /* deleted ones too */
};

/* object: its API name, in any case. */
int mirror_find(struct store *store, const char *object, const struct mirror_find *find,
    struct line_stream *out, struct err *err);

#endif

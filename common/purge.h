/*
 * purge: held emails that are past their time are destroyed: they, what was rejected of such, what
 * is owed of them and what changes say of them, but for a last one that tells of the end. The file is
 * then written anew and its log emptied, so that nothing of them is left between the lines.
 *
 * A purge that ends early is ended by the next.
 *
 * Errors:  the store's; ST_LATER: somebody reads or writes the store: run again.
 */
#ifndef SFPIPE_PURGE_H
#define SFPIPE_PURGE_H

#include "line.h"
#include "store.h"

#include <stdint.h>

struct purge {
	int64_t now_ms;
	int64_t since_ms;            /* what is from before is past its time */
	struct line_stream *changes; /* takes the last changes, or NULL */
	uint64_t emails, rejects;    /* destroyed */
};

int purge_run(struct purge *purge, struct store *store, struct err *err);

#endif

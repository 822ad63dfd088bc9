/*
 * queue_state: what a queue holds from line to line, for queue.c and queue_consumer.c alone.
 */
#ifndef SFPIPE_QUEUE_STATE_H
#define SFPIPE_QUEUE_STATE_H

#include "buf.h"
#include "rfc3339.h"
#include "store.h"

#include <stdbool.h>
#include <stdint.h>

struct queue {
	struct store *store;
	bool reports;
	bool begun;
	bool ops_wait;   /* there are local ops for an importer */
	bool ops_failed; /* there are ops that failed */
	int64_t newest, newest_record;
	struct buf report;
	struct buf unsettled; /* side, object, id, why, each with its NUL */
	char now[RFC3339_SIZE];
};

#endif

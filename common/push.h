/*
 * push: a bounded batch of lines in, the same lines out, each op with its result (design 6).
 *
 * A batch is done in passes: an op waits for the pass behind another on the same record. Each pass
 * first looks for the creates that were made before and for what changed since, then writes.
 *
 * The first op over a safety limit ends the writing: those before it are done, it and the rest come
 * out as they are, without a result, and no checkpoint after it.
 *
 * Errors:  as salesforce.h; ops without a result are then written as they came.
 */
#ifndef SFPIPE_PUSH_H
#define SFPIPE_PUSH_H

#include "diag.h"
#include "line.h"
#include "salesforce.h"

#include <stdbool.h>
#include <stdint.h>

struct push; /* opaque */

/* Safety limits on a run's ops; an upsert counts as a create and as an update. */
enum push_limit { PUSH_MAX_CREATE, PUSH_MAX_UPDATE, PUSH_MAX_DELETE, PUSH_LIMITS };

struct push_options {
	const struct salesforce_options *login; /* for those whom ops are written as */
	bool dry_run;
	bool strict;          /* the first line that is rejected is the last that is read */
	bool unless_modified; /* an update is written only if nobody was faster (push_strict.h) */
	uint64_t max[PUSH_LIMITS];
	const volatile int *stop; /* set by a signal handler: no further request */
};

struct push *push_open(
    struct salesforce *sf, struct line_stream *lines, const struct push_options *options);
void push_close(struct push *push);

/* Takes a line: passes it on, or keeps it for the next flush. */
int push_take(struct push *push, const struct line *line, struct err *err);

/* Takes a line that line_next() refused: keeps it for its place, or, false, leaves it to be rejected
 * at once, all before it being written. line NULL: one that is too long. */
bool push_refused(
    struct push *push, const struct line *line, const struct err *why, struct err *err);

/* Does what is kept, and writes it out; only the latter if err is set already. */
int push_flush(struct push *push, struct err *err);

/* If an op was one too many: sets err to say so. Of a dry run: that it would be. */
void push_check_limits(const struct push *push, struct err *err);

/* Ops that failed, and those that were left undone. */
uint64_t push_failed(const struct push *push);
uint64_t push_undone(const struct push *push);

/* Whether results could not be written out: the stream has the reason. */
bool push_broken(const struct push *push);

#endif

/*
 * push_batch: the lines that wait in sf-push: ops, each with its result once it has one, and what
 * stands between them.
 *
 * Owner:   zero-initialize; push_batch_clear() empties it, push_batch_free() ends it. Lines are
 *          copied.
 */
#ifndef SFPIPE_PUSH_BATCH_H
#define SFPIPE_PUSH_BATCH_H

#include "arena.h"
#include "diag.h"
#include "line.h"
#include "push_op.h"
#include "sferror.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PUSH_COLLECTION 200 /* records a collection */
#define PUSH_BATCH 10000    /* ops: their stamps are read in one call, they are written in ten */
#define PUSH_BATCH_LINES 20000
#define PUSH_BATCH_BYTES ((size_t)32 * 1024 * 1024)
#define PUSH_TRIES 4

struct push_entry {
	struct line line;
	struct err *why; /* a reject's; NULL for others */
	bool is_op;
	struct push_op op;
	const char *key; /* push_op_key() */
	bool taken;      /* in the pass that is under way */
	bool done;       /* has its result */
	bool ok;
	bool repeated; /* sent before, and the answer was lost */
	bool seen;     /* looked at for changes since op.seen_ms */
	bool looked;   /* in this pass, for a former create */
	bool alone;    /* looked for by itself: what comes is what was asked for */
	bool as_text;  /* what reads as a date in its find is none */
	char found[SFID_SIZE];
	unsigned tries;
	size_t max_group; /* records a collection with it in it */
	const char *result;
};

struct push_batch {
	struct arena *arena;
	struct push_entry **entries;
	size_t n, room;
	size_t n_ops;
	size_t bytes;
	bool strict; /* updates only if nobody was faster; push_batch_clear() keeps it */
	bool again;  /* some are to be tried again in a while */
};

void push_batch_clear(struct push_batch *batch);
void push_batch_free(struct push_batch *batch);

/* Copies a line into it; why is copied too. */
struct push_entry *push_batch_add(
    struct push_batch *batch, const struct line *line, const struct err *why);

bool push_batch_full(const struct push_batch *batch);

/* The result of an entry. ok: */
void push_succeed(struct push_batch *batch, struct push_entry *entry, const char *id, bool created);

/* Not ok: errors is a JSON array, of Salesforce; says it, or leaves the op for another try if that
 * can help. */
void push_fail(struct push_batch *batch, struct push_entry *entry, struct json errors);

/* Says an array of errors, one a line: "stdin:7: update Lead 00Q...: Phone: CODE: message". */
void push_say(struct push_batch *batch, const struct push_entry *entry, struct json errors);

/* Not written, for a reason of ours that passes: the result says retry. */
void push_put_back(
    struct push_batch *batch, struct push_entry *entry, const char *code, const char *message);

/* Not ok for a reason of ours. */
void push_fail_with(
    struct push_batch *batch, struct push_entry *entry, const char *code, const char *message);

#endif

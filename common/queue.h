/*
 * queue: what has changed (design 6, "Pending is a set"): the transactions of store-apply, and the
 * changes that each appends. What consumers make of them is queue_consumer.h's.
 *
 * A change is appended in the transaction of what it tells of. The record is decided anew: its ops
 * that wait for an importer are taken away, those that failed count no more; if no link holds its two
 * records together, the other one is owed to the sync.
 *
 * Owner:   queue_open()'s caller; the store must outlive it.
 * Errors:  the store's.
 */
#ifndef SFPIPE_QUEUE_H
#define SFPIPE_QUEUE_H

#include "buf.h"
#include "store.h"

#include <stdbool.h>
#include <stdint.h>

struct queue; /* opaque */

/* now_ms is the clock (--now). report: whether change lines are wanted back. */
struct queue *queue_open(struct store *store, int64_t now_ms, bool report);
void queue_close(struct queue *queue);

/* The clock as text; what queue_open() was told. */
const char *queue_now(const struct queue *queue);

/* A transaction of the store's: begins one unless one is open; ends it, if one is open. */
int queue_begin(struct queue *queue, struct err *err);
int queue_commit(struct queue *queue, struct err *err);

/* Whether whole change lines are wanted back, and they: change lines of this transaction, each
 * with its newline; the caller writes them out after the commit and clears the buf. */
bool queue_reports(const struct queue *queue);
struct buf *queue_report(struct queue *queue);

/* The seq of the next change; of the newest one; of the newest one of side salesforce. */
int64_t queue_next_seq(const struct queue *queue);
int64_t queue_newest_record(const struct queue *queue);

/* Appends a change with queue_next_seq(). brief: the table keeps no line of it, as it can be made
 * from the record (mirror_change.h); line is then only reported, and may be empty. */
int queue_put(struct queue *queue, const char *side, const char *object, const char *id,
    const struct buf *line, bool brief, struct err *err);

/* There is a local op that waits for its importer from now on. */
void queue_op_waits(struct queue *queue);

/* Takes away the local ops that wait of a record, known by either side (NULL: not), but for number
 * but. queue_put() does so itself, for what changed. */
int queue_withdraw(struct queue *queue, const char *object, const char *id,
    const char *local_object, const char *local_id, int64_t but, struct err *err);

/* There is an op that failed from now on. */
void queue_op_failed(struct queue *queue);

/* The failed ops of a record, known as above, count no more; to: those for this side alone, or NULL.
 * queue_put() does so itself, for what changed. */
int queue_outdate(struct queue *queue, const char *to, const char *object, const char *id,
    const char *local_object, const char *local_id, struct err *err);

#endif

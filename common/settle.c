#include "settle.h"

#include "link.h"
#include "queue_consumer.h"
#include "queue_op.h"
#include "settle_wait.h"
#include "sfid.h"
#include "sobject.h"

#include <stdlib.h>
#include <string.h>

struct settle {
	struct store *store;
	struct queue *queue;
	struct mirror *mirror;
	struct local *local;
	struct arena *arena;   /* of last */
	struct link_pair last; /* of the newest op for Salesforce */
	bool last_stands;      /* its result is ok */
};

struct settle *
settle_open(struct store *store, struct queue *queue, struct mirror *mirror, struct local *local)
{
	struct settle *settle = xalloc(sizeof *settle);

	*settle = (struct settle){.store = store,
	    .queue = queue,
	    .mirror = mirror,
	    .local = local,
	    .arena = arena_open()};
	return settle;
}

void
settle_close(struct settle *settle)
{
	if (!settle)
		return;
	arena_close(settle->arena);
	free(settle);
}

bool
settle_is(const struct line *line)
{
	struct json object = line_get(line, "local_object");

	return json_is(line_get(line, "to"), "local") || line_get(line, "base").at ||
	       (json_has(object) && !json_is(object, "call") && !json_is(object, "email"));
}

static struct link_pair
pair_of(const struct queue_op *op)
{
	return (struct link_pair){op->object, op->id, op->local_object, op->local_id};
}

static const char *
keep_text(struct settle *settle, const char *text)
{
	return text ? arena_dup(settle->arena, text, strlen(text)) : NULL;
}

static void
remember(struct settle *settle, const struct queue_op *op)
{
	arena_reset(settle->arena);
	settle->last = (struct link_pair){keep_text(settle, op->object), keep_text(settle, op->id),
	    keep_text(settle, op->local_object), keep_text(settle, op->local_id)};
	settle->last_stands = op->settled && op->ok;
}

static bool
same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* Whether the op before, for Salesforce, was of this pair and did not succeed. */
static bool
is_held_back(const struct settle *settle, const struct queue_op *op)
{
	const struct link_pair *last = &settle->last;
	bool same_pair =
	    (same(last->object, op->object) && same(last->salesforce_id, op->id)) ||
	    (same(last->local_object, op->local_object) && same(last->local_id, op->local_id));

	return same_pair && !settle->last_stands;
}

static int
withdraw(struct settle *settle, const struct queue_op *op, int64_t but, struct err *err)
{
	return queue_withdraw(
	    settle->queue, op->object, op->id, op->local_object, op->local_id, but, err);
}

static int
outdate(struct settle *settle, const struct queue_op *op, const char *to, struct err *err)
{
	return queue_outdate(
	    settle->queue, to, op->object, op->id, op->local_object, op->local_id, err);
}

/* The pair is decided anew by the next run of the sync. */
static void
stays_owed(struct settle *settle, const struct queue_op *op, const char *why)
{
	if (op->id)
		queue_unsettled(settle->queue, "salesforce", op->object, op->id, why);
	else if (op->local_object)
		queue_unsettled(settle->queue, "local", op->local_object, op->local_id, why);
}

static int
owe_pair(struct settle *settle, const struct link_pair *pair, const char *why, struct err *err)
{
	return queue_owe(
	    settle->queue, "sync", "salesforce", pair->object, pair->salesforce_id, why, err);
}

static void
say_taken(const struct link_pair *pair, const struct link *other)
{
	char local[128];

	diag_notice("error", "LINKED_ALREADY", pair->object,
	    "%s %s and local %s %s are not linked: %s %s is linked to %s %s", pair->object,
	    pair->salesforce_id, pair->local_object,
	    diag_escape(local, sizeof local, pair->local_id, strlen(pair->local_id)), other->object,
	    other->salesforce_id, other->local_object, other->local_id);
}

/* 1 with the link of the pair, made if need be; 0 if one of the two is linked to another, or if a
 * person parted them meanwhile. */
static int
make_link(struct settle *settle, const struct link_pair *pair, struct arena *arena,
    struct link *link, struct err *err)
{
	int there = link_between(settle->store, pair, arena, link, err);

	if (there < 0 || (there && link_is_parted(link)))
		return there < 0 ? -1 : 0;
	int taken =
	    link_make(settle->store, pair, "op", queue_now(settle->queue), arena, link, err);
	if (taken == 1)
		say_taken(pair, link);
	if (taken != 0)
		return taken < 0 ? -1 : 0;
	return link_between(settle->store, pair, arena, link, err);
}

static bool
is_op(const struct queue_op *op, const char *name)
{
	return strcmp(op->op, name) == 0;
}

/* What Salesforce took. */
static int
settle_salesforce(
    struct settle *settle, const struct line *line, const struct queue_op *op, struct err *err)
{
	struct link_pair pair = pair_of(op);
	struct link link;
	const char *modified = NULL;
	bool writes = !is_op(op, "none") && !is_op(op, "delete");
	/* it was there: nothing was written */
	bool found = is_op(op, "create") &&
		     json_kind(json_get(line_get(line, "result"), "created")) == JSON_IS_FALSE;
	int linked = 0;

	if (!op->id)
		return err_set(err, ST_REJECTED, "op: the result names no record");
	if (writes && !found &&
	    mirror_write(
		settle->mirror, op->object, op->id, op->fields, line->arena, &modified, err) != 0) {
		if (err->status != ST_REJECTED)
			return -1;
		err_clear(err); /* Salesforce took it: the next pull tells how it reads */
	}
	if (pair.local_object && pair.local_id)
		linked = make_link(settle, &pair, line->arena, &link, err);
	if (linked <= 0)
		return linked;
	if (found)
		return owe_pair(settle, &pair, "found, not created", err);
	if (link_told(settle->store, &link, err) != 0 ||
	    (writes && link_wrote(settle->store, &link, modified, err) != 0))
		return -1;
	return link_put_bases(settle->store, link.n, line_get(line, "base"), line->arena, err);
}

static int
op_salesforce(
    struct settle *settle, const struct line *line, const struct queue_op *op, struct err *err)
{
	remember(settle, op);
	if (op->settled) {
		int kept = queue_op_is_kept(settle->store, line, op, err);
		if (kept != 0)
			return kept < 0 ? -1 : 0;
	}
	if (withdraw(settle, op, 0, err) != 0 || outdate(settle, op, NULL, err) != 0)
		return -1;
	if (!op->settled) {
		stays_owed(settle, op, "to be done");
		return 0;
	}
	if (op->ok && settle_salesforce(settle, line, op, err) != 0)
		return -1;
	return is_op(op, "none") ? 0 : queue_op_keep(settle->queue, settle->store, line, op, err);
}

/* What the importer wrote. */
static int
settle_local(
    struct settle *settle, const struct line *line, const struct queue_op *op, struct err *err)
{
	struct json result = line_get(line, "result");
	struct link_pair pair = pair_of(op);
	struct link link;
	int linked = 0;

	if (json_has(json_get(result, "local_id")))
		pair.local_id = json_decode(json_get(result, "local_id"), line->arena, NULL);
	if (!pair.local_object || !pair.local_id)
		return err_set(err, ST_REJECTED, "op: the result names no local record (local_id)");
	struct local_write write = {.object = pair.local_object,
	    .id = pair.local_id,
	    .salesforce_id = is_op(op, "create") ? pair.salesforce_id : NULL,
	    .fields = op->fields,
	    .modified = json_get(result, "modified")};
	if (!is_op(op, "none") && local_write(settle->local, &write, line->arena, err) != 0)
		return -1;
	if (pair.salesforce_id)
		linked = make_link(settle, &pair, line->arena, &link, err);
	if (linked <= 0)
		return linked;
	/* Salesforce is to be told of it; and while there was no link, nobody heard of a deletion */
	if (is_op(op, "create") && owe_pair(settle, &pair, "created locally", err) != 0)
		return -1;
	return link_put_bases(settle->store, link.n, line_get(line, "base"), line->arena, err);
}

/* A decision of resolve-conflicts. */
static int
decide_local(
    struct settle *settle, const struct line *line, const struct queue_op *op, struct err *err)
{
	int64_t n = 0;

	if (!op->local_object || (!op->local_id && !op->id))
		return err_set(err, ST_REJECTED, "op for the local side that names no record");
	if (is_held_back(settle, op))
		return withdraw(settle, op, 0, err);
	int waits = settle_wait_find(settle->store, line, op, &n, err);
	if (waits < 0 || withdraw(settle, op, n, err) != 0 ||
	    outdate(settle, op, "local", err) != 0)
		return -1;
	return waits ? 0 : settle_wait(settle->store, settle->queue, line, op, err);
}

/* The pair was decided anew while the importer worked on this: what was decided then knows nothing
 * of what it wrote. */
static int
end_replaced(
    struct settle *settle, const struct line *line, const struct queue_op *op, struct err *err)
{
	struct link_pair pair = pair_of(op);

	if (!op->ok)
		return 0;
	int kept = queue_op_is_kept(settle->store, line, op, err);
	if (kept != 0)
		return kept < 0 ? -1 : 0;
	if (settle_local(settle, line, op, err) != 0 || withdraw(settle, op, 0, err) != 0 ||
	    (op->id && owe_pair(settle, &pair, "written while it was decided anew", err) != 0))
		return -1;
	return queue_op_keep(settle->queue, settle->store, line, op, err);
}

static int
op_result(struct settle *settle, const struct line *line, const struct queue_op *op, int64_t seq,
    struct err *err)
{
	int state = seq ? settle_wait_state(settle->store, seq, err) : 2;

	if (state < 0)
		return -1;
	if (state == 1)
		return 0;
	if (state == 2 && seq)
		return end_replaced(settle, line, op, err);
	if (op->ok && settle_local(settle, line, op, err) != 0)
		return -1;
	if (seq)
		return settle_wait_end(settle->store, settle->queue, line, op, seq, err);
	if (withdraw(settle, op, 0, err) != 0 || outdate(settle, op, "local", err) != 0)
		return -1;
	return is_op(op, "none") ? 0 : queue_op_keep(settle->queue, settle->store, line, op, err);
}

static int
op_local(struct settle *settle, const struct line *line, struct queue_op *op, struct err *err)
{
	struct json seq_json = line_get(line, "seq");
	int64_t seq = json_kind(seq_json) == JSON_IS_NUMBER ? strtoll(seq_json.at, NULL, 10) : 0;

	if (seq && !op->settled)
		return 0; /* it goes on waiting */
	if (!op->settled && json_has(line_get(line, "result"))) {
		stays_owed(settle, op, "to be done");
		return withdraw(settle, op, 0, err);
	}
	return op->settled ? op_result(settle, line, op, seq, err)
			   : decide_local(settle, line, op, err);
}

int
settle_op(struct settle *settle, const struct line *line, struct err *err)
{
	struct queue_op op;

	if (queue_op_read(line, &op, err) != 0)
		return -1;
	return strcmp(op.to, "local") == 0 ? op_local(settle, line, &op, err)
					   : op_salesforce(settle, line, &op, err);
}

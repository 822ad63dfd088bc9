#include "push.h"

#include "push_batch.h"
#include "push_check.h"
#include "push_find.h"
#include "push_seen.h"
#include "push_strict.h"
#include "push_user.h"
#include "push_write.h"
#include "table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct push {
	struct salesforce *sf;
	struct push_users *users;
	struct line_stream *lines;
	struct push_options options;
	struct push_batch batch;
	struct push_checks *checks;
	uint64_t counts[PUSH_LIMITS]; /* of ops that may be written */
	uint64_t over[PUSH_LIMITS];   /* of those that came at the limit or later */
	uint64_t over_line;           /* the first of them; 0: none */
	enum push_limit over_limit;   /* which it was */
	uint64_t failed, undone;
	bool broken; /* the output is gone */
};

static const struct {
	const char *option, *many;
} limits[PUSH_LIMITS] = {
    [PUSH_MAX_CREATE] = {"--max-create", "creates"},
    [PUSH_MAX_UPDATE] = {"--max-update", "updates"},
    [PUSH_MAX_DELETE] = {"--max-delete", "deletions"},
};

struct push *
push_open(struct salesforce *sf, struct line_stream *lines, const struct push_options *options)
{
	struct push *push = xalloc(sizeof *push);

	push->sf = sf;
	push->lines = lines;
	push->options = *options;
	push->checks = push_checks_open();
	push->users = push_users_open(sf, options->login, options->stop);
	push->batch.strict = options->unless_modified;
	return push;
}

void
push_close(struct push *push)
{
	if (!push)
		return;
	push_checks_close(push->checks);
	push_users_close(push->users);
	push_batch_free(&push->batch);
	free(push);
}

static const char *
entry_key(const void *arg, uint32_t number)
{
	const struct push_batch *batch = arg;

	return batch->entries[number]->key;
}

static bool
same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Takes all of this user's that may go now: of ops on one record the first that is not done. */
static size_t
take_pass(struct push_batch *batch, const char *as)
{
	struct table first = {.key = entry_key, .arg = batch};
	size_t n = 0;

	for (size_t i = 0; i < batch->n; i++) {
		struct push_entry *entry = batch->entries[i];
		entry->taken = entry->is_op && !entry->done && same_text(entry->op.as, as);
		if (entry->taken && entry->key) {
			entry->taken = table_get(&first, entry->key) == TABLE_NONE;
			if (entry->taken)
				table_put(&first, (uint32_t)i);
		}
		n += entry->taken;
	}
	table_free(&first);
	batch->again = false;
	return n;
}

static int
check_stop(const struct push *push, struct err *err)
{
	if (!*push->options.stop)
		return 0;
	return err_set(err, ST_LATER, "interrupted: what was not sent is left undone");
}

static int
run_passes(struct push *push, struct salesforce *sf, const char *as, struct err *err)
{
	struct push_batch *batch = &push->batch;

	while (take_pass(batch, as) > 0) {
		if (check_stop(push, err) != 0 || push_find(sf, batch, err) != 0 ||
		    push_seen(sf, batch, err) != 0 || check_stop(push, err) != 0 ||
		    push_write(sf, batch, push->options.stop, err) != 0)
			return -1;
		if (batch->strict && !batch->again &&
		    push_strict(sf, batch, push->options.stop, err) != 0)
			return -1;
		if (batch->again) {
			salesforce_failed(sf, "some records could not be written for now", false);
			if (salesforce_wait(sf, err) != 0)
				return -1;
		}
	}
	return 0;
}

/* No op of a user who cannot be logged in is written; others are. */
static void
refuse_user(struct push_batch *batch, const char *as, const struct err *why)
{
	for (size_t i = 0; i < batch->n; i++) {
		struct push_entry *entry = batch->entries[i];
		if (entry->is_op && !entry->done && same_text(entry->op.as, as))
			push_fail_with(batch, entry, "AS_REFUSED",
			    arena_printf(batch->arena, "as %s: %s", as, why->text));
	}
}

/* Each user's ops in turn, our own first. */
static int
run_users(struct push *push, struct err *err)
{
	if (run_passes(push, push->sf, NULL, err) != 0)
		return -1;
	for (size_t i = 0; i < push->batch.n; i++) {
		struct push_entry *entry = push->batch.entries[i];
		struct err why = {0};
		if (!entry->is_op || entry->done)
			continue;
		struct salesforce *sf = push_users_get(push->users, entry->op.as, &why);
		if (sf) {
			if (run_passes(push, sf, entry->op.as, err) != 0)
				return -1;
		} else if (why.status == ST_NOPERM || why.status == ST_CONFIG) {
			refuse_user(&push->batch, entry->op.as, &why);
		} else {
			return err_set(err, why.status, "%s", why.text);
		}
	}
	return 0;
}

/* Writes out the batch. Once something stopped the run no checkpoint may follow, nor where nothing
 * was done (--dry-run): it would settle what was not. */
static void
write_out(struct push *push, bool stopped)
{
	bool settles = !stopped && !push->options.dry_run;

	for (size_t i = 0; i < push->batch.n; i++) {
		struct push_entry *entry = push->batch.entries[i];
		if (entry->why) {
			line_reject(push->lines, &entry->line, entry->why);
		} else if (entry->is_op && entry->done) {
			push->failed += !entry->ok;
			line_set(&entry->line, "result", entry->result, strlen(entry->result));
			line_put(push->lines, &entry->line);
		} else if (settles || !line_is(&entry->line, "checkpoint")) {
			push->undone += entry->is_op;
			line_pass(push->lines, &entry->line);
		}
	}
}

/* The output is gone: what was done is said on stderr at least. */
static void
say_unreported(struct push *push)
{
	for (size_t i = 0; i < push->batch.n; i++) {
		struct push_entry *entry = push->batch.entries[i];
		if (entry->is_op && entry->done)
			diag_say("stdin:%" PRIu64 ": %s: could not be reported: %s",
			    entry->line.number, push_op_name(&entry->op, push->batch.arena),
			    entry->result);
	}
}

int
push_flush(struct push *push, struct err *err)
{
	int got = err->status ? -1 : 0; /* what stopped the run stops this too */

	if (push->batch.n == 0)
		return 0;
	if (got != 0)
		; /* nothing more is sent */
	else if (push->options.dry_run && push->batch.n_ops > 0)
		got = push_check(push->checks, push->sf, &push->batch, err);
	else if (push->batch.n_ops > 0)
		got = run_users(push, err);
	write_out(push, got != 0);
	if (line_flush(push->lines) != 0) {
		say_unreported(push);
		push->broken = true;
		got = -1;
	}
	push_batch_clear(&push->batch);
	return got;
}

/* design 6: another org's ops are refused before anything is written. */
static int
check_org(struct push *push, const struct line *line, const char *org, struct err *err)
{
	if (!org)
		return 0;
	const char *ours = salesforce_org(push->sf, err);
	if (!ours)
		return -1;
	if (strcmp(ours, org) == 0)
		return 0;
	return err_set(err, ST_CONFIG,
	    "stdin:%" PRIu64 ": the op is for org %s, but these credentials are of org %s",
	    line->number, org, ours);
}

static bool
counts_as(const struct push_op *op, enum push_limit limit)
{
	switch (op->kind) {
	case PUSH_CREATE:
		return limit == PUSH_MAX_CREATE;
	case PUSH_UPDATE:
		return limit == PUSH_MAX_UPDATE;
	case PUSH_UPSERT:
		return limit != PUSH_MAX_DELETE;
	case PUSH_DELETE:
		return limit == PUSH_MAX_DELETE;
	default:
		return false;
	}
}

/* Counts it; whether it is, or comes after, one too many. */
static bool
is_over(struct push *push, const struct push_op *op, uint64_t line)
{
	for (enum push_limit i = 0; i < PUSH_LIMITS && push->over_line == 0; i++)
		if (counts_as(op, i) && push->counts[i] == push->options.max[i]) {
			push->over_line = line;
			push->over_limit = i;
		}
	for (enum push_limit i = 0; i < PUSH_LIMITS; i++)
		*(push->over_line ? &push->over[i] : &push->counts[i]) += counts_as(op, i);
	return push->over_line != 0;
}

void
push_check_limits(const struct push *push, struct err *err)
{
	const uint64_t *over = push->over, *counts = push->counts;
	enum push_limit limit = push->over_limit;

	if (push->over_line == 0)
		return;
	err_set(err, ST_CONFIG,
	    "%s %" PRIu64 ": stdin:%" PRIu64 " %s one of the %s too many (%" PRIu64
	    " in all); %s %" PRIu64 " creates, %" PRIu64 " updates and %" PRIu64
	    " deletions; left undone are %" PRIu64 " creates, %" PRIu64 " updates and %" PRIu64
	    " deletions; if that is right, give %s %" PRIu64,
	    limits[limit].option, push->options.max[limit], push->over_line,
	    push->options.dry_run ? "would be" : "is", limits[limit].many,
	    counts[limit] + over[limit],
	    push->options.dry_run ? "before it would be done" : "before it came",
	    counts[PUSH_MAX_CREATE], counts[PUSH_MAX_UPDATE], counts[PUSH_MAX_DELETE],
	    over[PUSH_MAX_CREATE], over[PUSH_MAX_UPDATE], over[PUSH_MAX_DELETE],
	    limits[limit].option, counts[limit] + over[limit]);
}

/* No more is written: the op, and what follows, goes on as it is. */
static int
pass_over(struct push *push, const struct line *line, struct err *err)
{
	if (push->batch.n > 0 && push_flush(push, err) != 0)
		return -1;
	push->undone++;
	line_pass(push->lines, line);
	return 0;
}

static int
take_op(struct push *push, const struct line *line, struct err *err)
{
	struct push_op op;
	struct err why = {0};

	if (push_op_read(line, &op, &why) == 0 && push->options.unless_modified &&
	    op.kind == PUSH_UPDATE && !op.has_seen)
		err_set(&why, ST_REJECTED,
		    "update without seen, which --unless-modified compares with");
	if (why.status) {
		if (!push_refused(push, line, &why, err) && !err->status)
			line_reject(push->lines, line, &why);
		return err->status ? -1 : 0;
	}
	if (check_org(push, line, op.org, err) != 0)
		return -1;
	if (is_over(push, &op, line->number) && !push->options.dry_run)
		return pass_over(push, line, err);
	struct push_entry *entry = push_batch_add(&push->batch, line, NULL);
	push_op_read(&entry->line, &entry->op, &why); /* again, to point into the copy */
	entry->is_op = true;
	entry->key = push_op_key(&entry->op, push->batch.arena);
	push->batch.n_ops++;
	if (entry->op.kind == PUSH_NONE && !push->options.dry_run)
		push_succeed(&push->batch, entry, entry->op.id, false);
	return push_batch_full(&push->batch) ? push_flush(push, err) : 0;
}

bool
push_refused(struct push *push, const struct line *line, const struct err *why, struct err *err)
{
	if (!line || push->options.strict)
		push_flush(push, err);
	if (!line || push->batch.n == 0)
		return false;
	push_batch_add(&push->batch, line, why);
	if (push_batch_full(&push->batch))
		push_flush(push, err);
	return true;
}

int
push_take(struct push *push, const struct line *line, struct err *err)
{
	if (push_op_is(line))
		return take_op(push, line, err);
	if (line_is(line, "org")) {
		size_t size;
		char org[SFID_SIZE];
		const char *text = json_decode(line_get(line, "org"), line->arena, &size);
		if (text && sfid_widen(text, size, org) == 0 &&
		    check_org(push, line, org, err) != 0)
			return -1;
	}
	if (line_is(line, "checkpoint")) {
		if (push_flush(push, err) != 0)
			return -1;
		if (push->over_line)
			return 0; /* the run will not end well: design 2 */
	}
	if (push->batch.n == 0) {
		line_pass(push->lines, line);
		return 0;
	}
	push_batch_add(&push->batch, line, NULL);
	return push_batch_full(&push->batch) ? push_flush(push, err) : 0;
}

uint64_t
push_failed(const struct push *push)
{
	return push->failed;
}

bool
push_broken(const struct push *push)
{
	return push->broken;
}

uint64_t
push_undone(const struct push *push)
{
	return push->undone;
}

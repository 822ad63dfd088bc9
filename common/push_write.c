#include "push_write.h"

#include "composite.h"
#include "soql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_BODY ((size_t)16 * 1024 * 1024)
#define MAX_COLLECTION ((size_t)4 * 1024 * 1024)

/* One collection. */
struct group {
	struct push_entry *entries[PUSH_COLLECTION];
	size_t n;
	bool bare; /* not within a composite */
};

struct writing {
	struct salesforce *sf;
	struct push_batch *batch;
	struct push_entry **order; /* those that are taken, sorted */
	size_t n, at;
	struct group groups[COMPOSITE_QUERIES];
	size_t n_groups;
	struct buf body;
};

/* Parents first. */
static int
rank(const char *object)
{
	static const char *const names[] = {"Account", "Contact", "Lead", "Campaign", "Opportunity",
	    "OpportunityContactRole", "CampaignMember", "Task", "Event"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], object) == 0)
			return (int)i;
	return 100;
}

/* 0: they may be in one collection. */
static int
compare_kind(const struct push_op *a, const struct push_op *b)
{
	int by = rank(a->object) - rank(b->object);

	if (by == 0)
		by = strcmp(a->object, b->object);
	if (by == 0)
		by = (int)a->kind - (int)b->kind;
	if (by == 0 && a->kind == PUSH_UPSERT)
		by = strcmp(a->external_field, b->external_field);
	return by;
}

static int
compare(const void *a, const void *b)
{
	const struct push_entry *x = *(struct push_entry *const *)a;
	const struct push_entry *y = *(struct push_entry *const *)b;
	int by = compare_kind(&x->op, &y->op);

	if (by != 0)
		return by;
	return x->line.number < y->line.number ? -1 : x->line.number > y->line.number;
}

/* The next collection's entries; false if none is left. */
static bool
next_group(struct writing *writing, struct group *group)
{
	size_t bytes = 0, max = PUSH_COLLECTION;

	*group = (struct group){0};
	for (; writing->at < writing->n; writing->at++) {
		struct push_entry *entry = writing->order[writing->at];
		if (entry->max_group < max)
			max = entry->max_group;
		if (group->n > 0 && (group->n >= max || bytes + entry->line.size > MAX_COLLECTION ||
					compare_kind(&group->entries[0]->op, &entry->op) != 0 ||
					group->bare != push_op_is_bare(&entry->op)))
			break;
		group->bare = push_op_is_bare(&entry->op);
		bytes += entry->line.size;
		group->entries[group->n++] = entry;
	}
	return group->n > 0;
}

static const char *
method_of(enum push_kind kind)
{
	return kind == PUSH_CREATE ? "POST" : kind == PUSH_DELETE ? "DELETE" : "PATCH";
}

static void
put_url(const struct group *group, struct buf *url)
{
	const struct push_op *op = &group->entries[0]->op;

	buf_clear(url);
	buf_puts(url, "composite/sobjects");
	if (op->kind == PUSH_UPSERT)
		buf_printf(url, "/%s/%s", op->object, op->external_field);
	if (op->kind != PUSH_DELETE)
		return;
	for (size_t i = 0; i < group->n; i++)
		buf_printf(url, "%s%s", i ? "," : "?ids=", group->entries[i]->op.id);
	buf_puts(url, "&allOrNone=false");
}

static void
put_records(const struct group *group, struct buf *json)
{
	buf_clear(json);
	buf_puts(json, "{\"allOrNone\":false,\"records\":[");
	for (size_t i = 0; i < group->n; i++) {
		if (i > 0)
			buf_putc(json, ',');
		push_op_put_record(&group->entries[i]->op, json);
	}
	buf_puts(json, "]}");
}

static void
add_group(struct writing *writing, const struct group *group, size_t i)
{
	struct buf url = {0}, records = {0};
	enum push_kind kind = group->entries[0]->op.kind;
	char reference[24];

	snprintf(reference, sizeof reference, "c%zu", i);
	put_url(group, &url);
	put_records(group, &records);
	composite_add(writing->sf, &writing->body, method_of(kind), reference, url.text,
	    "{\"Sforce-Auto-Assign\":\"false\"}", kind == PUSH_DELETE ? NULL : &records);
	buf_free(&url);
	buf_free(&records);
}

/* The next composite, or one collection alone; false if nothing is left. */
static bool
next_call(struct writing *writing)
{
	writing->n_groups = 0;
	composite_begin(&writing->body);
	while (writing->n_groups < COMPOSITE_QUERIES && writing->body.size < MAX_BODY) {
		size_t before = writing->at;
		struct group *group = &writing->groups[writing->n_groups];
		if (!next_group(writing, group))
			break;
		if (group->bare && writing->n_groups > 0) {
			writing->at = before;
			break;
		}
		writing->n_groups++;
		if (group->bare)
			break;
		add_group(writing, group, writing->n_groups - 1);
	}
	composite_end(&writing->body);
	return writing->n_groups > 0;
}

/* One record's result. */
static void
take_result(struct push_batch *batch, struct push_entry *entry, struct json result)
{
	size_t size;
	char wide[SFID_SIZE];
	const char *id = json_decode(json_get(result, "id"), batch->arena, &size);
	bool created =
	    entry->op.kind == PUSH_CREATE || json_kind(json_get(result, "created")) == JSON_IS_TRUE;

	if (json_kind(json_get(result, "success")) != JSON_IS_TRUE) {
		/* 200 is the collection's, which has errors for each record that failed */
		push_fail(
		    batch, entry, sferror_whole(200, json_get(result, "errors"), batch->arena));
		return;
	}
	if (!id || sfid_widen(id, size, wide) != 0)
		snprintf(wide, sizeof wide, "%s", entry->op.id);
	push_succeed(batch, entry, wide, created);
}

/* The collection was refused as a whole: by one bad record, maybe, so halves are tried. */
static int
take_refusal(struct writing *writing, struct group *group, struct json body, struct err *err)
{
	struct arena *arena = salesforce_arena(writing->sf);
	struct sferror error = sferror_read(body, arena);
	bool divides =
	    group->n > 1 && (error.class == SFERROR_FAILED || error.class == SFERROR_FIELD);

	if (error.class == SFERROR_LIMIT)
		return err_set(
		    err, ST_LATER, "Salesforce stops us: %s", sferror_text(&error, arena));
	if (error.class == SFERROR_REFUSED || error.class == SFERROR_LOGIN)
		return err_set(
		    err, ST_NOPERM, "Salesforce refused it: %s", sferror_text(&error, arena));
	for (size_t i = 0; i < group->n; i++) {
		if (divides)
			group->entries[i]->max_group = (group->n + 1) / 2;
		else
			push_fail(writing->batch, group->entries[i], body);
	}
	return 0;
}

/* Its answer is lost, and it may have been done: a create that cannot be found is not repeated. */
static void
lose_group(struct push_batch *batch, struct group *group)
{
	for (size_t i = 0; i < group->n; i++) {
		struct push_entry *entry = group->entries[i];
		entry->repeated = true;
		if (!entry->done && entry->op.kind == PUSH_CREATE && !json_has(entry->op.find))
			push_fail_with(batch, entry, "ANSWER_LOST",
			    "the answer did not come: the record may have been created; look "
			    "before it is created again");
	}
}

static void
take_loss(struct writing *writing)
{
	writing->batch->again = true;
	for (size_t i = 0; salesforce_maybe_done(writing->sf) && i < writing->n_groups; i++)
		lose_group(writing->batch, &writing->groups[i]);
}

static int
take_group(
    struct writing *writing, struct group *group, int status, struct json body, struct err *err)
{
	struct json_each each = json_each(body);
	struct json_member item;
	size_t n = 0;

	if (status == 0) {
		lose_group(writing->batch, group);
		return err_set(err, ST_PROTOCOL, "the answer to a composite lacks a part");
	}
	if (status < 200 || status > 299)
		return take_refusal(writing, group, body, err);
	while (json_kind(body) == JSON_IS_ARRAY && n < group->n && json_next(&each, &item))
		take_result(writing->batch, group->entries[n++], item.value);
	if (n < group->n)
		lose_group(writing->batch, group);
	if (n < group->n)
		return err_set(err, ST_PROTOCOL,
		    "a collection of %zu records was answered with %zu results", group->n, n);
	return 0;
}

static int
take_answer(struct writing *writing, struct err *err)
{
	struct json body;
	char reference[24];
	int got = 0;

	if (writing->groups[0].bare)
		return take_group(
		    writing, &writing->groups[0], 200, salesforce_frame(writing->sf), err);
	for (size_t i = 0; i < writing->n_groups; i++) {
		snprintf(reference, sizeof reference, "c%zu", i);
		int status = salesforce_part(writing->sf, reference, &body);
		if (take_group(writing, &writing->groups[i], status, body, err) != 0)
			got = -1; /* the others were answered all the same */
	}
	return got;
}

static int
send(struct writing *writing, struct err *err)
{
	static const char *const headers[] = {"Sforce-Auto-Assign: false", NULL};
	const struct group *first = &writing->groups[0];
	struct salesforce_request request = {
	    .headers = headers, .body = writing->body.text, .size = writing->body.size};
	struct buf url = {0}, records = {0};

	for (size_t i = 0; i < writing->n_groups; i++) {
		enum push_kind kind = writing->groups[i].entries[0]->op.kind;
		/* a deletion done twice says that there is nothing to delete */
		request.once |= kind == PUSH_CREATE || kind == PUSH_DELETE;
	}
	if (first->bare) {
		put_url(first, &url);
		put_records(first, &records);
		request.method = method_of(first->entries[0]->op.kind);
		request.url = url.text;
		request.body = records.text;
		request.size = records.size;
	}
	int got = salesforce_send(writing->sf, &request, err);
	buf_free(&url);
	buf_free(&records);
	return got;
}

static int
run(struct writing *writing, const volatile int *stop, struct err *err)
{
	while (!*stop && next_call(writing)) {
		int got = send(writing, err);
		if (got != 0) {
			take_loss(writing);
			return got < 0 ? -1 : 0; /* 0: taken again, after a wait */
		}
		if (take_answer(writing, err) != 0)
			return -1;
	}
	return 0;
}

static bool
is_for_us(const struct push_batch *batch, const struct push_entry *entry)
{
	return entry->is_op && entry->taken && !entry->done &&
	       !(batch->strict && entry->op.kind == PUSH_UPDATE);
}

int
push_write(
    struct salesforce *sf, struct push_batch *batch, const volatile int *stop, struct err *err)
{
	struct writing *writing = xalloc(sizeof *writing);

	writing->sf = sf;
	writing->batch = batch;
	writing->order = arena_array(batch->arena, batch->n, sizeof(struct push_entry *));
	for (size_t i = 0; i < batch->n; i++)
		if (is_for_us(batch, batch->entries[i]))
			writing->order[writing->n++] = batch->entries[i];
	qsort(writing->order, writing->n, sizeof(struct push_entry *), compare);
	int got = run(writing, stop, err);
	buf_free(&writing->body);
	free(writing);
	return got;
}

#include "push_find.h"

#include "composite.h"
#include "push_key.h"
#include "soql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_SOQL (SOQL_MAX * 8 / 10)

/* One query: some creates of one object that are found by the same fields. */
struct group {
	struct push_entry *entries[PUSH_COLLECTION];
	size_t n;
	bool unclear;   /* a row came that seems to answer none of them */
	char next[512]; /* where its next page is; empty: at the beginning */
};

struct finding {
	struct push_batch *batch;
	struct group groups[COMPOSITE_QUERIES];
	size_t n;
};

static bool
wants(const struct push_entry *entry)
{
	return entry->is_op && entry->taken && !entry->done && !entry->looked &&
	       json_has(entry->op.find);
}

/* Whether both are found by the same fields of the same object. */
static bool
same_fields(const struct push_op *a, const struct push_op *b)
{
	struct json_each x = json_each(a->find), y = json_each(b->find);
	struct json_member p, q;

	if (strcmp(a->object, b->object) != 0)
		return false;
	for (;;) {
		bool more = json_next(&x, &p), other = json_next(&y, &q);
		if (!more || !other)
			return more == other;
		if (!json_same(p.name, q.name))
			return false;
	}
}

/* (Email = 'a@x.com' AND Name = 'A'), or the value alone for a list. */
static void
put_condition(
    struct buf *soql, const struct push_entry *entry, bool value_alone, struct arena *arena)
{
	struct json_each each = json_each(entry->op.find);
	struct json_member member;
	const char *between = value_alone ? "" : "(";

	while (json_next(&each, &member)) {
		buf_puts(soql, between);
		if (!value_alone)
			buf_printf(soql, "%s = ", json_decode(member.name, arena, NULL));
		push_key_put_literal(soql, member.value, entry->as_text, arena);
		between = " AND ";
	}
	if (!value_alone)
		buf_putc(soql, ')');
}

static size_t
put_fields(struct buf *soql, const struct push_op *op, struct arena *arena)
{
	struct json_each each = json_each(op->find);
	struct json_member member;
	size_t n = 0;

	for (; json_next(&each, &member); n++)
		buf_printf(soql, ", %s", json_decode(member.name, arena, NULL));
	return n;
}

/* Takes as many as one query holds, from entry i on. */
static void
build_query(struct push_batch *batch, size_t i, struct group *group, struct buf *soql)
{
	const struct push_op *first = &batch->entries[i]->op;
	bool as_text = batch->entries[i]->as_text, alone = batch->entries[i]->alone;
	size_t most = alone ? 1 : PUSH_COLLECTION;

	buf_puts(soql, "SELECT Id");
	bool list = put_fields(soql, first, batch->arena) == 1;
	struct json_each each = json_each(first->find);
	struct json_member member;
	json_next(&each, &member);
	buf_printf(soql, " FROM %s WHERE ", first->object);
	if (list)
		buf_printf(soql, "%s IN (", json_decode(member.name, batch->arena, NULL));
	for (; i < batch->n && group->n < most && soql->size < MAX_SOQL; i++) {
		struct push_entry *entry = batch->entries[i];
		if (!wants(entry) || entry->as_text != as_text || entry->alone != alone ||
		    !same_fields(first, &entry->op))
			continue;
		if (group->n > 0)
			buf_puts(soql, list ? ", " : " OR ");
		put_condition(soql, entry, list, batch->arena);
		entry->looked = true;
		group->entries[group->n++] = entry;
	}
	buf_puts(soql, list ? ") ORDER BY Id" : " ORDER BY Id");
}

static bool
matches(const struct push_op *op, struct json record, struct arena *arena)
{
	struct json_each each = json_each(op->find);
	struct json_member member;

	while (json_next(&each, &member))
		if (!push_key_same(member.value,
			push_key_field(record, json_decode(member.name, arena, NULL)), arena))
			return false;
	return true;
}

/* Gives a row to the ops that it answers. Of one that seems to answer none the server knows better:
 * if more than one op can be meant, each is asked for by itself. */
static void
give(struct finding *finding, const char *type, const char *id, struct json record,
    struct arena *arena)
{
	bool alone = finding->n == 1 && finding->groups[0].n == 1, answers = false;

	for (size_t i = 0; i < finding->n; i++)
		for (size_t j = 0; j < finding->groups[i].n; j++) {
			struct push_entry *entry = finding->groups[i].entries[j];
			if (strcasecmp(entry->op.object, type) != 0 ||
			    (!alone && !matches(&entry->op, record, arena)))
				continue;
			answers = true;
			if (!entry->found[0])
				memcpy(entry->found, id, SFID_SIZE);
		}
	for (size_t i = 0; !answers && i < finding->n; i++)
		if (strcasecmp(finding->groups[i].entries[0]->op.object, type) == 0)
			finding->groups[i].unclear = true;
}

static int
take_row(void *arg, const char *text, size_t size, struct err *err)
{
	struct finding *finding = arg;
	struct arena *arena = arena_open();
	struct json record;
	char id[SFID_SIZE];
	size_t n;

	if (json_check(text, size, arena, &record, err) != 0) {
		arena_close(arena);
		err->status = ST_PROTOCOL;
		return -1;
	}
	const char *type =
	    json_decode(json_get(json_get(record, "attributes"), "type"), arena, NULL);
	const char *found = json_decode(json_get(record, "Id"), arena, &n);
	if (found && type && sfid_widen(found, n, id) == 0)
		give(finding, type, id, record, arena);
	arena_close(arena);
	return 0;
}

/* Builds the composite for what is left to look for; false if nothing is. */
static bool
build_round(struct salesforce *sf, struct finding *finding, struct buf *body)
{
	struct push_batch *batch = finding->batch;
	struct buf soql = {0}, url = {0};
	char reference[24];
	size_t n = 0;
	bool alone = false;

	composite_begin(body);
	for (size_t i = 0; i < batch->n && n < COMPOSITE_QUERIES && !alone; i++) {
		if (!wants(batch->entries[i]) || (n > 0 && batch->entries[i]->alone))
			continue;
		alone = batch->entries[i]->alone;
		struct group *group = &finding->groups[n];
		*group = (struct group){0};
		buf_clear(&soql);
		buf_clear(&url);
		build_query(batch, i, group, &soql);
		composite_put_query(&url, false, &soql);
		snprintf(reference, sizeof reference, "f%zu", n++);
		composite_add(sf, body, "GET", reference, url.text, NULL, NULL);
	}
	composite_end(body);
	buf_free(&soql);
	buf_free(&url);
	finding->n = n;
	return n > 0;
}

static int
send_until_answered(
    struct salesforce *sf, struct finding *finding, const struct buf *body, struct err *err)
{
	struct salesforce_request request = {
	    .body = body->text, .size = body->size, .record = take_row, .arg = finding};

	return salesforce_ask(sf, &request, err);
}

/* A field was refused: if what reads as a date stood there as one, it is asked for as text. */
static bool
as_text(struct group *group, struct arena *arena)
{
	bool any = false;

	for (size_t j = 0; j < group->n; j++) {
		struct json_each each = json_each(group->entries[j]->op.find);
		struct json_member member;
		while (json_next(&each, &member))
			any |= push_key_is_time(member.value, arena);
	}
	if (!any || group->entries[0]->as_text)
		return false;
	for (size_t j = 0; j < group->n; j++) {
		group->entries[j]->as_text = true;
		group->entries[j]->looked = false;
	}
	return true;
}

/* What the answers say of the ops of a query. */
static void
settle(struct push_batch *batch, struct group *group)
{
	for (size_t j = 0; j < group->n; j++) {
		struct push_entry *entry = group->entries[j];
		if (entry->done || !entry->looked)
			continue;
		if (entry->found[0])
			push_succeed(batch, entry, entry->found, false);
		else if (group->unclear && !entry->alone) {
			entry->alone = true;
			entry->looked = false;
		}
	}
}

/* The answer to one query; what it did not find is to be created. */
static int
take_part(struct salesforce *sf, struct finding *finding, size_t i, struct err *err)
{
	struct group *group = &finding->groups[i];
	struct json body;
	char reference[24];
	size_t size;

	snprintf(reference, sizeof reference, "f%zu", i);
	int status = salesforce_part(sf, reference, &body);
	struct sferror error = sferror_read(body, salesforce_arena(sf));
	if (status != 200 && error.class == SFERROR_LIMIT)
		return err_set(err, ST_LATER, "Salesforce stops us: %s",
		    sferror_text(&error, salesforce_arena(sf)));
	if (status != 200 && error.class == SFERROR_FIELD && as_text(group, finding->batch->arena))
		return 0;
	for (size_t j = 0; status != 200 && j < group->n; j++) {
		group->entries[j]->looked = false;
		push_fail(finding->batch, group->entries[j], body);
		group->entries[j]->taken = false;
	}
	const char *next =
	    json_decode(json_get(body, "nextRecordsUrl"), salesforce_arena(sf), &size);
	group->next[0] = '\0';
	if (status == 200 && next && size < sizeof group->next &&
	    strncmp(next, "/services/data/", 15) == 0)
		memcpy(group->next, next, size + 1);
	return 0;
}

/* More than a page of records have those values: reads on, as the first of each counts. */
static int
read_on(struct salesforce *sf, struct finding *finding, size_t i, struct err *err)
{
	struct buf body = {0};
	char reference[24];
	int got = 0;

	snprintf(reference, sizeof reference, "f%zu", i);
	while (got == 0 && finding->groups[i].next[0]) {
		composite_begin(&body);
		composite_add(sf, &body, "GET", reference, finding->groups[i].next, NULL, NULL);
		composite_end(&body);
		got = send_until_answered(sf, finding, &body, err);
		if (got == 0)
			got = take_part(sf, finding, i, err);
	}
	buf_free(&body);
	return got;
}

int
push_find(struct salesforce *sf, struct push_batch *batch, struct err *err)
{
	struct finding *finding = xalloc(sizeof *finding);
	struct buf body = {0};
	int got = 0;

	finding->batch = batch;
	for (size_t i = 0; i < batch->n; i++)
		batch->entries[i]->looked = false;
	while (got == 0 && build_round(sf, finding, &body)) {
		got = send_until_answered(sf, finding, &body, err);
		for (size_t i = 0; got == 0 && i < finding->n; i++)
			got = take_part(sf, finding, i, err);
		for (size_t i = 0; got == 0 && i < finding->n; i++)
			got = read_on(sf, finding, i, err);
		for (size_t i = 0; got == 0 && i < finding->n; i++)
			settle(batch, &finding->groups[i]);
	}
	buf_free(&body);
	free(finding);
	return got;
}

#include "push_seen.h"

#include "composite.h"
#include "rfc3339.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_IDS 2000 /* of a retrieval */

/* Ops on one object. */
struct group {
	struct push_entry *entries[MAX_IDS];
	size_t n;
};

/* Our own write since then is no change of others. */
static bool
was_ours(const struct push_batch *batch, size_t i)
{
	const struct push_entry *entry = batch->entries[i];

	if (entry->repeated)
		return true;
	for (size_t j = 0; j < i; j++) {
		const struct push_entry *before = batch->entries[j];
		if (before->is_op && before->ok && before->key &&
		    strcmp(before->key, entry->key) == 0)
			return true;
	}
	return false;
}

static bool
any_done(const struct push_batch *batch)
{
	size_t i = 0;

	while (i < batch->n && !(batch->entries[i]->is_op && batch->entries[i]->ok))
		i++;
	return i < batch->n;
}

/* Gathers the ops that are to be looked at; false if there are none. */
static bool
gather(struct push_batch *batch, struct group *groups, size_t *n)
{
	bool done = any_done(batch);

	*n = 0;
	for (size_t i = 0; i < batch->n; i++) {
		struct push_entry *entry = batch->entries[i];
		size_t g = 0;
		if (!entry->is_op || !entry->taken || entry->done || entry->seen ||
		    !entry->op.has_seen || (done && was_ours(batch, i)))
			continue;
		while (g < *n && (groups[g].n == MAX_IDS || strcmp(groups[g].entries[0]->op.object,
								entry->op.object) != 0))
			g++;
		if (g == COMPOSITE_QUERIES)
			continue; /* in the next round */
		if (g == *n)
			groups[(*n)++].n = 0;
		groups[g].entries[groups[g].n++] = entry;
		entry->seen = true;
	}
	return *n > 0;
}

static void
add_group(struct salesforce *sf, struct buf *composite, const struct group *group, size_t i)
{
	struct buf url = {0}, ids = {0};
	char reference[24];

	snprintf(reference, sizeof reference, "s%zu", i);
	buf_printf(&url, "composite/sobjects/%s", group->entries[0]->op.object);
	buf_puts(&ids, "{\"fields\":[\"Id\",\"SystemModstamp\"],\"ids\":[");
	for (size_t j = 0; j < group->n; j++)
		buf_printf(&ids, "%s\"%s\"", j ? "," : "", group->entries[j]->op.id);
	buf_puts(&ids, "]}");
	composite_add(sf, composite, "POST", reference, url.text, NULL, &ids);
	buf_free(&url);
	buf_free(&ids);
}

static void
compare(struct push_batch *batch, struct push_entry *entry, struct json record)
{
	size_t size;
	int64_t ms;
	char id[SFID_SIZE];
	const char *given = json_decode(json_get(record, "Id"), batch->arena, &size);
	bool ours = given && sfid_widen(given, size, id) == 0 && strcmp(id, entry->op.id) == 0;
	const char *stamp = json_decode(json_get(record, "SystemModstamp"), batch->arena, &size);

	if (json_kind(record) == JSON_IS_NULL)
		return; /* it is not there: the write will tell */
	if (!ours || !stamp || rfc3339_parse(stamp, size, &ms) != 0)
		push_put_back(batch, entry, "NOT_LOOKED_AT",
		    "the answer does not say when the record changed last: not written");
	else if (ms > entry->op.seen_ms)
		push_put_back(batch, entry, "CHANGED_SINCE_SEEN",
		    arena_printf(
			batch->arena, "the record changed at %s, after the plan was made", stamp));
}

/* The look failed: what was not looked at is not written. */
static int
take_refusal(struct salesforce *sf, struct push_batch *batch, struct group *group, struct json body,
    struct err *err)
{
	struct sferror error = sferror_read(body, salesforce_arena(sf));
	const char *text = sferror_text(&error, salesforce_arena(sf));

	if (error.class == SFERROR_LIMIT)
		return err_set(err, ST_LATER, "Salesforce stops us: %s", text);
	for (size_t i = 0; i < group->n; i++) {
		struct push_entry *entry = group->entries[i];
		entry->seen = entry->taken = false; /* looked at anew if there is another try */
		if (error.class == SFERROR_AGAIN || error.class == SFERROR_BUSY ||
		    error.class == SFERROR_NARROW || error.class == SFERROR_OBJECT)
			push_fail(batch, entry, body);
		else
			push_put_back(batch, entry, "NOT_LOOKED_AT",
			    arena_printf(batch->arena,
				"whether the record changed cannot be said: not written: %s",
				text));
	}
	return 0;
}

static int
take_group(
    struct salesforce *sf, struct push_batch *batch, struct group *group, size_t i, struct err *err)
{
	char reference[24];
	struct json body;
	struct json_member record;
	size_t n = 0;

	snprintf(reference, sizeof reference, "s%zu", i);
	if (salesforce_part(sf, reference, &body) != 200)
		return take_refusal(sf, batch, group, body, err);
	struct json_each each = json_each(body);
	while (json_kind(body) == JSON_IS_ARRAY && n < group->n && json_next(&each, &record))
		compare(batch, group->entries[n++], record.value);
	for (; n < group->n; n++)
		compare(batch, group->entries[n], (struct json){0});
	return 0;
}

static int
look(struct salesforce *sf, struct push_batch *batch, struct group *groups, size_t n,
    struct err *err)
{
	struct buf composite = {0};

	composite_begin(&composite);
	for (size_t i = 0; i < n; i++)
		add_group(sf, &composite, &groups[i], i);
	composite_end(&composite);
	struct salesforce_request request = {.body = composite.text, .size = composite.size};
	int got = salesforce_ask(sf, &request, err);
	for (size_t i = 0; got == 0 && i < n; i++)
		got = take_group(sf, batch, &groups[i], i, err);
	buf_free(&composite);
	return got == 0 ? 0 : -1;
}

int
push_seen(struct salesforce *sf, struct push_batch *batch, struct err *err)
{
	struct group *groups = xalloc(COMPOSITE_QUERIES * sizeof *groups);
	size_t n;
	int got = 0;

	while (got == 0 && gather(batch, groups, &n))
		got = look(sf, batch, groups, n, err);
	free(groups);
	return got;
}

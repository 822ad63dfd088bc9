#include "push_batch.h"

#include "buf.h"
#include "json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void
push_batch_clear(struct push_batch *batch)
{
	if (batch->arena)
		arena_reset(batch->arena);
	batch->n = batch->n_ops = batch->bytes = 0;
	batch->again = false;
}

void
push_batch_free(struct push_batch *batch)
{
	arena_close(batch->arena);
	free(batch->entries);
	*batch = (struct push_batch){0};
}

struct push_entry *
push_batch_add(struct push_batch *batch, const struct line *line, const struct err *why)
{
	struct err ignored = {0}; /* line_next() has checked it */

	if (!batch->arena)
		batch->arena = arena_open();
	if (batch->n == batch->room) {
		batch->room = batch->room ? batch->room * 2 : 256;
		batch->entries =
		    xrealloc(batch->entries, batch->room * sizeof(struct push_entry *));
	}
	struct push_entry *entry = arena_alloc(batch->arena, sizeof *entry);
	entry->line = (struct line){.text = arena_dup(batch->arena, line->text, line->size),
	    .size = line->size,
	    .number = line->number,
	    .arena = batch->arena};
	line_check(&entry->line, &ignored);
	if (why) {
		entry->why = arena_alloc(batch->arena, sizeof *why);
		*entry->why = *why;
	}
	entry->max_group = PUSH_COLLECTION;
	batch->entries[batch->n++] = entry;
	batch->bytes += line->size;
	return entry;
}

bool
push_batch_full(const struct push_batch *batch)
{
	return batch->n_ops >= PUSH_BATCH || batch->n >= PUSH_BATCH_LINES ||
	       batch->bytes >= PUSH_BATCH_BYTES;
}

static void
set_result(struct push_batch *batch, struct push_entry *entry, struct buf *json)
{
	entry->result = arena_dup(batch->arena, json->text, json->size);
	entry->done = true;
	buf_free(json);
}

void
push_succeed(struct push_batch *batch, struct push_entry *entry, const char *id, bool created)
{
	struct buf json = {0};

	buf_puts(&json, "{\"ok\":true");
	if (id && *id)
		json_put_member(&json, "id", id);
	buf_printf(&json, ",\"created\":%s}", created ? "true" : "false");
	entry->ok = true;
	set_result(batch, entry, &json);
}

/* "Phone, Fax: " */
static const char *
field_names(struct json error, struct arena *arena)
{
	struct json_each each = json_each(json_get(error, "fields"));
	struct json_member field;
	struct buf names = {0};
	char shown[128];

	while (json_next(&each, &field)) {
		size_t size;
		const char *name = json_decode(field.value, arena, &size);
		if (name)
			buf_printf(&names, "%s%s", names.size ? ", " : "",
			    diag_escape(shown, sizeof shown, name, size));
	}
	const char *text = names.size ? arena_printf(arena, "%s: ", names.text) : "";
	buf_free(&names);
	return text;
}

void
push_say(struct push_batch *batch, const struct push_entry *entry, struct json errors)
{
	struct json_each each = json_each(errors);
	struct json_member item;

	while (json_next(&each, &item)) {
		struct sferror error = sferror_read(item.value, batch->arena);
		diag_say("stdin:%" PRIu64 ": %s: %s%s", entry->line.number,
		    push_op_name(&entry->op, batch->arena), field_names(item.value, batch->arena),
		    sferror_text(&error, batch->arena));
	}
}

/* The errors of a record as they came; those of a request in the same form. */
static void
put_errors(struct json errors, struct buf *json, struct arena *arena)
{
	struct json_each each = json_each(errors);
	struct json_member item;

	while (json_kind(errors) == JSON_IS_ARRAY && json_next(&each, &item)) {
		struct json code = json_get(item.value, "errorCode");
		if (json->text[json->size - 1] != '[')
			buf_putc(json, ',');
		if (!code.at) {
			buf_put(json, item.value.at, item.value.size);
			continue;
		}
		buf_putc(json, '{');
		json_put_member(json, "statusCode", json_decode(code, arena, NULL));
		json_put_member(
		    json, "message", json_decode(json_get(item.value, "message"), arena, NULL));
		struct json fields = json_get(item.value, "fields");
		buf_puts(json, ",\"fields\":");
		buf_put(json, fields.at ? fields.at : "[]", fields.at ? fields.size : 2);
		buf_putc(json, '}');
	}
}

/* A repeated delete whose first answer was lost. */
static bool
was_done(const struct push_entry *entry, const struct sferror *error)
{
	return entry->repeated && entry->op.kind == PUSH_DELETE &&
	       strcmp(error->code, "ENTITY_IS_DELETED") == 0;
}

void
push_fail(struct push_batch *batch, struct push_entry *entry, struct json errors)
{
	struct buf json = {0};
	struct sferror error = sferror_read(errors, batch->arena);
	bool passes = error.class == SFERROR_AGAIN || error.class == SFERROR_BUSY ||
		      error.class == SFERROR_NARROW || error.class == SFERROR_LOCATOR;
	bool retry = passes || error.class == SFERROR_RACE || error.class == SFERROR_LIMIT;

	if (was_done(entry, &error)) {
		push_succeed(batch, entry, entry->op.id, false);
		return;
	}
	if (passes && ++entry->tries < PUSH_TRIES) {
		batch->again = true;
		return;
	}
	push_say(batch, entry, errors);
	buf_puts(&json, "{\"ok\":false,\"errors\":[");
	put_errors(errors, &json, batch->arena);
	buf_printf(&json, "],\"retry\":%s}", retry ? "true" : "false");
	set_result(batch, entry, &json);
}

/* A result of ours. */
static void
fail_with(struct push_batch *batch, struct push_entry *entry, const char *code, const char *message,
    bool retry)
{
	struct buf json = {0};
	struct sferror error = sferror_of(code, message);

	diag_say("stdin:%" PRIu64 ": %s: %s", entry->line.number,
	    push_op_name(&entry->op, batch->arena), sferror_text(&error, batch->arena));
	buf_puts(&json, "{\"ok\":false,\"errors\":[{");
	json_put_member(&json, "statusCode", code);
	json_put_member(&json, "message", message);
	buf_printf(&json, ",\"fields\":[]}],\"retry\":%s}", retry ? "true" : "false");
	set_result(batch, entry, &json);
}

void
push_put_back(
    struct push_batch *batch, struct push_entry *entry, const char *code, const char *message)
{
	fail_with(batch, entry, code, message, true);
}

void
push_fail_with(
    struct push_batch *batch, struct push_entry *entry, const char *code, const char *message)
{
	fail_with(batch, entry, code, message, false);
}

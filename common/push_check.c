#include "push_check.h"

#include "composite.h"
#include "describe.h"
#include "sferror.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_OBJECTS 128

struct known {
	char *object;
	struct describe *describe; /* NULL: the org does not have it */
};

struct push_checks {
	struct known known[MAX_OBJECTS];
	size_t n;
};

struct push_checks *
push_checks_open(void)
{
	return xalloc(sizeof(struct push_checks));
}

void
push_checks_close(struct push_checks *checks)
{
	for (size_t i = 0; checks && i < checks->n; i++) {
		free(checks->known[i].object);
		describe_close(checks->known[i].describe);
	}
	free(checks);
}

static const struct known *
find(const struct push_checks *checks, const char *object)
{
	for (size_t i = 0; i < checks->n; i++)
		if (strcasecmp(checks->known[i].object, object) == 0)
			return &checks->known[i];
	return NULL;
}

/* Adds those of the batch's objects that are not known; the first new one is number from. */
static int
build(struct push_checks *checks, struct salesforce *sf, struct push_batch *batch, struct buf *body,
    struct err *err)
{
	struct buf url = {0};
	size_t from = checks->n;

	composite_begin(body);
	for (size_t i = 0; i < batch->n; i++) {
		const struct push_op *op = &batch->entries[i]->op;
		if (!batch->entries[i]->is_op || find(checks, op->object))
			continue;
		if (checks->n - from == COMPOSITE_PARTS)
			break;
		if (checks->n == MAX_OBJECTS)
			return err_set(err, ST_CONFIG, "ops for more than %d objects", MAX_OBJECTS);
		checks->known[checks->n++].object = xstrdup(op->object);
		buf_clear(&url);
		buf_printf(&url, "sobjects/%s/describe", op->object);
		composite_add(sf, body, "GET", op->object, url.text, NULL, NULL);
	}
	composite_end(body);
	buf_free(&url);
	return checks->n > from;
}

/* What the org says of those from number from on. SALESFORCE_AGAIN: to be asked in a while. */
static int
take_describes(struct push_checks *checks, struct salesforce *sf, size_t from, struct err *err)
{
	struct arena *arena = salesforce_arena(sf);
	struct json body;
	int got = 0;

	for (struct known *known = &checks->known[from]; known < &checks->known[checks->n];
	     known++) {
		describe_close(known->describe);
		known->describe = NULL;
		if (salesforce_part(sf, known->object, &body) == 200) {
			known->describe = describe_open(body);
			continue;
		}
		struct sferror error = sferror_read(body, arena);
		const char *text = sferror_text(&error, arena);
		if (error.class == SFERROR_LIMIT)
			return err_set(err, ST_LATER, "Salesforce stops us: %s", text);
		if (error.class == SFERROR_LOGIN || error.class == SFERROR_REFUSED)
			return err_set(err, ST_NOPERM, "Salesforce refused it: %s", text);
		if (error.class != SFERROR_AGAIN && error.class != SFERROR_BUSY)
			continue; /* it is not there, or hidden */
		salesforce_failed(sf, text, error.class == SFERROR_BUSY);
		got = SALESFORCE_AGAIN;
	}
	return got;
}

static int
describe_all(
    struct push_checks *checks, struct salesforce *sf, struct push_batch *batch, struct err *err)
{
	struct buf text = {0};
	size_t from = checks->n;
	int got;

	while ((got = build(checks, sf, batch, &text, err)) == 1) {
		struct salesforce_request request = {.body = text.text, .size = text.size};
		while ((got = salesforce_ask(sf, &request, err)) == 0 &&
		       (got = take_describes(checks, sf, from, err)) == SALESFORCE_AGAIN)
			if (salesforce_wait(sf, err) != 0)
				break;
		if (got != 0)
			break;
		from = checks->n;
	}
	buf_free(&text);
	return got == 0 ? 0 : -1;
}

static void
complain(struct buf *errors, const char *code, const char *field, const char *message)
{
	buf_puts(errors, errors->size ? ",{" : "{");
	json_put_member(errors, "statusCode", code);
	json_put_member(errors, "message", message);
	json_put_name(errors, "fields");
	buf_putc(errors, '[');
	if (field)
		json_put_string(errors, field, strlen(field));
	buf_puts(errors, "]}");
}

static size_t
characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static bool
is_writable(const struct push_op *op, const struct describe_field *field)
{
	switch (op->kind) {
	case PUSH_CREATE:
		return field->createable;
	case PUSH_UPDATE:
		return field->updateable;
	default:
		return field->createable || field->updateable;
	}
}

static void
check_value(const struct push_op *op, const struct describe_field *field, struct json value,
    struct arena *arena, struct buf *errors)
{
	const char *text = json_decode(value, arena, NULL);

	if (!is_writable(op, field))
		complain(errors, "INVALID_FIELD_FOR_INSERT_UPDATE", field->name,
		    "the user may not write this field");
	else if (!json_has(value) && !field->nillable && strcmp(field->type, "boolean") != 0)
		complain(errors, "REQUIRED_FIELD_MISSING", field->name, "it may not be empty");
	else if (text && field->length > 0 && characters(text) > field->length)
		complain(errors, "STRING_TOO_LONG", field->name,
		    arena_printf(
			arena, "%zu characters, %zu are allowed", characters(text), field->length));
	else if (text && *text && field->restricted && strcmp(field->type, "picklist") == 0 &&
		 !describe_takes(field, text))
		complain(errors, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", field->name,
		    "no value of the picklist");
}

static void
check_fields(const struct push_op *op, const struct describe *describe, struct arena *arena,
    struct buf *errors)
{
	struct json_each each = json_each(op->fields);
	struct json_member member;

	while (json_next(&each, &member)) {
		const char *name = json_decode(member.name, arena, NULL);
		const struct describe_field *field = describe_field(describe, name);
		if (field)
			check_value(op, field, member.value, arena, errors);
		else if (json_kind(member.value) != JSON_IS_OBJECT) /* a parent by external ID */
			complain(errors, "INVALID_FIELD", name,
			    "no such field, or the user may not see it");
	}
	if (op->kind == PUSH_UPSERT && !describe_field(describe, op->external_field))
		complain(errors, "INVALID_FIELD", op->external_field,
		    "no such external ID, or the user may not see it");
}

/* The value that the op gives a field; in any case of its name. */
static struct json
given(const struct push_op *op, const char *name, struct arena *arena)
{
	struct json_each each = json_each(op->fields);
	struct json_member member;

	while (json_next(&each, &member))
		if (strcasecmp(json_decode(member.name, arena, NULL), name) == 0)
			return member.value;
	return (struct json){0};
}

static void
check_required(const struct push_op *op, const struct describe *describe, struct arena *arena,
    struct buf *errors)
{
	for (size_t i = 0; op->kind == PUSH_CREATE && i < describe->n_fields; i++) {
		const struct describe_field *field = &describe->fields[i];
		struct json value = given(op, field->name, arena);
		if (!field->createable || field->nillable || field->defaulted ||
		    strcmp(field->type, "boolean") == 0)
			continue;
		if (!json_has(value) || json_is(value, ""))
			complain(errors, "REQUIRED_FIELD_MISSING", field->name,
			    "a create needs this field");
	}
}

static void
check_op(const struct push_op *op, const struct describe *describe, struct arena *arena,
    struct buf *errors)
{
	if (!describe) {
		complain(errors, "INVALID_TYPE", NULL,
		    "the org has no such object, or the user may not see it");
		return;
	}
	if ((op->kind == PUSH_CREATE && !describe->createable) ||
	    (op->kind == PUSH_UPDATE && !describe->updateable) ||
	    (op->kind == PUSH_UPSERT && !(describe->createable && describe->updateable)) ||
	    (op->kind == PUSH_DELETE && !describe->deletable))
		complain(errors, "INSUFFICIENT_ACCESS", NULL, "the user may not do this to it");
	if (op->kind == PUSH_DELETE)
		return;
	check_fields(op, describe, arena, errors);
	check_required(op, describe, arena, errors);
}

static void
put_result(struct push_batch *batch, struct push_entry *entry, struct buf *errors)
{
	struct json array;
	struct err ignored = {0}; /* it is our own */
	const char *text = arena_printf(batch->arena, "[%s]", errors->size > 0 ? errors->text : "");

	entry->ok = errors->size == 0;
	entry->done = true;
	entry->result = arena_printf(batch->arena, "{\"ok\":%s,\"errors\":%s,\"dry_run\":true}",
	    entry->ok ? "true" : "false", text);
	if (json_check(text, strlen(text), batch->arena, &array, &ignored) == 0)
		push_say(batch, entry, array);
}

int
push_check(
    struct push_checks *checks, struct salesforce *sf, struct push_batch *batch, struct err *err)
{
	struct buf errors = {0};

	if (describe_all(checks, sf, batch, err) != 0)
		return -1;
	for (size_t i = 0; i < batch->n; i++) {
		struct push_entry *entry = batch->entries[i];
		if (!entry->is_op)
			continue;
		buf_clear(&errors);
		if (entry->op.kind != PUSH_NONE)
			check_op(&entry->op, find(checks, entry->op.object)->describe, batch->arena,
			    &errors);
		put_result(batch, entry, &errors);
	}
	buf_free(&errors);
	return 0;
}

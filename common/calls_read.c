#include "calls_read.h"

#include "email.h"
#include "fold.h"
#include "rfc3339.h"
#include "sfid.h"

#include <stdlib.h>
#include <string.h>

#define REAL_MAX 1000 /* of a call: each is compared with each */

/* The members that speak to store-apply alone. */
static bool
is_ours(struct json name)
{
	return json_is(name, "as_of") || json_is(name, "stored");
}

static int
read_time(const struct line *line, const char *name, bool must, const char **out, struct err *err)
{
	struct json json = line_get(line, name);
	size_t size;
	const char *text = json_decode(json, line->arena, &size);
	char formatted[RFC3339_SIZE], shown[64];
	int64_t ms;

	if (!json_has(json))
		return must ? err_set(err, ST_REJECTED, "no %s", name) : 0;
	if (!text || rfc3339_parse(text, size, &ms) != 0) {
		diag_escape(shown, sizeof shown, json.at, json.size < 40 ? json.size : 40);
		return err_set(err, ST_REJECTED, "%s is no RFC 3339 time: %s", name, shown);
	}
	rfc3339_format_ms(ms, formatted);
	*out = arena_dup(line->arena, formatted, strlen(formatted));
	return 0;
}

/* A whole number, -1 if it is not there. */
static int
read_seq(const struct line *line, const char *name, int64_t *seq, struct err *err)
{
	struct json json = line_get(line, name);

	*seq = -1;
	if (!json.at)
		return 0;
	if (json_kind(json) != JSON_IS_NUMBER || json.size > 18 ||
	    strspn(json.at, "0123456789") < json.size)
		return err_set(err, ST_REJECTED, "%s is no whole number", name);
	*seq = strtoll(arena_dup(line->arena, json.at, json.size), NULL, 10);
	return 0;
}

/* A text member as a person reads it: trimmed, NULL if it is none. */
static const char *
read_text(struct json json, struct arena *arena)
{
	size_t size;
	const char *text = json_decode(json, arena, &size);

	return text ? fold_trim(text, size, arena) : NULL;
}

/* In normal form if it is an email, else as written. */
static const char *
read_address(struct json json, struct arena *arena)
{
	const char *text = read_text(json, arena);
	const char *email = text ? email_normalize(text, strlen(text), arena) : NULL;

	return email ? email : text;
}

/* An Id widened; what is none, such as a virtual one, as written. */
static const char *
read_id(struct json json, struct arena *arena)
{
	size_t size;
	const char *text = json_decode(json, arena, &size);
	char id[SFID_SIZE];

	if (text && sfid_widen(text, size, id) == 0)
		return arena_dup(arena, id, SFID_SIZE - 1);
	return text;
}

/* The reason that stands first: the entry's own, else that of its first match. */
static const char *
read_by(struct json entry, struct arena *arena)
{
	const char *by = read_text(json_get(entry, "by"), arena);
	struct json_each each = json_each(json_get(entry, "matches"));
	struct json_member match;

	if (!by && json_next(&each, &match))
		by = read_text(json_get(match.value, "by"), arena);
	return by;
}

/* A contact goes before a lead. */
static void
add_real(struct call *call, const char *email, const char *id, bool contact)
{
	for (size_t i = 0; i < call->n_real; i++) {
		if (strcmp(call->real[i].email, email) != 0)
			continue;
		if (contact && !sfid_has_prefix(call->real[i].id, "003"))
			call->real[i].id = id;
		return;
	}
	call->real[call->n_real++] = (struct call_real){email, id};
}

/* Whom a contact or lead stands for by their email, today: not one that was only kept. */
static void
read_real(
    struct json entry, const struct call_association *a, struct call *call, struct arena *arena)
{
	struct json_each each = json_each(json_get(entry, "matches"));
	struct json_member m;
	bool person = strcmp(a->object, "Contact") == 0 || strcmp(a->object, "Lead") == 0;

	if (!person || json_kind(json_get(entry, "kept")) == JSON_IS_TRUE)
		return;
	while (call->n_real < REAL_MAX && json_next(&each, &m)) {
		struct json by = json_get(m.value, "by");
		bool contact = json_is(by, "contact-email");
		const char *email = json_decode(json_get(m.value, "participant"), arena, NULL);
		if (email && (contact || json_is(by, "lead-email")))
			add_real(call, email, a->id, contact);
	}
}

static size_t
count(struct json array)
{
	struct json_each each = json_each(array);
	struct json_member m;
	size_t n = 0;

	while (json_next(&each, &m))
		n++;
	return n;
}

static int
read_manual(const struct line *line, struct call *call, struct err *err)
{
	struct json list = line_get(line, "manual");
	struct json_each each = json_each(list);
	struct json_member m;

	if (!json_has(list))
		return 0;
	if (json_kind(list) != JSON_IS_ARRAY)
		return err_set(err, ST_REJECTED, "manual is no array");
	call->manual = arena_array(line->arena, count(list), sizeof *call->manual);
	while (json_next(&each, &m)) {
		struct call_manual *manual = &call->manual[call->n_manual];
		manual->object = read_text(json_get(m.value, "object"), line->arena);
		manual->id = read_id(json_get(m.value, "id"), line->arena);
		call->n_manual += manual->object && manual->id;
	}
	return 0;
}

static int
read_associations(const struct line *line, struct call *call, struct err *err)
{
	struct json list = line_get(line, "associations");
	struct json_each each = json_each(list);
	struct json_member m;

	if (!json_has(list))
		return 0;
	if (json_kind(list) != JSON_IS_ARRAY)
		return err_set(err, ST_REJECTED, "associations is no array");
	call->associations = arena_array(line->arena, count(list), sizeof *call->associations);
	call->real = arena_array(line->arena, REAL_MAX, sizeof *call->real);
	while (json_next(&each, &m)) {
		struct call_association *a = &call->associations[call->n_associations++];
		a->object = read_text(json_get(m.value, "object"), line->arena);
		a->id = read_id(json_get(m.value, "id"), line->arena);
		if (!a->object || !a->id)
			return err_set(
			    err, ST_REJECTED, "associations holds an entry without object or id");
		a->account = read_id(json_get(m.value, "account"), line->arena);
		a->company = read_text(json_get(m.value, "company"), line->arena);
		a->by = read_by(m.value, line->arena);
		read_real(m.value, a, call, line->arena);
	}
	return 0;
}

static void
read_names(const struct line *line, const char *member, const char **names, size_t *n)
{
	struct json list = line_get(line, member);
	struct json_each each = json_each(list);
	struct json_member m;

	if (json_kind(list) == JSON_IS_OBJECT)
		names[(*n)++] = read_text(json_get(list, "name"), line->arena);
	else
		while (json_next(&each, &m))
			names[(*n)++] = read_text(json_get(m.value, "name"), line->arena);
}

/* A call that is not merged yet has none. */
static int
read_parties(const struct line *line, struct call *call, struct err *err)
{
	static const char *const of_call[] = {"participants", NULL};
	static const char *const of_email[] = {"from", "to", "cc", NULL};
	size_t n = 0;

	if (!call->email && !json_has(line_get(line, "participants")))
		return 0;
	if (participant_read(line, &call->parties, err) != 0)
		return -1;
	call->names = arena_array(line->arena, call->parties.n, sizeof *call->names);
	for (const char *const *name = call->email ? of_email : of_call; *name; name++)
		read_names(line, *name, call->names, &n);
	return 0;
}

/* The address of from, which is one, or the first of several. */
static struct json
sender(const struct line *line)
{
	struct json from = line_get(line, "from");
	struct json_each each = json_each(from);
	struct json_member first;

	if (json_kind(from) == JSON_IS_ARRAY && json_next(&each, &first))
		from = first.value;
	return json_get(from, "email");
}

/* The line itself, if nothing is taken off; else its members joined anew. */
static struct json
take_text(const struct line *line)
{
	struct buf out = {0};
	bool ours = false;

	for (size_t i = 0; i < line->n_members; i++)
		ours |= is_ours(line->members[i].name);
	if (!ours)
		return line->object;
	buf_putc(&out, '{');
	for (size_t i = 0; i < line->n_members; i++) {
		const struct json_member *m = &line->members[i];
		if (is_ours(m->name))
			continue;
		if (out.size > 1)
			buf_putc(&out, ',');
		buf_put(&out, m->name.at, m->name.size);
		buf_putc(&out, ':');
		buf_put(&out, m->value.at, m->value.size);
	}
	buf_putc(&out, '}');
	struct json text = {arena_dup(line->arena, out.text, out.size), out.size};
	buf_free(&out);
	return text;
}

int
calls_read(const struct line *line, struct call *call, struct err *err)
{
	struct json primary = line_get(line, "primary");

	*call = (struct call){.email = line_is(line, "email")};
	call->kind = call->email ? "email" : "call";
	call->id = line_string(line, "id");
	if (!call->id || !*call->id)
		return err_set(err, ST_REJECTED, "%s without id", call->kind);
	if (read_time(line, call->email ? "date" : "start", true, &call->start, err) != 0 ||
	    read_time(line, "end", false, &call->end, err) != 0 ||
	    read_seq(line, "as_of", &call->as_of, err) != 0 ||
	    read_seq(line, "stored", &call->stored, err) != 0 ||
	    read_associations(line, call, err) != 0 || read_manual(line, call, err) != 0 ||
	    read_parties(line, call, err) != 0)
		return -1;
	call->subject = read_text(line_get(line, "subject"), line->arena);
	call->organizer =
	    read_address(call->email ? sender(line) : line_get(line, "organizer"), line->arena);
	call->primary_account = read_id(json_get(primary, "account"), line->arena);
	call->primary_opportunity = read_id(json_get(primary, "opportunity"), line->arena);
	call->status = read_text(line_get(line, "status"), line->arena);
	call->held = json_kind(line_get(line, "held")) == JSON_IS_TRUE;
	call->text = take_text(line);
	return 0;
}

#include "pull_whoami.h"

#include "arena.h"
#include "auth.h"
#include "buf.h"
#include "composite.h"
#include "describe.h"
#include "json.h"
#include "pull_out.h"
#include "salesforce.h"
#include "sferror.h"

#include <inttypes.h>
#include <stdio.h>

/* The user's name, by userinfo, which costs no call. */
static int
ask_user(struct salesforce *sf, struct buf *name, struct err *err)
{
	int status; /* without userinfo the session may be good all the same */
	struct salesforce_request request = {
	    .method = "GET", .url = "/services/oauth2/userinfo", .status = &status};
	char shown[256];
	size_t n;

	if (salesforce_ask(sf, &request, err) != 0)
		return -1;
	const char *user = json_decode(
	    json_get(salesforce_frame(sf), "preferred_username"), salesforce_arena(sf), &n);
	buf_puts(name, user ? diag_escape(shown, sizeof shown, user, n) : "unknown");
	return 0;
}

/* Tries one source of credentials; what it opened is kept in *sf if that is wanted. */
static int
try_source(const struct salesforce_options *options, struct line_stream *lines,
    struct salesforce **sf, struct buf *user, struct err *err)
{
	struct auth_options auth = {.token_command = options->token_command,
	    .credentials = options->credentials,
	    .source = options->source};
	struct buf text = {0};

	buf_puts(&text, options->source == 0 ? "credentials  " : "not used     ");
	auth_describe(&auth, &text);
	*sf = salesforce_open(options, err);
	int got = *sf ? ask_user(*sf, user, err) : -1;
	if (got == 0)
		buf_printf(&text, ": works, as %s", user->text);
	else
		buf_printf(&text, ": fails: %s", err->text);
	pull_put_text(lines, &text);
	buf_free(&text);
	return got;
}

/* Those that a pull would not use: if its own fail, one of them may work. */
static void
try_others(const struct salesforce_options *given, struct line_stream *lines, size_t n)
{
	struct salesforce_options options = *given;

	for (options.source = 1; options.source < n; options.source++) {
		struct err err = {0};
		struct buf user = {0};
		struct salesforce *sf;
		try_source(&options, lines, &sf, &user, &err);
		salesforce_close(sf);
		buf_free(&user);
	}
}

struct org {
	struct arena *arena;
	const char *name, *edition;
	const char *sandbox;
};

static int
take_org(void *arg, const char *text, size_t size, struct err *err)
{
	struct org *org = arg;
	struct json record;
	size_t n;
	char shown[256];

	if (json_check(text, size, org->arena, &record, err) != 0)
		return -1;
	const char *name = json_decode(json_get(record, "Name"), org->arena, &n);
	if (name)
		org->name =
		    arena_printf(org->arena, "%s", diag_escape(shown, sizeof shown, name, n));
	const char *edition = json_decode(json_get(record, "OrganizationType"), org->arena, &n);
	if (edition)
		org->edition =
		    arena_printf(org->arena, "%s", diag_escape(shown, sizeof shown, edition, n));
	org->sandbox =
	    json_kind(json_get(record, "IsSandbox")) == JSON_IS_TRUE ? "a sandbox" : "no sandbox";
	return 0;
}

/* What of an object the user cannot see. */
static void
say_hidden(struct salesforce *sf, struct line_stream *lines, const struct sobject *sobject)
{
	struct json body;
	struct buf text = {0};
	size_t hidden = 0;
	struct describe *describe =
	    salesforce_part(sf, sobject->name, &body) == 200 ? describe_open(body) : NULL;
	struct sferror error = sferror_read(body, salesforce_arena(sf));

	buf_printf(&text, "%-24s ", sobject->name);
	if (!describe && error.class != SFERROR_OBJECT)
		buf_printf(&text, "not known: %s", sferror_text(&error, salesforce_arena(sf)));
	else if (!describe)
		buf_puts(&text, "not there, or not visible");
	for (size_t i = 0; describe && i < sobject->n_fields; i++)
		if (!describe_field(describe, sobject->fields[i].name))
			buf_printf(&text, "%s%s",
			    hidden++ ? ", " : "fields not visible: ", sobject->fields[i].name);
	if (describe && hidden == 0)
		buf_puts(&text, "all fields visible");
	pull_put_text(lines, &text);
	buf_free(&text);
	describe_close(describe);
}

static void
build_question(struct salesforce *sf, const struct pull_options *options, struct buf *body)
{
	struct buf soql = {0}, url = {0};

	composite_begin(body);
	buf_puts(&soql, "SELECT Name, OrganizationType, IsSandbox FROM Organization");
	composite_put_query(&url, false, &soql);
	composite_add(sf, body, "GET", "organization", url.text, NULL, NULL);
	for (size_t i = 0; i < options->n_objects && i < COMPOSITE_PARTS - 1; i++) {
		buf_clear(&url);
		buf_printf(&url, "sobjects/%s/describe", options->objects[i]->name);
		composite_add(sf, body, "GET", options->objects[i]->name, url.text, NULL, NULL);
	}
	composite_end(body);
	buf_free(&soql);
	buf_free(&url);
}

static void
put_left(struct buf *text, const struct salesforce *sf)
{
	uint64_t used = salesforce_calls(sf)->used, limit = salesforce_calls(sf)->limit;

	buf_puts(text, "API calls    ");
	if (limit)
		buf_printf(text, "%" PRIu64 " of %" PRIu64 " left in 24 hours",
		    limit > used ? limit - used : 0, limit);
	else
		buf_puts(text, "not known, as Salesforce does not say (Sforce-Limit-Info)");
}

static int
say_org(struct salesforce *sf, struct line_stream *lines, const struct pull_options *options,
    const struct buf *user, struct err *err)
{
	struct org org = {.arena = arena_open(), .name = "", .edition = "?", .sandbox = "?"};
	struct buf body = {0}, text = {0};
	const char *id = salesforce_org(sf, err);
	int got = -1;

	build_question(sf, options, &body);
	struct salesforce_request request = {
	    .body = body.text, .size = body.size, .record = take_org, .arg = &org};
	if (id)
		got = salesforce_ask(sf, &request, err);
	if (got == 0) {
		buf_printf(&text, "instance     %s", salesforce_instance(sf));
		pull_put_text(lines, &text);
		buf_printf(&text, "user         %s", user->text);
		pull_put_text(lines, &text);
		buf_printf(
		    &text, "org          %s, %s, %s, %s", id, org.name, org.edition, org.sandbox);
		pull_put_text(lines, &text);
		put_left(&text, sf);
		pull_put_text(lines, &text);
		for (size_t i = 0; i < options->n_objects; i++)
			say_hidden(sf, lines, options->objects[i]);
	}
	buf_free(&text);
	buf_free(&body);
	arena_close(org.arena);
	return got;
}

int
pull_whoami(const struct salesforce_options *salesforce, struct line_stream *lines,
    const struct pull_options *options, struct err *err)
{
	struct auth_options auth = {
	    .token_command = salesforce->token_command, .credentials = salesforce->credentials};
	size_t n = auth_sources(&auth);
	struct salesforce *sf = NULL;
	struct buf user = {0};
	int got;

	if (n == 0) {
		sf = salesforce_open(salesforce, err); /* which says what to do */
		got = -1;
	} else {
		got = try_source(salesforce, lines, &sf, &user, err);
		try_others(salesforce, lines, n);
	}
	if (got == 0)
		got = say_org(sf, lines, options, &user, err);
	salesforce_close(sf);
	buf_free(&user);
	return got;
}

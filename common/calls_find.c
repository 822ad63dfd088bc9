#include "calls_find.h"

#include "email.h"
#include "phone.h"
#include "rfc3339.h"
#include "sfid.h"

#include <string.h>

/* The statement that finds them, and its parameters ?1, ?2, ... */
struct search {
	struct buf sql;
	const char *values[16];
	int n;
	struct arena *arena;
};

static void
add(struct search *search, const char *condition, const char *value, const char *behind)
{
	search->values[search->n++] = value;
	buf_printf(&search->sql, "%s?%d%s", condition, search->n, behind);
}

/* An Id, or a virtual record's. */
static int
add_record(
    struct search *search, const char *option, const char *object, const char *id, struct err *err)
{
	char wide[SFID_SIZE];

	if (!id)
		return 0;
	if (strncmp(id, "virtual:", 8) != 0) {
		if (sfid_widen(id, strlen(id), wide) != 0)
			return err_set(err, ST_USAGE, "%s: this is no Salesforce Id", option);
		id = arena_dup(search->arena, wide, SFID_SIZE - 1);
	}
	add(search,
	    " AND id IN (SELECT call_id FROM association WHERE kind = ?1 AND record_id = ", id, "");
	add(search, " AND object IN (", object, "");
	buf_printf(&search->sql, ", 'Virtual' || ?%d))", search->n);
	return 0;
}

static int
add_participant(struct search *search, const struct calls_find *find, struct err *err)
{
	const char *who = find->participant, *value;

	if (!who)
		return 0;
	buf_puts(&search->sql, " AND id IN (SELECT call_id FROM call_participant WHERE kind = ?1");
	size_t size = strlen(who);
	if (strchr(who, '@')) {
		value = email_normalize(who, size, search->arena);
		add(search, " AND email = ", value, ")");
	} else if ((value = phone_normalize(who, size, find->region, search->arena))) {
		add(search, " AND phone = ", value, ")");
	} else {
		value = email_normalize_domain(who, size, search->arena);
		add(search, " AND domain = ", value, ")");
	}
	return value ? 0
		     : err_set(err, ST_USAGE,
			   "--participant: neither an email, a phone number nor a domain");
}

static int
add_since(struct search *search, const char *since, bool emails, struct err *err)
{
	char text[RFC3339_SIZE];
	int64_t ms;

	if (!since)
		return 0;
	if (rfc3339_parse(since, strlen(since), &ms) != 0 &&
	    rfc3339_parse_date(since, strlen(since), &ms) != 0)
		return err_set(err, ST_USAGE, "--since: this is neither a time nor a date");
	rfc3339_format_ms(ms, text);
	add(search, emails ? " AND date >= " : " AND start >= ",
	    arena_dup(search->arena, text, strlen(text)), "");
	return 0;
}

static int
add_conditions(struct search *search, bool emails, const struct calls_find *find, struct err *err)
{
	if (find->id)
		add(search, " AND id = ", find->id, "");
	if (add_record(search, "--account", "Account", find->account, err) != 0 ||
	    add_record(search, "--contact", "Contact", find->contact, err) != 0 ||
	    add_record(search, "--lead", "Lead", find->lead, err) != 0 ||
	    add_record(search, "--opportunity", "Opportunity", find->opportunity, err) != 0 ||
	    add_participant(search, find, err) != 0)
		return -1;
	return add_since(search, find->since, emails, err);
}

static int
write_found(struct store *store, struct search *search, struct line_stream *out, struct err *err)
{
	struct store_query *query = store_query(store, search->sql.text, err);
	size_t size;
	int step = -1;

	for (int i = 0; query && i < search->n; i++)
		store_bind(query, i + 1, search->values[i]);
	while (query && (step = store_step(query, err)) == 1) {
		const char *text = store_text(query, 0, &size);
		line_write(out, text, size);
	}
	return step;
}

int
calls_find(struct store *store, bool emails, const struct calls_find *find, struct line_stream *out,
    struct err *err)
{
	struct search search = {.arena = arena_open()};

	add(&search,
	    emails ? "SELECT line FROM email WHERE 'email' = "
		   : "SELECT line FROM call WHERE 'call' = ",
	    emails ? "email" : "call", "");
	int status = add_conditions(&search, emails, find, err);
	buf_puts(&search.sql, emails ? " ORDER BY date, id" : " ORDER BY start, id");
	if (status == 0)
		status = write_found(store, &search, out, err);
	store_forget(store);
	buf_free(&search.sql);
	arena_close(search.arena);
	return status;
}

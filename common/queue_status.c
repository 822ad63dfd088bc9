#include "queue_status.h"

#include "json.h"
#include "rfc3339.h"
#include "sobject.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* One section of both forms: rows of a statement, as a table under heads, or as objects. */
struct section {
	struct store *store;
	struct buf *out;
	int64_t now_ms;
	bool json;
	bool brief;
};

/* 5 s, 12 min, 3 h, 9 d; "never" for none. */
static void
format_age(char *out, size_t size, const char *time, int64_t now_ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"d", RFC3339_DAY_MS}, {"h", 3600000}, {"min", 60000}, {"s", 1000}};
	int64_t ms;
	size_t i = 0;

	snprintf(out, size, "never");
	if (!time || rfc3339_parse(time, strlen(time), &ms) != 0)
		return;
	ms = now_ms > ms ? now_ms - ms : 0;
	while (i < 3 && ms < units[i].ms)
		i++;
	snprintf(out, size, "%" PRId64 " %s ago", ms / units[i].ms, units[i].unit);
}

static int
number(struct store *store, const char *sql, const char *first, const char *second, int64_t *value,
    struct err *err)
{
	struct store_query *query = store_query(store, sql, err);

	*value = 0;
	if (!query)
		return -1;
	if (first)
		store_bind(query, 1, first);
	if (second)
		store_bind(query, 2, second);
	int step = store_step(query, err);
	if (step == 1) {
		*value = store_int(query, 0);
		store_reset(query);
	}
	return step < 0 ? -1 : 0;
}

static int
meta(struct store *store, const char *name, char *out, size_t size, struct err *err)
{
	struct store_query *query =
	    store_query(store, "SELECT value FROM meta WHERE name = ?1", err);

	out[0] = '\0';
	if (!query)
		return -1;
	store_bind(query, 1, name);
	int step = store_step(query, err);
	if (step == 1) {
		snprintf(out, size, "%s", store_text(query, 0, NULL));
		store_reset(query);
	}
	return step < 0 ? -1 : 0;
}

static int
write_head(struct section *s, struct err *err)
{
	char org[64], schema[16];

	if (meta(s->store, "org", org, sizeof org, err) != 0 ||
	    meta(s->store, "schema", schema, sizeof schema, err) != 0)
		return -1;
	if (s->json) {
		buf_puts(s->out, "{\"kind\":\"status\"");
		json_put_member(s->out, "store", store_path(s->store));
		json_put_member(s->out, "org", *org ? org : NULL);
		buf_printf(s->out, ",\"schema\":%s", *schema ? schema : "null");
		return 0;
	}
	buf_printf(s->out, "store    %s\norg      %s\nschema   %s%s\n\n", store_path(s->store),
	    *org ? org : "not known yet", schema,
	    store_indexed(s->store) ? "" : ", indexes not built yet: run store-apply");
	buf_printf(s->out, "%-24s ", "object");
	if (!s->brief)
		buf_printf(s->out, "%10s %10s  ", "records", "deleted");
	buf_printf(s->out, "%-20s  %s\n", "watermark", "pulled");
	return 0;
}

/* Two counts, of which SQLite finds each in an index. */
static int
count_records(struct section *s, const struct sobject *sobject, int64_t *all, int64_t *deleted,
    struct err *err)
{
	bool shared = false;
	struct buf sql = {0};

	for (size_t i = 0; i < n_sobjects; i++)
		shared |= &sobjects[i] != sobject && strcmp(sobjects[i].table, sobject->table) == 0;
	buf_printf(
	    &sql, "SELECT count(*) FROM %s%s", sobject->table, shared ? " WHERE object = ?1" : "");
	int status = number(s->store, sql.text, shared ? sobject->name : NULL, NULL, all, err);
	store_forget(s->store);
	buf_clear(&sql);
	buf_printf(
	    &sql, "SELECT count(*) FROM %s WHERE is_deleted AND object = ?1", sobject->table);
	if (status == 0)
		status = number(s->store, sql.text, sobject->name, NULL, deleted, err);
	store_forget(s->store);
	buf_free(&sql);
	return status;
}

static void
put_object(struct section *s, const struct sobject *sobject, int64_t all, int64_t deleted,
    const char *modstamp, const char *read)
{
	char age[48];

	if (!s->json) {
		format_age(age, sizeof age, read, s->now_ms);
		buf_printf(s->out, "%-24s ", sobject->name);
		if (!s->brief)
			buf_printf(s->out, "%10" PRId64 " %10" PRId64 "  ", all, deleted);
		buf_printf(s->out, "%-20s  %s\n", modstamp && *modstamp ? modstamp : "-", age);
		return;
	}
	json_put_name(s->out, sobject->name);
	buf_putc(s->out, '{');
	if (!s->brief)
		buf_printf(s->out, "\"records\":%" PRId64 ",\"deleted\":%" PRId64, all, deleted);
	json_put_member(s->out, "modstamp", modstamp && *modstamp ? modstamp : NULL);
	json_put_member(s->out, "read", read);
	buf_putc(s->out, '}');
}

/* Objects that are pulled by default, or that the store holds anything of. */
static int
write_object(struct section *s, const struct sobject *sobject, struct err *err)
{
	int64_t all = 0, deleted = 0;

	if (!s->brief && count_records(s, sobject, &all, &deleted, err) != 0)
		return -1;
	struct store_query *query =
	    store_query(s->store, "SELECT modstamp, read FROM watermark WHERE object = ?1", err);
	if (!query)
		return -1;
	store_bind(query, 1, sobject->name);
	int step = store_step(query, err);
	if (step == 1)
		put_object(s, sobject, all, deleted, store_text(query, 0, NULL),
		    store_text(query, 1, NULL));
	else if (step == 0 && (all > 0 || sobject->by_default))
		put_object(s, sobject, all, deleted, NULL, NULL);
	store_reset(query);
	return step < 0 ? -1 : 0;
}

static int
write_objects(struct section *s, struct err *err)
{
	if (s->json)
		buf_puts(s->out, ",\"objects\":{");
	for (size_t i = 0; i < n_sobjects; i++)
		if (write_object(s, &sobjects[i], err) != 0)
			return -1;
	buf_puts(s->out, s->json ? "}" : s->brief ? "" : "\n");
	return 0;
}

static int
write_consumers(struct section *s, struct err *err)
{
	struct store_query *query = store_query(s->store,
	    "SELECT name, seq, at, (SELECT count(*) FROM change WHERE seq > c.seq AND"
	    " (c.side IS NULL OR instr(c.side, side))), (SELECT count(*) FROM owed WHERE consumer "
	    "= "
	    "name),"
	    " seq + 1 < (SELECT min(seq) FROM change)"
	    " FROM consumer c WHERE of = 'changes' ORDER BY rowid",
	    err);
	char age[48];
	int step;

	if (!query)
		return -1;
	if (s->json)
		buf_puts(s->out, ",\"consumers\":{");
	else
		buf_printf(
		    s->out, "%-24s %10s %10s  %s\n", "consumer", "pending", "owed", "settled");
	while ((step = store_step(query, err)) == 1) {
		const char *name = store_text(query, 0, NULL), *at = store_text(query, 2, NULL);
		int64_t pending = store_int(query, 3), owed = store_int(query, 4);
		if (!s->json) {
			format_age(age, sizeof age, at, s->now_ms);
			if (store_int(query, 5)) /* some are pruned: it gets the whole store */
				buf_printf(s->out, "%-24s %10s %10" PRId64 "  %s\n", name, "all",
				    owed, age);
			else
				buf_printf(s->out, "%-24s %10" PRId64 " %10" PRId64 "  %s\n", name,
				    pending, owed, age);
			continue;
		}
		json_put_name(s->out, name);
		buf_printf(s->out, "{\"seq\":%" PRId64 ",\"pending\":%" PRId64 ",\"owed\":%" PRId64,
		    store_int(query, 1), pending, owed);
		json_put_member(s->out, "at", at);
		buf_putc(s->out, '}');
	}
	buf_puts(s->out, s->json ? "}" : "\n");
	return step;
}

static int
write_counts(struct section *s, struct err *err)
{
	static const struct {
		const char *name, *title, *sql;
	} counts[] = {
	    {"calls", "calls", "SELECT count(*) FROM call"},
	    {"emails", "emails", "SELECT count(*) FROM email"},
	    {"held", "emails held", "SELECT count(*) FROM email WHERE held"},
	    {"locals", "local records", "SELECT count(*) FROM local_record WHERE NOT deleted"},
	    {"links", "links", "SELECT count(*) FROM link WHERE ended IS NULL"},
	    {"conflicts", "conflicts held", "SELECT count(*) FROM conflict"},
	    {"waiting", "ops for importers", "SELECT count(*) FROM op WHERE ok IS NULL"},
	    {"failed", "ops failed", "SELECT count(*) FROM op WHERE ok = 0"},
	    {"rejects", "lines rejected", "SELECT count(*) FROM reject"},
	};
	int64_t value;

	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
		if (number(s->store, counts[i].sql, NULL, NULL, &value, err) != 0)
			return -1;
		if (s->json)
			buf_printf(s->out, ",\"%s\":%" PRId64, counts[i].name, value);
		else
			buf_printf(s->out, "%-24s %10" PRId64 "\n", counts[i].title, value);
	}
	return 0;
}

int
status_write(
    struct store *store, int64_t now_ms, bool json, bool brief, struct buf *out, struct err *err)
{
	struct section s = {
	    .store = store, .out = out, .now_ms = now_ms, .json = json, .brief = brief};

	if (store_begin(store, err) != 0)
		return -1;
	int status =
	    write_head(&s, err) != 0 || write_objects(&s, err) != 0 ||
		    (!brief && (write_consumers(&s, err) != 0 || write_counts(&s, err) != 0))
		? -1
		: 0;
	if (json)
		buf_puts(out, "}\n");
	store_rollback(store);
	return status;
}

int
status_check(struct store *store, int64_t now_ms, int64_t max_age_ms, struct err *err)
{
	struct store_query *query = store_query(store, "SELECT object, read FROM watermark", err);
	char old[512] = "", age[48];
	bool any = false;
	int64_t ms;
	int step;

	if (!query)
		return -1;
	while ((step = store_step(query, err)) == 1) {
		const char *read = store_text(query, 1, NULL);
		any = true;
		if (rfc3339_parse(read, strlen(read), &ms) == 0 && now_ms - ms <= max_age_ms)
			continue;
		size_t used = strlen(old);
		format_age(age, sizeof age, read, now_ms);
		snprintf(old + used, sizeof old - used, "%s%s %s", used ? ", " : "",
		    store_text(query, 0, NULL), age);
	}
	if (step < 0)
		return -1;
	if (!any)
		return err_set(err, ST_UNAVAILABLE, "nothing was pulled into this store yet");
	return *old ? err_set(err, ST_UNAVAILABLE, "pulled too long ago: %s", old) : 0;
}

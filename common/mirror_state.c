#include "mirror_state.h"

#include "rfc3339.h"
#include "sfid.h"
#include "sobject.h"

#include <stdlib.h>
#include <string.h>

#define REJECT_MAX ((size_t)64 * 1024)
#define REJECTS_KEPT "10000"

int
mirror_org(struct store *store, const struct line *line, struct err *err)
{
	static const char put[] = "INSERT INTO meta VALUES ('org', ?1) ON CONFLICT DO NOTHING";
	static const char get[] = "SELECT value FROM meta WHERE name = 'org'";
	size_t size;
	const char *text = json_decode(line_get(line, "org"), line->arena, &size);
	char org[SFID_SIZE];

	if (!text || sfid_widen(text, size, org) != 0)
		return err_set(err, ST_REJECTED, "org is no Salesforce Id");
	struct store_query *query = store_query(store, put, err);
	if (!query)
		return -1;
	store_bind(query, 1, org);
	if (store_run(query, err) != 0 || !(query = store_query(store, get, err)))
		return -1;
	if (store_step(query, err) != 1)
		return -1;
	if (strcmp(store_text(query, 0, NULL), org) != 0)
		err_set(err, ST_CONFIG,
		    "%s: this store belongs to org %s, the lines come from org %s; give each org a "
		    "store of its own",
		    store_path(store), store_text(query, 0, NULL), org);
	store_reset(query);
	return err->status ? -1 : 0;
}

/* A watermark, of a line or of the store. */
struct mark {
	int64_t modstamp_ms; /* INT64_MIN: nothing was pulled yet */
	char modstamp[RFC3339_SIZE];
	char id[SFID_SIZE];
	char read[RFC3339_SIZE];
	struct json fields;
	struct json missing;
};

static int
read_time(const struct line *line, const char *name, bool must, char out[RFC3339_SIZE], int64_t *ms,
    struct err *err)
{
	size_t size;
	struct json json = line_get(line, name);
	const char *text = json_decode(json, line->arena, &size);

	*ms = INT64_MIN;
	out[0] = '\0';
	if (!must && (!json_has(json) || (text && size == 0)))
		return 0;
	if (!text || rfc3339_parse(text, size, ms) != 0)
		return err_set(err, ST_REJECTED, "checkpoint: %s is no RFC 3339 time", name);
	rfc3339_format_ms(*ms, out);
	return 0;
}

static int
read_mark(const struct line *line, struct mark *mark, struct err *err)
{
	size_t size;
	struct json id = line_get(line, "id");
	const char *text = json_decode(id, line->arena, &size);
	int64_t ms;

	*mark =
	    (struct mark){.fields = line_get(line, "fields"), .missing = line_get(line, "missing")};
	if (read_time(line, "modstamp", false, mark->modstamp, &mark->modstamp_ms, err) != 0 ||
	    read_time(line, "read", true, mark->read, &ms, err) != 0)
		return -1;
	if (json_has(id) && !(text && size == 0) &&
	    (!text || sfid_widen(text, size, mark->id) != 0))
		return err_set(err, ST_REJECTED, "checkpoint: id is no Salesforce Id");
	if (json_kind(mark->fields) != JSON_IS_ARRAY)
		return err_set(err, ST_REJECTED, "checkpoint: fields is no list");
	return 0;
}

/* Whether list holds a field that known does not. */
static bool
has_grown(struct json list, struct json known)
{
	struct json_each fields = json_each(list);
	struct json_member field, other;

	while (json_next(&fields, &field)) {
		struct json_each others = json_each(known);
		bool found = false;
		while (!found && json_next(&others, &other))
			found = json_same(field.value, other.value);
		if (!found)
			return true;
	}
	return false;
}

/* 1 if the store holds a watermark that this one would take back, 0 if not. */
static int
goes_back(struct store *store, const char *object, const struct mark *mark, struct err *err)
{
	struct store_query *query =
	    store_query(store, "SELECT modstamp, id, fields FROM watermark WHERE object = ?1", err);
	int64_t ms = INT64_MIN;
	size_t size;

	if (!query)
		return -1;
	store_bind(query, 1, object);
	int step = store_step(query, err);
	if (step != 1)
		return step;
	const char *modstamp = store_text(query, 0, &size);
	if (size > 0)
		rfc3339_parse(modstamp, size, &ms);
	bool back = mark->modstamp_ms < ms ||
		    (mark->modstamp_ms == ms && strcmp(mark->id, store_text(query, 1, NULL)) < 0);
	const char *fields = store_text(query, 2, &size);
	bool grown = has_grown(mark->fields, (struct json){fields, size});
	store_reset(query);
	return back && !grown;
}

int
mirror_watermark(struct store *store, const struct line *line, struct err *err)
{
	static const char put[] =
	    "INSERT INTO watermark VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (object) DO UPDATE"
	    " SET modstamp = excluded.modstamp, id = excluded.id, read = excluded.read,"
	    " fields = excluded.fields, missing = excluded.missing"
	    " WHERE modstamp <> excluded.modstamp OR id <> excluded.id OR read <> excluded.read"
	    " OR fields <> excluded.fields OR missing IS NOT excluded.missing";
	const char *object = line_string(line, "object");
	const struct sobject *sobject = object ? sobject_find_exact(object, strlen(object)) : NULL;
	struct mark mark;
	int back = 0;

	if (!sobject)
		return err_set(err, ST_REJECTED, "checkpoint: unknown object");
	if (read_mark(line, &mark, err) != 0)
		return -1;
	if (json_kind(line_get(line, "reset")) != JSON_IS_TRUE)
		back = goes_back(store, sobject->name, &mark, err);
	if (back != 0)
		return back < 0 ? -1 : 0;
	struct store_query *query = store_query(store, put, err);
	if (!query)
		return -1;
	store_bind(query, 1, sobject->name);
	store_bind(query, 2, mark.modstamp);
	store_bind(query, 3, mark.id);
	store_bind(query, 4, mark.read);
	store_bind_bytes(query, 5, mark.fields.at, mark.fields.size);
	if (json_kind(mark.missing) == JSON_IS_ARRAY)
		store_bind_bytes(query, 6, mark.missing.at, mark.missing.size);
	return store_run(query, err);
}

/* Behind the last whole character within the first max bytes. */
static size_t
cut(const char *text, size_t size, size_t max)
{
	if (size <= max)
		return size;
	while (max > 0 && ((unsigned char)text[max] & 0xc0) == 0x80)
		max--;
	return max;
}

/* The bytes as valid UTF-8 without NUL, as an sqlite3 user wants to see them. */
static char *
clean_text(const char *text, size_t size, struct arena *arena)
{
	struct buf quoted = {0};

	json_put_string(&quoted, text, cut(text, size, REJECT_MAX));
	char *clean = json_decode((struct json){quoted.text, quoted.size}, arena, NULL);
	buf_free(&quoted);
	return clean;
}

int
mirror_reject(struct store *store, const char *at, const char *tool, const char *why,
    const char *text, size_t size, struct err *err)
{
	struct store_query *query = store_query(store,
	    "INSERT INTO reject (at, tool, why, line) SELECT ?1, ?2, ?3, ?4"
	    " WHERE NOT EXISTS (SELECT 1 FROM reject WHERE tool = ?2 AND line = ?4)",
	    err);
	struct arena *arena = arena_open();
	int status = -1;

	if (query) {
		store_bind(query, 1, at);
		store_bind(query, 2, tool);
		store_bind(query, 3, why);
		store_bind(query, 4, clean_text(text, size, arena));
		status = store_run(query, err);
	}
	if (status == 0 && store_changes(store) > 0) {
		query = store_query(store, "DELETE FROM reject WHERE n <= ?1 - " REJECTS_KEPT, err);
		if (query)
			store_bind_int(query, 1, store_last_rowid(store));
		status = query ? store_run(query, err) : -1;
	}
	arena_close(arena);
	return status;
}

int
mirror_reject_line(struct store *store, const char *at, const struct line *line, struct err *err)
{
	const char *tool = line_string(line, "tool"), *why = line_string(line, "why");
	size_t size;
	const char *text = json_decode(line_get(line, "line"), line->arena, &size);

	if (!tool || !why || !text)
		return err_set(err, ST_REJECTED, "reject: tool, why and line must be strings");
	return mirror_reject(store, at, tool, why, text, size, err);
}

int
mirror_reject_list(struct store *store, struct line_stream *out, struct err *err)
{
	struct store_query *query =
	    store_query(store, "SELECT at, tool, why, line FROM reject ORDER BY n", err);
	struct buf line = {0};
	int step;

	if (!query)
		return -1;
	while ((step = store_step(query, err)) == 1) {
		buf_clear(&line);
		buf_puts(&line, "{\"kind\":\"reject\"");
		json_put_member(&line, "at", store_text(query, 0, NULL));
		json_put_member(&line, "tool", store_text(query, 1, NULL));
		json_put_member(&line, "why", store_text(query, 2, NULL));
		json_put_member(&line, "line", store_text(query, 3, NULL));
		buf_putc(&line, '}');
		line_write(out, line.text, line.size);
	}
	buf_free(&line);
	return step;
}

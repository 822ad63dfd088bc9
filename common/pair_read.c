#include "pair_read.h"

#include "email.h"
#include "mirror_sql.h"
#include "sfid.h"
#include "sobject.h"

#include <stdlib.h>
#include <string.h>

#define MAX_FORMER 1000 /* records that became one */

struct pair_reader {
	struct store *store;
	struct mirror_sql *sql;
};

struct pair_reader *
pair_reader_open(struct store *store)
{
	struct pair_reader *reader = xalloc(sizeof *reader);

	*reader = (struct pair_reader){.store = store, .sql = mirror_sql_open()};
	return reader;
}

void
pair_reader_close(struct pair_reader *reader)
{
	if (!reader)
		return;
	store_forget(reader->store);
	mirror_sql_close(reader->sql);
	free(reader);
}

static const char *
email_of(struct json value, struct arena *arena)
{
	size_t size;
	const char *text = json_decode(value, arena, &size);

	return text ? email_normalize(text, size, arena) : NULL;
}

static const char *
id_of(struct json value, struct arena *arena)
{
	char wide[SFID_SIZE];
	size_t size;
	const char *text = json_decode(value, arena, &size);

	return text && sfid_widen(text, size, wide) == 0 ? arena_dup(arena, wide, SFID_SIZE - 1)
							 : NULL;
}

static bool
is_true(struct json record, const char *name)
{
	return json_kind(json_get(record, name)) == JSON_IS_TRUE;
}

int
pair_read_record(struct pair_reader *reader, const struct fieldmap_object *object, const char *id,
    struct arena *arena, struct pair_record *record, struct err *err)
{
	const struct sobject *sobject = sobject_find(object->name);
	size_t size;

	if (!sobject)
		return 0;
	struct store_query *query =
	    store_query(reader->store, mirror_sql_select(reader->sql, sobject), err);
	if (!query)
		return -1;
	store_bind(query, 1, id);
	int step = store_step(query, err);
	if (step != 1)
		return step;
	const char *text = store_text(query, 0, &size);
	struct json json = {arena_dup(arena, text, size), size};
	*record = (struct pair_record){.object = object,
	    .id = arena_dup(arena, id, strlen(id)),
	    .json = json,
	    .deleted = store_int(query, 2) != 0,
	    .converted = is_true(json, "IsConverted"),
	    .person = is_true(json, "IsPersonAccount"),
	    .master = id_of(json_get(json, "MasterRecordId"), arena),
	    .contact = id_of(json_get(json, "ConvertedContactId"), arena),
	    .email = email_of(json_get(json, "Email"), arena),
	    .modified = json_decode(json_get(json, "LastModifiedDate"), arena, NULL)};
	store_reset(query);
	return 1;
}

int
pair_read_local(struct pair_reader *reader, const char *object, const char *id, struct arena *arena,
    struct pair_local *local, struct err *err)
{
	struct store_query *query = store_query(reader->store,
	    "SELECT salesforce_id, modified, changed, deleted, fields FROM local_record"
	    " WHERE object = ?1 AND id = ?2",
	    err);
	size_t size;

	if (!query)
		return -1;
	store_bind(query, 1, object);
	store_bind(query, 2, id);
	int step = store_step(query, err);
	if (step != 1)
		return step;
	*local = (struct pair_local){.object = arena_dup(arena, object, strlen(object)),
	    .id = arena_dup(arena, id, strlen(id)),
	    .salesforce_id = store_text_dup(query, 0, arena),
	    .modified = store_text_dup(query, 1, arena),
	    .changed = store_text_dup(query, 2, arena),
	    .deleted = store_int(query, 3) != 0};
	const char *text = store_text(query, 4, &size);
	local->fields = (struct json){arena_dup(arena, text, size), size};
	store_reset(query);
	return 1;
}

const char *
pair_local_email(
    const struct fieldmap_object *object, const struct pair_local *local, struct arena *arena)
{
	const struct fieldmap_field *email = fieldmap_salesforce(object, "Email");

	return email && email->local ? email_of(json_get(local->fields, email->local), arena)
				     : NULL;
}

/* Those that were merged into it, or became it, which were merged into themselves... */
static int
read_former(struct pair_reader *reader, const char *id, struct arena *arena, const char **ids,
    size_t *n, struct err *err)
{
	static const char *const former[] = {
	    "SELECT id FROM contact WHERE master_record_id = ?1 ORDER BY id LIMIT 1000",
	    "SELECT id FROM lead WHERE master_record_id = ?1 ORDER BY id LIMIT 1000",
	    "SELECT id FROM account WHERE master_record_id = ?1 ORDER BY id LIMIT 1000",
	    "SELECT id FROM lead WHERE converted_contact_id = ?1 ORDER BY id LIMIT 1000",
	};

	for (size_t i = 0; i < sizeof former / sizeof *former; i++) {
		struct store_query *query = store_query(reader->store, former[i], err);
		int step = query ? 0 : -1;
		if (query)
			store_bind(query, 1, id);
		while (step >= 0 && *n < MAX_FORMER && (step = store_step(query, err)) == 1)
			ids[(*n)++] = store_text_dup(query, 0, arena);
		if (query)
			store_reset(query);
		if (step < 0)
			return -1;
	}
	return 0;
}

int
pair_read_former(struct pair_reader *reader, const char *id, struct arena *arena, struct link *link,
    struct err *err)
{
	const char **ids = arena_array(arena, MAX_FORMER, sizeof *ids);
	size_t n = 0;

	if (read_former(reader, id, arena, ids, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct sobject *sobject = sobject_find_id(ids[i]);
		int found = !sobject ? 0
				     : link_of_record(reader->store, sobject->name, ids[i], false,
					   arena, link, err);
		if (found != 0)
			return found;
		if (read_former(reader, ids[i], arena, ids, &n, err) != 0)
			return -1;
	}
	return 0;
}

static int
one_text(struct pair_reader *reader, const char *sql, const char *key, struct arena *arena,
    const char **text, struct err *err)
{
	struct store_query *query = store_query(reader->store, sql, err);

	if (!query)
		return -1;
	store_bind(query, 1, key);
	int step = store_step(query, err);
	*text = step == 1 ? store_text_dup(query, 0, arena) : NULL;
	store_reset(query);
	return step;
}

int
pair_read_contact(struct pair_reader *reader, const char *email, struct arena *arena,
    const char **id, struct err *err)
{
	return one_text(reader,
	    "SELECT id FROM contact WHERE email = ?1 AND is_deleted = 0 ORDER BY id LIMIT 1", email,
	    arena, id, err);
}

int
pair_read_user(struct pair_reader *reader, const char *id, struct arena *arena,
    const char **username, struct err *err)
{
	return one_text(reader, "SELECT username FROM user WHERE id = ?1 AND is_active", id, arena,
	    username, err);
}

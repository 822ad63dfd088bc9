#include "pair_find.h"

#include "buf.h"
#include "email.h"
#include "mirror_sql.h"
#include "sfid.h"
#include "sobject.h"

#include <stdlib.h>
#include <string.h>

#define MAX_SAME 1000 /* records of one email that are told apart */
#define MAX_FORMER 32 /* merges in a chain */

/* The statements of an object of the map; empty: it is not found so. */
struct finder_object {
	const struct fieldmap_object *object;
	const char *email_field; /* the local one, or NULL */
	struct buf records;      /* ?1 email ?2 object ?3 local object: Ids, in order */
	struct buf locals;       /* ?1 email ?2 object ?3 local object ?4 field: ids, in order */
	struct buf namesakes;    /* ?1 email ?2 object: Ids that are linked */
	struct buf claims;       /* ?1 Id ?2 local object: ids, in order */
};

struct pair_finder {
	struct store *store;
	struct mirror_sql *sql;
	struct finder_object *objects;
	size_t n_objects;
};

static bool
has_column(const struct sobject *sobject, const char *column)
{
	for (size_t i = 0; i < sobject->n_fields; i++)
		if (sobject->fields[i].column && strcmp(sobject->fields[i].column, column) == 0)
			return true;
	return false;
}

/* Whether the map matches by this, and before that if it is not the same. */
static bool
matches(const struct fieldmap_object *object, enum fieldmap_match by, enum fieldmap_match before)
{
	for (size_t i = 0; i < object->n_match; i++) {
		if (object->match[i] == by)
			return true;
		if (object->match[i] == before)
			return false;
	}
	return false;
}

/* A record that may be paired. */
static void
put_free_record(struct buf *sql, const struct sobject *sobject)
{
	buf_puts(sql, "r.is_deleted = 0 AND NOT EXISTS (SELECT 1 FROM link WHERE object = ?2"
		      " AND salesforce_id = r.id AND ended IS NULL)");
	if (has_column(sobject, "is_converted"))
		buf_puts(sql, " AND r.is_converted IS NOT 1");
	if (has_column(sobject, "is_person_account"))
		buf_puts(sql, " AND r.is_person_account IS NOT 1");
}

#define FREE_LOCAL                                                                                 \
	"l.object = ?3 AND l.deleted = 0 AND NOT EXISTS (SELECT 1 FROM link"                       \
	" WHERE local_object = ?3 AND local_id = l.id AND ended IS NULL)"

static void
make_by_email(struct finder_object *f, const struct sobject *sobject)
{
	bool oldest = f->object->duplicates == FIELDMAP_OLDEST_MODIFIED;
	bool claimed = matches(f->object, FIELDMAP_SALESFORCE_ID, FIELDMAP_EMAIL);
	const char *date = oldest ? "r.last_modified_date" : "r.created_date DESC";

	buf_printf(&f->records, "SELECT r.id FROM %s r WHERE r.email = ?1 AND r.object = ?2 AND ",
	    sobject->table);
	put_free_record(&f->records, sobject);
	if (claimed)
		buf_puts(&f->records, " AND NOT EXISTS (SELECT 1 FROM local_record l WHERE"
				      " l.salesforce_id = r.id AND " FREE_LOCAL ")");
	buf_printf(&f->records, " ORDER BY %.*s IS NULL, %s, r.id LIMIT 1000",
	    (int)strcspn(date, " "), date, date);
	buf_printf(&f->namesakes,
	    "SELECT r.id FROM %s r JOIN link k ON k.object = ?2 AND k.salesforce_id = r.id AND"
	    " k.ended IS NULL WHERE r.email = ?1 AND r.object = ?2 AND r.is_deleted = 0"
	    " ORDER BY r.id LIMIT 1",
	    sobject->table);
	buf_puts(&f->locals, "SELECT l.id FROM local_email e JOIN local_record l ON"
			     " l.object = e.object AND l.id = e.id WHERE e.email = ?1 AND"
			     " e.object = ?3 AND e.field = ?4 AND " FREE_LOCAL);
	if (claimed) {
		buf_printf(&f->locals,
		    " AND NOT EXISTS (SELECT 1 FROM %s r WHERE r.id = l.salesforce_id AND"
		    " r.object = ?2 AND ",
		    sobject->table);
		put_free_record(&f->locals, sobject);
		buf_putc(&f->locals, ')');
	}
	buf_printf(&f->locals, " ORDER BY %sl.id LIMIT 1000",
	    oldest ? "l.changed IS NULL, l.changed, " : "");
}

static void
make_object(struct finder_object *f, const struct fieldmap_object *object)
{
	const struct sobject *sobject = sobject_find(object->name);
	const struct fieldmap_field *email = fieldmap_salesforce(object, "Email");

	f->object = object;
	if (!sobject)
		return;
	if (matches(object, FIELDMAP_SALESFORCE_ID, FIELDMAP_SALESFORCE_ID))
		buf_puts(&f->claims, "SELECT l.id FROM local_record l WHERE l.salesforce_id = ?1"
				     " AND ?2 <> '' AND " FREE_LOCAL
				     " ORDER BY l.changed IS NULL, l.changed, l.id LIMIT 1");
	if (email && email->local && has_column(sobject, "email") &&
	    matches(object, FIELDMAP_EMAIL, FIELDMAP_EMAIL)) {
		f->email_field = email->local;
		make_by_email(f, sobject);
	}
}

struct pair_finder *
pair_finder_open(struct store *store, const struct fieldmap *map)
{
	struct pair_finder *finder = xalloc(sizeof *finder);

	*finder = (struct pair_finder){.store = store,
	    .sql = mirror_sql_open(),
	    .objects = xalloc((map->n_objects + 1) * sizeof *finder->objects),
	    .n_objects = map->n_objects};
	for (size_t i = 0; i < map->n_objects; i++) {
		finder->objects[i] = (struct finder_object){0};
		make_object(&finder->objects[i], &map->objects[i]);
	}
	return finder;
}

void
pair_finder_close(struct pair_finder *finder)
{
	if (!finder)
		return;
	store_forget(finder->store);
	for (size_t i = 0; i < finder->n_objects; i++) {
		buf_free(&finder->objects[i].records);
		buf_free(&finder->objects[i].locals);
		buf_free(&finder->objects[i].namesakes);
		buf_free(&finder->objects[i].claims);
	}
	free(finder->objects);
	mirror_sql_close(finder->sql);
	free(finder);
}

static const struct finder_object *
finder_of(const struct pair_finder *finder, const struct fieldmap_object *object)
{
	size_t i = 0;

	while (finder->objects[i].object != object)
		i++;
	return &finder->objects[i];
}

static const char *
copy(struct store_query *query, int column, struct arena *arena)
{
	size_t size;
	const char *text = store_text(query, column, &size);

	return text ? arena_dup(arena, text, size) : NULL;
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
pair_find_record(struct pair_finder *finder, const struct fieldmap_object *object, const char *id,
    struct arena *arena, struct pair_record *record, struct err *err)
{
	const struct sobject *sobject = sobject_find(object->name);
	size_t size;

	if (!sobject)
		return 0;
	struct store_query *query =
	    store_query(finder->store, mirror_sql_select(finder->sql, sobject), err);
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
pair_find_local(struct pair_finder *finder, const char *object, const char *id, struct arena *arena,
    struct pair_local *local, struct err *err)
{
	struct store_query *query = store_query(finder->store,
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
	    .salesforce_id = copy(query, 0, arena),
	    .modified = copy(query, 1, arena),
	    .changed = copy(query, 2, arena),
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

/* The ids that a statement gives. */
static int
read_ids(
    struct store_query *query, struct arena *arena, const char **ids, size_t *n, struct err *err)
{
	int step;

	*n = 0;
	while ((step = store_step(query, err)) == 1 && *n < MAX_SAME)
		ids[(*n)++] = copy(query, 0, arena);
	store_reset(query);
	return step < 0 ? -1 : 0;
}

static int
same_email(struct pair_finder *finder, const struct finder_object *f, bool local, const char *email,
    struct arena *arena, const char ***ids, size_t *n, struct err *err)
{
	const struct buf *sql = local ? &f->locals : &f->records;

	*n = 0;
	*ids = NULL;
	if (!sql->text || !email)
		return 0;
	struct store_query *query = store_query(finder->store, sql->text, err);
	if (!query)
		return -1;
	*ids = arena_array(arena, MAX_SAME, sizeof **ids);
	store_bind(query, 1, email);
	store_bind(query, 2, f->object->name);
	store_bind(query, 3, f->object->local);
	if (local)
		store_bind(query, 4, f->email_field);
	return read_ids(query, arena, *ids, n, err);
}

/* The one on the other side of the same rank. */
static int
by_email(struct pair_finder *finder, const struct finder_object *f, bool local_wanted,
    const char *own_id, const char *email, struct arena *arena, const char **id, struct err *err)
{
	const char **own, **others;
	size_t n_own, n_others, rank = 0;

	if (same_email(finder, f, !local_wanted, email, arena, &own, &n_own, err) != 0 ||
	    same_email(finder, f, local_wanted, email, arena, &others, &n_others, err) != 0)
		return -1;
	while (rank < n_own && strcmp(own[rank], own_id) != 0)
		rank++;
	if (rank >= n_own || rank >= n_others)
		return 0;
	*id = others[rank];
	return 1;
}

/* The first local record that names this record as its own. */
static int
by_claim(struct pair_finder *finder, const struct finder_object *f, const char *record,
    struct arena *arena, const char **id, struct err *err)
{
	if (!f->claims.text)
		return 0;
	struct store_query *query = store_query(finder->store, f->claims.text, err);
	if (!query)
		return -1;
	store_bind(query, 1, record);
	store_bind(query, 2, f->object->name);
	store_bind(query, 3, f->object->local);
	int step = store_step(query, err);
	*id = step == 1 ? copy(query, 0, arena) : NULL;
	store_reset(query);
	return step;
}

int
pair_find_partner(struct pair_finder *finder, const struct pair_record *record, struct arena *arena,
    const char **id, const char **by, struct err *err)
{
	const struct finder_object *f = finder_of(finder, record->object);
	int found = 0;

	for (size_t i = 0; i < record->object->n_match && found == 0; i++) {
		enum fieldmap_match match = record->object->match[i];
		*by = fieldmap_match_names[match];
		if (match == FIELDMAP_SALESFORCE_ID)
			found = by_claim(finder, f, record->id, arena, id, err);
		else if (match == FIELDMAP_EMAIL)
			found =
			    by_email(finder, f, true, record->id, record->email, arena, id, err);
	}
	return found;
}

/* The record that a local one names, if it may be paired, and this is the first to name it. */
static int
by_own_claim(struct pair_finder *finder, const struct finder_object *f,
    const struct pair_local *local, struct arena *arena, const char **id, struct err *err)
{
	const char *named = local->salesforce_id, *first = NULL;
	struct pair_record record = {0};
	struct link link;
	int found = 0;

	if (!named)
		return 0;
	for (int i = 0; named && i < MAX_FORMER; i++) {
		found = pair_find_record(finder, f->object, named, arena, &record, err);
		if (found <= 0 || !record.deleted)
			break;
		named = record.master;
	}
	if (found <= 0 || !record.id || record.deleted || record.converted || record.person)
		return found < 0 ? -1 : 0;
	*id = record.id;
	int linked =
	    link_of_record(finder->store, f->object->name, record.id, false, arena, &link, err);
	if (linked != 0)
		return linked < 0 ? -1 : 0;
	if (strcmp(record.id, local->salesforce_id) != 0)
		return 1;
	found = by_claim(finder, f, record.id, arena, &first, err);
	return found == 1 && first ? strcmp(first, local->id) == 0 : found;
}

int
pair_find_record_of(struct pair_finder *finder, const struct fieldmap_object *object,
    const struct pair_local *local, struct arena *arena, const char **id, const char **by,
    struct err *err)
{
	const struct finder_object *f = finder_of(finder, object);
	const char *email = pair_local_email(object, local, arena);
	int found = 0;

	for (size_t i = 0; i < object->n_match && found == 0; i++) {
		enum fieldmap_match match = object->match[i];
		*by = fieldmap_match_names[match];
		if (match == FIELDMAP_SALESFORCE_ID)
			found = by_own_claim(finder, f, local, arena, id, err);
		else if (match == FIELDMAP_EMAIL)
			found = by_email(finder, f, false, local->id, email, arena, id, err);
	}
	return found;
}

int
pair_find_email(struct pair_finder *finder, const struct fieldmap_object *object, bool local,
    const char *email, struct arena *arena, const char **id, struct err *err)
{
	const char **ids;
	size_t n;

	if (same_email(finder, finder_of(finder, object), local, email, arena, &ids, &n, err) != 0)
		return -1;
	if (n > 0)
		*id = ids[0];
	return n > 0;
}

int
pair_find_emails(struct pair_finder *finder, const struct fieldmap_object *object, bool local,
    const char *email, struct arena *arena, const char ***ids, size_t *n, struct err *err)
{
	return same_email(finder, finder_of(finder, object), local, email, arena, ids, n, err);
}

int
pair_find_namesake(struct pair_finder *finder, const struct fieldmap_object *object, bool local,
    const char *email, struct arena *arena, const char **id, struct err *err)
{
	const struct finder_object *f = finder_of(finder, object);
	const char *sql =
	    local ? "SELECT e.id FROM local_email e JOIN link k ON k.local_object = e.object AND"
		    " k.local_id = e.id AND k.ended IS NULL WHERE e.email = ?1 AND e.object = ?3"
		    " AND e.field = ?4 AND ?2 <> '' ORDER BY e.id LIMIT 1"
		  : f->namesakes.text;

	if (!f->email_field || !email)
		return 0;
	struct store_query *query = store_query(finder->store, sql, err);
	if (!query)
		return -1;
	store_bind(query, 1, email);
	store_bind(query, 2, object->name);
	if (local) {
		store_bind(query, 3, object->local);
		store_bind(query, 4, f->email_field);
	}
	int step = store_step(query, err);
	*id = step == 1 ? copy(query, 0, arena) : NULL;
	store_reset(query);
	return step;
}

/* Those that were merged into it, or became it, which were merged into themselves... */
static int
read_former(struct pair_finder *finder, const char *id, struct arena *arena, const char **ids,
    size_t *n, struct err *err)
{
	static const char *const former[] = {
	    "SELECT id FROM contact WHERE master_record_id = ?1 ORDER BY id LIMIT 1000",
	    "SELECT id FROM lead WHERE master_record_id = ?1 ORDER BY id LIMIT 1000",
	    "SELECT id FROM account WHERE master_record_id = ?1 ORDER BY id LIMIT 1000",
	    "SELECT id FROM lead WHERE converted_contact_id = ?1 ORDER BY id LIMIT 1000",
	};

	for (size_t i = 0; i < sizeof former / sizeof *former; i++) {
		struct store_query *query = store_query(finder->store, former[i], err);
		int step = query ? 0 : -1;
		if (query)
			store_bind(query, 1, id);
		while (step >= 0 && *n < MAX_SAME && (step = store_step(query, err)) == 1)
			ids[(*n)++] = copy(query, 0, arena);
		if (query)
			store_reset(query);
		if (step < 0)
			return -1;
	}
	return 0;
}

int
pair_find_former(struct pair_finder *finder, const char *id, struct arena *arena, struct link *link,
    struct err *err)
{
	const char **ids = arena_array(arena, MAX_SAME, sizeof *ids);
	size_t n = 0;

	if (read_former(finder, id, arena, ids, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		const struct sobject *sobject = sobject_find_id(ids[i]);
		int found = !sobject ? 0
				     : link_of_record(finder->store, sobject->name, ids[i], false,
					   arena, link, err);
		if (found != 0)
			return found;
		if (read_former(finder, ids[i], arena, ids, &n, err) != 0)
			return -1;
	}
	return 0;
}

static int
one_text(struct pair_finder *finder, const char *sql, const char *key, struct arena *arena,
    const char **text, struct err *err)
{
	struct store_query *query = store_query(finder->store, sql, err);

	if (!query)
		return -1;
	store_bind(query, 1, key);
	int step = store_step(query, err);
	*text = step == 1 ? copy(query, 0, arena) : NULL;
	store_reset(query);
	return step;
}

int
pair_find_contact(struct pair_finder *finder, const char *email, struct arena *arena,
    const char **id, struct err *err)
{
	return one_text(finder,
	    "SELECT id FROM contact WHERE email = ?1 AND is_deleted = 0 ORDER BY id LIMIT 1", email,
	    arena, id, err);
}

int
pair_find_user(struct pair_finder *finder, const char *id, struct arena *arena,
    const char **username, struct err *err)
{
	return one_text(finder, "SELECT username FROM user WHERE id = ?1 AND is_active", id, arena,
	    username, err);
}

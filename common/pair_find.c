#include "pair_find.h"

#include "pair_sql.h"

#include <stdlib.h>
#include <string.h>

#define MAX_SAME 1000 /* records of one email that are told apart: as in pair_sql.c */
#define MAX_MERGES 32 /* in a chain */

struct pair_finder {
	struct store *store;
	struct pair_reader *reader;
	struct pair_sql *objects;
	size_t n_objects;
};

struct pair_finder *
pair_finder_open(struct store *store, struct pair_reader *reader, const struct fieldmap *map)
{
	struct pair_finder *finder = xalloc(sizeof *finder);

	*finder = (struct pair_finder){.store = store,
	    .reader = reader,
	    .objects = xalloc((map->n_objects + 1) * sizeof *finder->objects),
	    .n_objects = map->n_objects};
	for (size_t i = 0; i < map->n_objects; i++)
		pair_sql_make(&finder->objects[i], &map->objects[i]);
	return finder;
}

void
pair_finder_close(struct pair_finder *finder)
{
	if (!finder)
		return;
	store_forget(finder->store);
	for (size_t i = 0; i < finder->n_objects; i++)
		pair_sql_free(&finder->objects[i]);
	free(finder->objects);
	free(finder);
}

static const struct pair_sql *
finder_of(const struct pair_finder *finder, const struct fieldmap_object *object)
{
	size_t i = 0;

	while (finder->objects[i].object != object)
		i++;
	return &finder->objects[i];
}

/* The ids that a statement gives. */
static int
read_ids(
    struct store_query *query, struct arena *arena, const char **ids, size_t *n, struct err *err)
{
	int step;

	*n = 0;
	while ((step = store_step(query, err)) == 1 && *n < MAX_SAME)
		ids[(*n)++] = store_text_dup(query, 0, arena);
	store_reset(query);
	return step < 0 ? -1 : 0;
}

static int
same_email(struct pair_finder *finder, const struct pair_sql *sql, bool local, const char *email,
    struct arena *arena, const char ***ids, size_t *n, struct err *err)
{
	const struct buf *text = local ? &sql->locals : &sql->records;

	*n = 0;
	*ids = NULL;
	if (!text->text || !email)
		return 0;
	struct store_query *query = store_query(finder->store, text->text, err);
	if (!query)
		return -1;
	*ids = arena_array(arena, MAX_SAME, sizeof **ids);
	store_bind(query, 1, email);
	store_bind(query, 2, sql->object->name);
	store_bind(query, 3, sql->object->local);
	if (local)
		store_bind(query, 4, sql->email_field);
	return read_ids(query, arena, *ids, n, err);
}

/* The one on the other side of the same rank. */
static int
by_email(struct pair_finder *finder, const struct pair_sql *sql, bool local_wanted,
    const char *own_id, const char *email, struct arena *arena, const char **id, struct err *err)
{
	const char **own, **others;
	size_t n_own, n_others, rank = 0;

	if (same_email(finder, sql, !local_wanted, email, arena, &own, &n_own, err) != 0 ||
	    same_email(finder, sql, local_wanted, email, arena, &others, &n_others, err) != 0)
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
by_claim(struct pair_finder *finder, const struct pair_sql *sql, const char *record,
    struct arena *arena, const char **id, struct err *err)
{
	if (!sql->claims.text)
		return 0;
	struct store_query *query = store_query(finder->store, sql->claims.text, err);
	if (!query)
		return -1;
	store_bind(query, 1, record);
	store_bind(query, 2, sql->object->name);
	store_bind(query, 3, sql->object->local);
	int step = store_step(query, err);
	*id = step == 1 ? store_text_dup(query, 0, arena) : NULL;
	store_reset(query);
	return step;
}

int
pair_find_partner(struct pair_finder *finder, const struct pair_record *record, struct arena *arena,
    const char **id, const char **by, struct err *err)
{
	const struct pair_sql *sql = finder_of(finder, record->object);
	int found = 0;

	for (size_t i = 0; i < record->object->n_match && found == 0; i++) {
		enum fieldmap_match match = record->object->match[i];
		*by = fieldmap_match_names[match];
		if (match == FIELDMAP_SALESFORCE_ID)
			found = by_claim(finder, sql, record->id, arena, id, err);
		else if (match == FIELDMAP_EMAIL)
			found =
			    by_email(finder, sql, true, record->id, record->email, arena, id, err);
	}
	return found;
}

/* The record that a local one names, if it may be paired, and this is the first to name it. */
static int
by_own_claim(struct pair_finder *finder, const struct pair_sql *sql, const struct pair_local *local,
    struct arena *arena, const char **id, struct err *err)
{
	const char *named = local->salesforce_id, *first = NULL;
	struct pair_record record = {0};
	struct link link;
	int found = 0;

	if (!named)
		return 0;
	for (int i = 0; named && i < MAX_MERGES; i++) {
		found = pair_read_record(finder->reader, sql->object, named, arena, &record, err);
		if (found <= 0 || !record.deleted)
			break;
		named = record.master;
	}
	if (found <= 0 || !record.id || record.deleted || record.converted || record.person)
		return found < 0 ? -1 : 0;
	*id = record.id;
	int linked =
	    link_of_record(finder->store, sql->object->name, record.id, false, arena, &link, err);
	if (linked != 0)
		return linked < 0 ? -1 : 0;
	if (strcmp(record.id, local->salesforce_id) != 0)
		return 1;
	found = by_claim(finder, sql, record.id, arena, &first, err);
	return found == 1 && first ? strcmp(first, local->id) == 0 : found;
}

int
pair_find_record_of(struct pair_finder *finder, const struct fieldmap_object *object,
    const struct pair_local *local, struct arena *arena, const char **id, const char **by,
    struct err *err)
{
	const struct pair_sql *sql = finder_of(finder, object);
	const char *email = pair_local_email(object, local, arena);
	int found = 0;

	for (size_t i = 0; i < object->n_match && found == 0; i++) {
		enum fieldmap_match match = object->match[i];
		*by = fieldmap_match_names[match];
		if (match == FIELDMAP_SALESFORCE_ID)
			found = by_own_claim(finder, sql, local, arena, id, err);
		else if (match == FIELDMAP_EMAIL)
			found = by_email(finder, sql, false, local->id, email, arena, id, err);
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
	const struct pair_sql *sql = finder_of(finder, object);
	const char *text =
	    local ? "SELECT e.id FROM local_email e JOIN link k ON k.local_object = e.object AND"
		    " k.local_id = e.id AND k.ended IS NULL WHERE e.email = ?1 AND e.object = ?3"
		    " AND e.field = ?4 AND ?2 <> '' ORDER BY e.id LIMIT 1"
		  : sql->namesakes.text;

	if (!sql->email_field || !email)
		return 0;
	struct store_query *query = store_query(finder->store, text, err);
	if (!query)
		return -1;
	store_bind(query, 1, email);
	store_bind(query, 2, object->name);
	if (local) {
		store_bind(query, 3, object->local);
		store_bind(query, 4, sql->email_field);
	}
	int step = store_step(query, err);
	*id = step == 1 ? store_text_dup(query, 0, arena) : NULL;
	store_reset(query);
	return step;
}

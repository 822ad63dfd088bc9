#include "pair_switch.h"

#include "arena.h"

#include <string.h>

/* Local records of the object, and the ids of the first: those that a switch concerns. */
static int
count_locals(
    struct store *store, const char *object, int64_t *n, char *first, size_t room, struct err *err)
{
	struct store_query *query = store_query(store,
	    "SELECT count(*), (SELECT group_concat(id, ', ') FROM (SELECT id FROM local_record"
	    " WHERE object = ?1 AND deleted = 0 ORDER BY id LIMIT 5))"
	    " FROM local_record WHERE object = ?1 AND deleted = 0",
	    err);
	size_t size;

	if (!query)
		return -1;
	store_bind(query, 1, object);
	int step = store_step(query, err);
	*n = step == 1 ? store_int(query, 0) : 0;
	const char *ids = *n > 0 ? store_text(query, 1, &size) : NULL;
	diag_escape(first, room, ids ? ids : "", ids ? size : 0);
	store_reset(query);
	return step < 0 ? -1 : 0;
}

/* 1 with what the run before said, 0 if there was none. */
static int
before(struct store *store, const char *object, struct arena *arena, struct json *said,
    struct err *err)
{
	struct store_query *query =
	    store_query(store, "SELECT value FROM meta WHERE name = ?1", err);
	size_t size;

	if (!query)
		return -1;
	store_bind(query, 1, arena_printf(arena, "map %s", object));
	int step = store_step(query, err);
	if (step == 1) {
		const char *text = store_text(query, 0, &size);
		*said = (struct json){arena_dup(arena, text, size), size};
	}
	store_reset(query);
	return step;
}

static int
check(struct store *store, const struct fieldmap *map, const struct fieldmap_object *object,
    struct arena *arena, struct err *err)
{
	struct json said = {0};
	char first[256];
	int64_t n = 0;

	if (before(store, object->name, arena, &said, err) < 0 ||
	    count_locals(store, object->local, &n, first, sizeof first, err) != 0)
		return -1;
	if (!said.at || n == 0)
		return 0;
	bool created = json_kind(json_get(said, "create_salesforce")) == JSON_IS_TRUE;
	const char *as = json_decode(json_get(said, "as"), arena, NULL);
	if (created != object->create.salesforce)
		return err_set(err, ST_CONFIG,
		    "%s: %s: create.salesforce was switched %s while there are %lld local "
		    "records (%s%s); if that is meant, give --accept-switch once",
		    map->path, object->name, created ? "off" : "on", (long long)n, first,
		    n > 5 ? ", ..." : "");
	if (created && as && object->create.as && strcmp(as, object->create.as) != 0)
		return err_set(err, ST_CONFIG,
		    "%s: %s: new records are now created as %s, no longer as %s, while there are "
		    "%lld local records (%s%s); if that is meant, give --accept-switch once",
		    map->path, object->name, object->create.as, as, (long long)n, first,
		    n > 5 ? ", ..." : "");
	return 0;
}

int
pair_switch_check(struct store *store, const struct fieldmap *map, struct err *err)
{
	struct arena *arena = arena_open();
	int status = store_begin(store, err);

	for (size_t i = 0; status == 0 && i < map->n_objects; i++)
		status = check(store, map, &map->objects[i], arena, err);
	store_rollback(store);
	arena_close(arena);
	return status;
}

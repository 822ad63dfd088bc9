#include "pull_setup.h"

#include "described.h"
#include "rfc3339.h"
#include "sfid.h"

#include <string.h>
#include <strings.h>

/* One item of --fields: [OBJECT:]NAME without its plus. */
static int
add_item(struct pull_object *object, char *item, struct err *err)
{
	char *colon = strchr(item, ':');

	if (colon) {
		*colon = '\0';
		if (!sobject_find(item))
			return err_set(err, ST_USAGE, "--fields: no object '%s' is known", item);
		bool ours = strcasecmp(item, object->sobject->name) == 0;
		item = colon + 1;
		if (!ours)
			return 0;
	}
	return pull_fields_add(&object->fields, item, false, err);
}

/* --fields "+A,Lead:+B" adds to the table's fields, "A,B" takes their place. */
static int
add_given(struct pull_object *object, const char *given, struct arena *arena, struct err *err)
{
	char *text = arena_dup(arena, given, strlen(given));
	char *state = NULL;

	for (char *item = strtok_r(text, ", ", &state); item; item = strtok_r(NULL, ", ", &state)) {
		char *plus = strchr(item, '+');
		if ((plus != NULL) == object->narrow)
			return err_set(err, ST_USAGE,
			    "--fields takes either +A,+B to add fields, or A,B to read these "
			    "alone");
		if (plus)
			memmove(plus, plus + 1, strlen(plus));
		if (add_item(object, item, err) != 0)
			return -1;
	}
	return 0;
}

static bool
is_reset(const struct pull_options *options, const char *object)
{
	for (size_t i = 0; i < options->n_reset; i++)
		if (strcasecmp(options->reset[i], object) == 0)
			return true;
	return false;
}

static void
set_range(struct pull_object *object, const struct pull_options *options)
{
	bool reset = is_reset(options, object->sobject->name);

	if (!object->narrow && !reset)
		object->walk = walk_begin(&object->watermark, options->overlap_ms);
	object->reset = reset && object->watermark.known;
	if (!options->has_since)
		return;
	int64_t begins_ms = object->walk.from.set ? object->walk.from.ms
						  : object->watermark.read_ms - options->overlap_ms;
	if (!reset && object->watermark.known && options->since_ms > begins_ms)
		object->narrow = true; /* it would leave a gap behind the watermark */
	object->walk.from = (struct position){.set = true, .ms = options->since_ms};
}

/* What a map names is pulled too, pushed or not: what is there must be known to be compared. */
static int
add_mapped(struct pull_object *object, const struct fieldmap_object *map, struct err *err)
{
	for (size_t i = 0; map && i < map->n_fields; i++)
		if (pull_fields_add(&object->fields, map->fields[i].salesforce, false, err) != 0)
			return -1;
	return 0;
}

/* Whether a map's object is to be described: types change, if seldom. */
static int
is_described(struct store *store, const struct fieldmap_object *map, int64_t now_ms, bool *is,
    struct err *err)
{
	int64_t at_ms = 0;
	bool known = true;

	if (map && described_at(store, map->name, &known, &at_ms, err) != 0)
		return -1;
	*is = !map || (known && now_ms - at_ms < RFC3339_DAY_MS);
	return 0;
}

static int
set_up(struct pull_object *object, const struct pull_options *options, struct store *store,
    struct arena *arena, struct err *err)
{
	bool fewer = options->fields && !strchr(options->fields, '+'), described;
	const struct fieldmap_object *map =
	    options->map ? fieldmap_object(options->map, object->sobject->name) : NULL;

	object->narrow = fewer || options->where;
	object->where = options->where;
	object->named = options->named;
	object->max_rows = options->max_rows;
	object->fields = pull_fields_begin(object->sobject, arena);
	pull_fields_add_table(&object->fields, fewer);
	if (options->fields && add_given(object, options->fields, arena, err) != 0)
		return -1;
	if (watermark_read(store, object->sobject->name, arena, &object->watermark, err) != 0)
		return -1;
	set_range(object, options);
	if (fewer) {
		/* what was asked for by name is asked for */
		object->state = PULL_QUERY;
		return 0;
	}
	if (add_mapped(object, map, err) != 0 ||
	    is_described(store, map, options->now_ms, &described, err) != 0 ||
	    pull_fields_add_watermark(
		&object->fields, &object->watermark, options->now_ms, arena, err) != 0)
		return -1;
	bool asks = !described || pull_fields_unknown(&object->fields, &object->watermark, arena);
	object->state = asks ? PULL_DESCRIBE : PULL_QUERY;
	return 0;
}

int
pull_setup(const struct pull_options *options, struct store *store, struct arena *arena,
    struct pull_object *objects, struct err *err)
{
	for (size_t i = 0; i < options->n_objects; i++) {
		objects[i] = (struct pull_object){.sobject = options->objects[i]};
		if (set_up(&objects[i], options, store, arena, err) != 0)
			return -1;
	}
	return 0;
}

int
pull_check_org(const char *org, struct store *store, struct err *err)
{
	struct store_query *query =
	    store_query(store, "SELECT value FROM meta WHERE name = 'org'", err);
	char wide[SFID_SIZE];

	if (!query)
		return -1;
	int step = store_step(query, err);
	if (step == 1) {
		size_t size;
		const char *text = store_text(query, 0, &size);
		if (sfid_widen(text, size, wide) != 0 || strcmp(wide, org) != 0)
			err_set(err, ST_CONFIG,
			    "the store is of org %s, but these credentials are of org %s: give "
			    "another --store, or other credentials",
			    text, org);
		store_reset(query);
	}
	return err->status ? -1 : 0;
}

#include "plan.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct plan_run *
plan_run_open(const struct fieldmap *map, int64_t now_ms)
{
	struct plan_run *run = xalloc(sizeof *run);

	run->map = map;
	run->arena = arena_open();
	rfc3339_format(now_ms, run->now);
	run->objects = arena_array(run->arena, map->n_objects + 1, sizeof *run->objects);
	for (size_t i = 0; i < map->n_objects; i++) {
		const struct fieldmap_object *object = &map->objects[i];
		run->objects[i].map = object;
		run->objects[i].types =
		    arena_array(run->arena, object->n_fields + 1, sizeof *run->objects[i].types);
		for (size_t j = 0; j < object->n_fields; j++)
			run->objects[i].types[j] =
			    fieldvalue_type(NULL, object->name, object->fields[j].salesforce);
	}
	return run;
}

void
plan_run_close(struct plan_run *run)
{
	if (!run)
		return;
	arena_close(run->arena);
	free(run);
}

struct plan_object *
plan_run_object(const struct plan_run *run, const char *name)
{
	for (size_t i = 0; name && i < run->map->n_objects; i++)
		if (strcasecmp(run->map->objects[i].name, name) == 0)
			return &run->objects[i];
	return NULL;
}

static void
take_types(struct plan_object *object, struct json types, struct arena *arena)
{
	for (size_t i = 0; i < object->map->n_fields; i++) {
		struct json type = json_get(types, object->map->fields[i].salesforce);
		const char *name = json_decode(type, arena, NULL);
		if (name)
			object->types[i] = fieldvalue_type(
			    name, object->map->name, object->map->fields[i].salesforce);
	}
}

int
plan_run_take(struct plan_run *run, const struct line *line, struct err *err)
{
	struct plan_object *object = plan_run_object(run, line_string(line, "object"));
	struct json org = line_get(line, "org"), linked = line_get(line, "linked");
	size_t size;
	const char *text = json_decode(org, line->arena, &size);

	if (json_has(org) && (!text || sfid_widen(text, size, run->org) != 0))
		return err_set(err, ST_REJECTED, "org is no Salesforce Id");
	if (!line_is(line, "map"))
		return 0;
	if (!object)
		return err_set(err, ST_REJECTED, "object is not in the map");
	if (json_kind(linked) == JSON_IS_NUMBER)
		object->linked = strtoull(linked.at, NULL, 10);
	take_types(object, line_get(line, "types"), line->arena);
	return 0;
}

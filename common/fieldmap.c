#include "fieldmap.h"

#include <string.h>
#include <strings.h>

const char *const fieldmap_direction_names[] = {"two-way", "pull", "push", NULL};
const char *const fieldmap_conflict_names[] = {"salesforce", "local", "newest", "hold", NULL};
const char *const fieldmap_match_names[] = {"link", "salesforce_id", "email", NULL};
const char *const fieldmap_duplicates_names[] = {"oldest-modified", "newest-created", NULL};

const struct fieldmap_object *
fieldmap_object(const struct fieldmap *map, const char *name)
{
	for (size_t i = 0; i < map->n_objects; i++)
		if (strcasecmp(map->objects[i].name, name) == 0)
			return &map->objects[i];
	return NULL;
}

const struct fieldmap_field *
fieldmap_salesforce(const struct fieldmap_object *object, const char *name)
{
	for (size_t i = 0; i < object->n_fields; i++)
		if (strcasecmp(object->fields[i].salesforce, name) == 0)
			return &object->fields[i];
	return NULL;
}

const struct fieldmap_field *
fieldmap_local(const struct fieldmap_object *object, const char *name)
{
	for (size_t i = 0; i < object->n_fields; i++)
		if (object->fields[i].local && strcmp(object->fields[i].local, name) == 0)
			return &object->fields[i];
	return NULL;
}

const struct fieldmap_field *
fieldmap_external_id(const struct fieldmap_object *object)
{
	for (size_t i = 0; i < object->n_fields; i++)
		if (object->fields[i].value == FIELDMAP_LOCAL_ID && object->fields[i].external_id)
			return &object->fields[i];
	return NULL;
}

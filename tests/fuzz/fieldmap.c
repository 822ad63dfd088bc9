/* Whatever a map says, it is refused with a place in it, or its fields are each mapped once. */
#include "fieldmap.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	struct fieldmap *map = fieldmap_parse("map", (const char *)data, size, &err);

	if (!map != (err.status == ST_CONFIG))
		abort();
	for (size_t i = 0; map && i < map->n_objects; i++) {
		const struct fieldmap_object *object = &map->objects[i];
		if (fieldmap_object(map, object->name) != object || object->limit == 0)
			abort();
		for (size_t j = 0; j < object->n_fields; j++) {
			const struct fieldmap_field *field = &object->fields[j];
			if (fieldmap_salesforce(object, field->salesforce) != field)
				abort();
			if (field->local && fieldmap_local(object, field->local) != field)
				abort();
			if (!field->local != (field->value != FIELDMAP_FIELD))
				abort();
		}
	}
	fieldmap_close(map);
	return 0;
}

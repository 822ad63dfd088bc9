#include "fieldmap.h"

#include "fieldmap_problem.h"

#include <string.h>

static void
unknown_field(struct fieldmap_problems *problems, const struct describe *describe, const char *name,
    const char *at)
{
	const char **names = arena_array(problems->arena, describe->n_fields + 1, sizeof *names);

	for (size_t i = 0; i < describe->n_fields; i++)
		names[i] = describe->fields[i].name;
	fieldmap_problem(problems, at, "%s has no field %s, or the user may not see it%s",
	    describe->object, name, fieldmap_near(problems, name, names));
}

/* The field as the org has it; a problem if it has none, or spells it otherwise. */
static const struct describe_field *
known_field(struct fieldmap_problems *problems, const struct describe *describe, const char *name,
    const char *at)
{
	const struct describe_field *known = describe_field(describe, name);

	if (!known)
		unknown_field(problems, describe, name, at);
	else if (strcmp(known->name, name) != 0)
		fieldmap_problem(problems, at, "%s is spelled %s", name, known->name);
	return known;
}

static void
check_field(struct fieldmap_problems *problems, const struct describe *describe,
    const struct fieldmap_object *object, const struct fieldmap_field *field)
{
	const struct describe_field *known =
	    known_field(problems, describe, field->salesforce, field->at);

	if (!known || field->direction == FIELDMAP_PULL)
		return;
	if (!known->updateable && !known->createable)
		fieldmap_problem(problems, field->at,
		    "%s cannot be written by this user: \"direction\":\"pull\" is needed",
		    field->salesforce);
	else if (field->external_id && object->create.salesforce && !known->external_id)
		fieldmap_problem(problems, field->at,
		    "%s is no external ID in the org: mark it as one, or say "
		    "\"external_id\":false",
		    field->salesforce);
}

/* A field that a new record gets. */
static void
check_default(struct fieldmap_problems *problems, const struct describe *describe,
    const struct fieldmap_default *one)
{
	const struct describe_field *known =
	    known_field(problems, describe, one->salesforce, one->at);

	if (known && !known->createable)
		fieldmap_problem(
		    problems, one->at, "%s cannot be written by this user", known->name);
	else if (known && one->value == FIELDMAP_LOCAL_ID && !known->external_id)
		fieldmap_problem(problems, one->at,
		    "%s is no external ID in the org: mark it as one", known->name);
}

int
fieldmap_check(const struct fieldmap *map, fieldmap_describe *describe, void *arg, struct err *err)
{
	struct fieldmap_problems problems = {
	    .path = map->path, .text = map->text, .arena = map->arena};

	for (size_t i = 0; i < map->n_objects; i++) {
		const struct fieldmap_object *object = &map->objects[i];
		const struct fieldmap_create *create = &object->create;
		const struct describe *known = describe(arg, object->name);
		for (size_t j = 0; known && j < object->n_fields; j++)
			check_field(&problems, known, object, &object->fields[j]);
		known = create->n_defaults > 0 ? describe(arg, create->as) : NULL;
		for (size_t j = 0; known && j < create->n_defaults; j++)
			check_default(&problems, known, &create->defaults[j]);
	}
	return fieldmap_problems_end(&problems, err);
}

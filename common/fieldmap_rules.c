#include "fieldmap_rules.h"

#include <string.h>
#include <strings.h>

/* What an API create must have, in any org. */
static const struct {
	const char *object;
	const char *fields[4];
} needed[] = {
    {"Account", {"Name"}},
    {"Campaign", {"Name"}},
    {"Contact", {"LastName"}},
    {"Lead", {"LastName", "Company"}},
    {"Opportunity", {"Name", "StageName", "CloseDate"}},
};

/* What no API call can write. */
static bool
is_read_only(const char *object, const char *field)
{
	static const char *const always[] = {"Id", "IsDeleted", "MasterRecordId", "CreatedDate",
	    "LastModifiedDate", "SystemModstamp", "IsConverted", "ConvertedDate",
	    "ConvertedAccountId", "ConvertedContactId", "ConvertedOpportunityId",
	    "IsPersonAccount"};
	bool person = strcmp(object, "Lead") == 0 || strcmp(object, "Contact") == 0;

	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		if (strcmp(always[i], field) == 0)
			return true;
	return person && strcmp(field, "Name") == 0;
}

/* The first field before number n with one of its names. */
static const struct fieldmap_field *
same_before(const struct fieldmap_object *object, size_t n, bool local)
{
	const struct fieldmap_field *field = &object->fields[n];

	for (size_t i = 0; i < n; i++) {
		const struct fieldmap_field *other = &object->fields[i];
		if (!local && strcasecmp(other->salesforce, field->salesforce) == 0)
			return other;
		if (local && other->local && field->local &&
		    strcmp(other->local, field->local) == 0)
			return other;
	}
	return NULL;
}

static void
check_fields(const struct fieldmap_object *object, struct fieldmap_problems *problems)
{
	for (size_t i = 0; i < object->n_fields; i++) {
		const struct fieldmap_field *field = &object->fields[i];
		const struct fieldmap_field *other = same_before(object, i, false);
		if (other)
			fieldmap_problem(problems, field->at, "%s is mapped at %s already",
			    field->salesforce, fieldmap_place(problems, other->at));
		if ((other = same_before(object, i, true)))
			fieldmap_problem(problems, field->at, "local %s is mapped at %s already",
			    field->local, fieldmap_place(problems, other->at));
		if (field->direction != FIELDMAP_PULL &&
		    is_read_only(object->name, field->salesforce))
			fieldmap_problem(problems, field->at,
			    "%s cannot be written: \"direction\":\"pull\" is needed",
			    field->salesforce);
	}
}

static void
check_defaults(const struct fieldmap_create *create, struct fieldmap_problems *problems)
{
	for (size_t i = 0; i < create->n_defaults; i++) {
		const struct fieldmap_default *one = &create->defaults[i];
		if (is_read_only(create->as, one->salesforce))
			fieldmap_problem(
			    problems, one->at, "%s cannot be written", one->salesforce);
		for (size_t j = 0; j < i; j++)
			if (strcasecmp(create->defaults[j].salesforce, one->salesforce) == 0)
				fieldmap_problem(problems, one->at, "%s is given at %s already",
				    one->salesforce,
				    fieldmap_place(problems, create->defaults[j].at));
	}
}

static const struct fieldmap_default *
find_default(const struct fieldmap_create *create, const char *name)
{
	for (size_t i = 0; i < create->n_defaults; i++)
		if (strcasecmp(create->defaults[i].salesforce, name) == 0)
			return &create->defaults[i];
	return NULL;
}

/* Whether a new record can have this field. */
static bool
is_given(const struct fieldmap_object *object, const char *name)
{
	const struct fieldmap_field *field = fieldmap_salesforce(object, name);

	if (find_default(&object->create, name))
		return true;
	return object->create.as == object->name && field && field->direction != FIELDMAP_PULL;
}

static bool
is_required(const struct fieldmap_create *create, const char *name)
{
	for (size_t i = 0; i < create->n_require; i++)
		if (strcasecmp(create->require[i], name) == 0)
			return true;
	return false;
}

static void
add_required(struct fieldmap *map, struct fieldmap_create *create)
{
	size_t max = sizeof needed[0].fields / sizeof needed[0].fields[0];
	const char **all =
	    arena_array(map->arena, create->n_require + max, sizeof *create->require);

	for (size_t i = 0; i < create->n_require; i++)
		all[i] = create->require[i];
	create->require = all;
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		for (size_t j = 0; strcmp(needed[i].object, create->as) == 0 && j < max; j++)
			if (needed[i].fields[j] && !is_required(create, needed[i].fields[j]))
				create->require[create->n_require++] = needed[i].fields[j];
}

/* A create whose answer was lost must be found again. */
static bool
can_be_found(const struct fieldmap_object *object)
{
	const struct fieldmap_create *create = &object->create;
	const struct fieldmap_field *email = fieldmap_salesforce(object, "Email");

	for (size_t i = 0; i < create->n_defaults; i++)
		if (create->defaults[i].value == FIELDMAP_LOCAL_ID)
			return true;
	if (create->as != object->name)
		return false;
	for (size_t i = 0; i < object->n_fields; i++)
		if (object->fields[i].value == FIELDMAP_LOCAL_ID)
			return true;
	return email && email->local && email->direction != FIELDMAP_PULL;
}

static void
check_create(
    struct fieldmap *map, struct fieldmap_object *object, struct fieldmap_problems *problems)
{
	struct fieldmap_create *create = &object->create;

	if (create->local && object->direction == FIELDMAP_PUSH)
		fieldmap_problem(problems, object->at,
		    "%s: create.local, but direction push writes nothing there", object->name);
	if (!create->salesforce)
		return;
	if (object->direction == FIELDMAP_PULL)
		fieldmap_problem(problems, object->at,
		    "%s: create.salesforce, but direction pull writes nothing there", object->name);
	check_defaults(create, problems);
	add_required(map, create);
	for (size_t i = 0; i < create->n_require; i++)
		if (!is_given(object, create->require[i]))
			fieldmap_problem(problems, object->at,
			    "%s: a new %s needs %s, but no field that goes there maps it",
			    object->name, create->as, create->require[i]);
	if (!can_be_found(object))
		fieldmap_problem(problems, object->at,
		    "%s: a new %s could not be found again: a field with "
		    "\"value\":\"local_id\"%s is needed",
		    object->name, create->as,
		    create->as == object->name ? ", or Email," : " in create.salesforce.fields");
	if (create->run_as == FIELDMAP_AS_OWNER && !is_given(object, "OwnerId"))
		fieldmap_problem(problems, object->at,
		    "%s: run_as owner needs a field that gives OwnerId", object->name);
}

/* Of objects that share a local one, a new local record can become only one. */
static void
check_sharing(const struct fieldmap *map, size_t n, struct fieldmap_problems *problems)
{
	const struct fieldmap_object *object = &map->objects[n];

	for (size_t i = 0; i < n; i++) {
		const struct fieldmap_object *other = &map->objects[i];
		if (strcmp(other->name, object->name) == 0)
			fieldmap_problem(problems, object->at, "%s is mapped twice", object->name);
		else if (strcmp(other->local, object->local) == 0 && other->create.salesforce &&
			 object->create.salesforce)
			fieldmap_problem(problems, object->at,
			    "%s and %s both create what is new in local %s", other->name,
			    object->name, object->local);
	}
}

void
fieldmap_rules(struct fieldmap *map, struct fieldmap_problems *problems)
{
	for (size_t i = 0; i < map->n_objects; i++) {
		struct fieldmap_object *object = &map->objects[i];
		const struct fieldmap_field *email = fieldmap_salesforce(object, "Email");
		check_fields(object, problems);
		check_create(map, object, problems);
		check_sharing(map, i, problems);
		for (size_t j = 0; j < object->n_match; j++)
			if (object->match[j] == FIELDMAP_EMAIL && !(email && email->local))
				fieldmap_problem(problems, object->at,
				    "%s: match by email needs a field that maps Email",
				    object->name);
	}
}

#include "plan_create.h"

#include <string.h>
#include <strings.h>

static const char *
quoted(const struct plan *plan, const char *text)
{
	struct buf json = {0};

	json_put_string(&json, text, strlen(text));
	const char *out = arena_dup(plan->arena, json.text, json.size);
	buf_free(&json);
	return out;
}

const char *
plan_value(const struct plan *plan, enum fieldmap_value value, enum fieldvalue_type type)
{
	const char *now = plan->run->now;
	bool date = value == FIELDMAP_TODAY || type == FIELDVALUE_DATE;

	if (value == FIELDMAP_LOCAL_ID)
		return quoted(plan, plan->local_id);
	return quoted(plan, date ? arena_dup(plan->arena, now, strlen("2026-11-20")) : now);
}

const char *
plan_default(const struct plan *plan, const struct fieldmap_default *one)
{
	struct json value = one->text;

	if (one->value == FIELDMAP_FIELD)
		value = json_get(plan->local_fields, one->local);
	else if (one->value != FIELDMAP_TEXT)
		return plan_value(plan, one->value, FIELDVALUE_UNKNOWN);
	if (!fieldvalue_normal(value, FIELDVALUE_UNKNOWN, plan->arena))
		return NULL;
	return arena_dup(plan->arena, value.at, value.size);
}

bool
plan_gives(const struct plan *plan, const char *salesforce)
{
	const struct fieldmap_object *map = plan->object->map;

	for (size_t i = 0; i < map->n_fields; i++)
		if (strcasecmp(map->fields[i].salesforce, salesforce) == 0)
			return plan->fields[i].outcome.move == CONFLICT_TO_SALESFORCE;
	return false;
}

static void
give(struct plan_field *field, enum conflict_move move)
{
	field->outcome = (struct conflict_outcome){.move = move, .rule = "create"};
}

/* What is not blank on the one side goes to the other, by every field that goes there. */
static void
give_fields(struct plan *plan, bool to_local)
{
	for (size_t i = 0; i < plan->object->map->n_fields; i++) {
		struct plan_field *field = &plan->fields[i];
		enum fieldmap_direction never = to_local ? FIELDMAP_PUSH : FIELDMAP_PULL;
		struct json value = to_local ? field->values.salesforce : field->values.local;
		if (field->field->direction == never)
			continue;
		if (field->field->value != FIELDMAP_FIELD) {
			field->value = plan_value(plan, field->field->value, field->type);
			give(field, CONFLICT_TO_SALESFORCE);
		} else if (json_has(value) && fieldvalue_normal(value, field->type, plan->arena)) {
			give(field, to_local ? CONFLICT_TO_LOCAL : CONFLICT_TO_SALESFORCE);
		}
	}
}

void
plan_create_local(struct plan *plan)
{
	if (!plan->object->map->create.local) {
		plan->nothing = "nothing is created locally";
		return;
	}
	give_fields(plan, true);
	plan->writes[PLAN_LOCAL] = PLAN_CREATE;
}

/* Whether a local value is what a condition asks for: the value, or one of an array. */
static bool
is_met(const struct plan *plan, const struct fieldmap_when *when)
{
	struct json value = json_get(plan->local_fields, when->local);
	struct json_each each = json_each(when->value);
	struct json_member one = {.value = when->value};
	bool array = json_kind(when->value) == JSON_IS_ARRAY;

	while (array ? json_next(&each, &one) : one.value.at != NULL) {
		struct json both[] = {value, one.value};
		enum fieldvalue_type type = fieldvalue_guess(both, 2, plan->arena);
		if (value.at && fieldvalue_same(value, one.value, type, plan->arena))
			return true;
		if (!array)
			break;
	}
	return false;
}

/* Whether a required field has a value, mapped or by default. */
static bool
has_required(const struct plan *plan, const char *name)
{
	const struct fieldmap_create *create = &plan->object->map->create;

	if (create->as == plan->object->map->name && plan_gives(plan, name))
		return true;
	for (size_t i = 0; i < create->n_defaults; i++)
		if (strcasecmp(create->defaults[i].salesforce, name) == 0)
			return plan_default(plan, &create->defaults[i]) != NULL;
	return false;
}

/* By what a create whose answer was lost is found again. */
static bool
can_be_found(const struct plan *plan)
{
	const struct fieldmap_object *map = plan->object->map;

	for (size_t i = 0; i < map->create.n_defaults; i++)
		if (map->create.defaults[i].value == FIELDMAP_LOCAL_ID)
			return true;
	for (size_t i = 0; i < map->n_fields; i++)
		if (map->fields[i].value == FIELDMAP_LOCAL_ID && map->create.as == map->name)
			return true;
	return plan_gives(plan, "Email");
}

static const char *
why_not(const struct plan *plan, const struct line *line)
{
	const struct fieldmap_create *create = &plan->object->map->create;

	if (!create->salesforce)
		return "nothing is created in Salesforce";
	if (json_has(line_get(line, "contact")) && strcmp(create->as, "Lead") == 0)
		return arena_printf(
		    plan->arena, "contact %s has this email", line_string(line, "contact"));
	for (size_t i = 0; i < create->n_when; i++)
		if (!is_met(plan, &create->when[i]))
			return arena_printf(
			    plan->arena, "%s is not what when asks for", create->when[i].local);
	for (size_t i = 0; i < create->n_require; i++)
		if (!has_required(plan, create->require[i]))
			return arena_printf(
			    plan->arena, "%s is needed and blank", create->require[i]);
	if (!can_be_found(plan))
		return "Email is needed, to find it again, and blank";
	return NULL;
}

void
plan_create_salesforce(struct plan *plan, const struct line *line)
{
	give_fields(plan, false);
	plan->nothing = why_not(plan, line);
	if (plan->nothing)
		return;
	plan->writes[PLAN_SALESFORCE] = PLAN_CREATE;
	if (plan->object->map->create.run_as == FIELDMAP_AS_OWNER && !plan->owner)
		plan->refused = "its owner is no active User in the store";
}

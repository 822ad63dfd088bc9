#include "plan_pair.h"

#include "plan_create.h"

#include <string.h>
#include <strings.h>

/* A record's field by its name in any case. */
static struct json
field_of(struct json record, const char *name)
{
	struct json_each each = json_each(record);
	struct json_member member;
	size_t size = strlen(name);

	while (json_next(&each, &member))
		if (member.name.size == size + 2 &&
		    strncasecmp(member.name.at + 1, name, size) == 0)
			return member.value;
	return (struct json){0};
}

static bool
is_true(struct json object, const char *name)
{
	return json_kind(json_get(object, name)) == JSON_IS_TRUE;
}

static int
read_sides(const struct line *line, struct plan *plan, struct err *err)
{
	struct json local = line_get(line, "local"), id;
	size_t size;
	const char *text;

	plan->salesforce = line_get(line, "salesforce");
	if (json_has(plan->salesforce)) {
		id = json_get(plan->salesforce, "Id");
		text = json_decode(id, line->arena, &size);
		if (!text || sfid_widen(text, size, plan->id) != 0)
			return err_set(err, ST_REJECTED, "salesforce is no record with an Id");
	}
	if (json_has(local)) {
		plan->local_id = json_decode(json_get(local, "id"), line->arena, NULL);
		plan->local_fields = json_get(local, "fields");
		if (!plan->local_id || json_kind(plan->local_fields) != JSON_IS_OBJECT)
			return err_set(
			    err, ST_REJECTED, "local is no local record with id and fields");
	}
	if (!plan->id[0] && !plan->local_id)
		return err_set(err, ST_REJECTED, "a pair with neither side");
	plan->paired_by = line_string(line, "paired_by");
	plan->linked = plan->paired_by && strcmp(plan->paired_by, "link") == 0;
	plan->told = plan->linked && !is_true(line->object, "new_link");
	plan->unseen = is_true(line->object, "unseen");
	plan->owner = line_string(line, "owner");
	plan->local_object = line_string(line, "local_object");
	if (!plan->local_object)
		plan->local_object = plan->object->map->local;
	return 0;
}

static void
read_fields(const struct line *line, struct plan *plan)
{
	const struct fieldmap_object *map = plan->object->map;
	struct json all = line_get(line, "base");

	plan->fields = arena_array(plan->arena, map->n_fields + 1, sizeof *plan->fields);
	for (size_t i = 0; i < map->n_fields; i++) {
		struct plan_field *field = &plan->fields[i];
		struct json base = field_of(all, map->fields[i].salesforce);
		field->field = &map->fields[i];
		field->values = (struct conflict_values){
		    .salesforce = field_of(plan->salesforce, map->fields[i].salesforce),
		    .base_salesforce = json_get(base, "salesforce"),
		    .base_local = json_get(base, "local"),
		};
		if (field->field->local)
			field->values.local = json_get(plan->local_fields, field->field->local);
		const struct json values[] = {field->values.salesforce, field->values.local,
		    field->values.base_salesforce, field->values.base_local};
		field->type = plan->object->types[i];
		if (field->type == FIELDVALUE_UNKNOWN)
			field->type = fieldvalue_guess(values, 4, plan->arena);
	}
}

/* Whether the local record was modified later; false if either time is not known. */
static bool
is_local_newer(const struct line *line)
{
	struct json modified = line_get(line, "modified");
	size_t size, local_size;
	const char *salesforce = json_decode(json_get(modified, "salesforce"), line->arena, &size);
	const char *local = json_decode(json_get(modified, "local"), line->arena, &local_size);
	int64_t salesforce_ms, local_ms;

	return salesforce && local && rfc3339_parse(salesforce, size, &salesforce_ms) == 0 &&
	       rfc3339_parse(local, local_size, &local_ms) == 0 && local_ms > salesforce_ms;
}

/* Why such a pair is left alone; NULL if it is not. */
static const char *
why_nothing(const struct line *line, const struct plan *plan)
{
	bool alone = !plan->id[0] || !plan->local_id;

	if (is_true(plan->salesforce, "IsDeleted"))
		return "deleted in Salesforce";
	if (is_true(plan->salesforce, "IsConverted"))
		return "a converted lead";
	if (is_true(plan->salesforce, "IsPersonAccount"))
		return "a person account";
	if (is_true(line_get(line, "local"), "deleted"))
		return "deleted locally";
	if (alone && is_true(line->object, "had_link"))
		return "it had a link, that was ended";
	return NULL;
}

static bool
is_taken(const struct plan_run *run, const char *name)
{
	if (!run->sides.take || !run->take_fields)
		return run->sides.take;
	for (size_t i = 0; run->take_fields[i]; i++)
		if (strcasecmp(run->take_fields[i], name) == 0)
			return true;
	return false;
}

static void
decide_fields(const struct line *line, struct plan *plan)
{
	struct conflict_sides sides = plan->run->sides;

	sides.local_newer = is_local_newer(line);
	for (size_t i = 0; i < plan->object->map->n_fields; i++) {
		struct plan_field *field = &plan->fields[i];
		if (field->field->value != FIELDMAP_FIELD)
			continue;
		sides.take = is_taken(plan->run, field->field->salesforce);
		field->outcome =
		    conflict_decide(field->field, field->type, &field->values, &sides, plan->arena);
		plan->settles = plan->settles || field->outcome.settles;
		plan->holds = plan->holds || field->outcome.move == CONFLICT_HELD;
		if (field->outcome.move == CONFLICT_TO_SALESFORCE)
			plan->writes[PLAN_SALESFORCE] = PLAN_UPDATE;
		if (field->outcome.move == CONFLICT_TO_LOCAL)
			plan->writes[PLAN_LOCAL] = PLAN_UPDATE;
	}
}

/* Rule 5: value fields are written on linking, and ride along; one that the record lacks is not
 * known, and one that it has already is not written. */
static void
add_values(struct plan *plan)
{
	bool needed = plan->writes[PLAN_SALESFORCE] != PLAN_NOTHING || !plan->told;

	for (size_t i = 0; needed && i < plan->object->map->n_fields; i++) {
		struct plan_field *field = &plan->fields[i];
		if (field->field->value == FIELDMAP_FIELD || !field->values.salesforce.at)
			continue;
		const char *value = plan_value(plan, field->field->value, field->type);
		struct json text = {.at = value, .size = strlen(value)};
		if (fieldvalue_same(text, field->values.salesforce, field->type, plan->arena))
			continue;
		field->value = value;
		field->outcome =
		    (struct conflict_outcome){.move = CONFLICT_TO_SALESFORCE, .rule = "value"};
		plan->writes[PLAN_SALESFORCE] = PLAN_UPDATE;
	}
}

int
plan_pair(const struct plan_run *run, const struct line *line, struct plan *plan, struct err *err)
{
	const char *name = line_string(line, "object");

	*plan =
	    (struct plan){.run = run, .object = plan_run_object(run, name), .arena = line->arena};
	if (!name)
		return err_set(err, ST_REJECTED, "pair without object");
	if (!plan->object)
		return err_set(err, ST_REJECTED, "the map has no object of this pair");
	if (read_sides(line, plan, err) != 0)
		return -1;
	read_fields(line, plan);
	plan->nothing = why_nothing(line, plan);
	if (plan->nothing)
		return 0;
	if (!plan->local_id) {
		plan_create_local(plan);
	} else if (!plan->id[0]) {
		plan_create_salesforce(plan, line);
	} else {
		decide_fields(line, plan);
		add_values(plan);
		plan->settles = plan->settles || !plan->told;
	}
	return 0;
}

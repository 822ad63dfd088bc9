#include "plan_op.h"

#include "plan_create.h"

#include <string.h>
#include <strings.h>

/* As json_put_name(), of any text: a map may name a local field as it likes. */
static void
put_name(struct buf *json, const char *name)
{
	if (json->text[json->size - 1] != '{')
		buf_putc(json, ',');
	json_put_string(json, name, strlen(name));
	buf_putc(json, ':');
}

static void
put_json(struct buf *json, const char *name, struct json value)
{
	if (!value.at)
		return;
	put_name(json, name);
	buf_put(json, value.at, value.size);
}

/* "name":{ , once; what follows is the object's first member. */
static void
begin(struct buf *json, const char *name, bool *begun)
{
	if (*begun)
		return;
	json_put_name(json, name);
	buf_putc(json, '{');
	*begun = true;
}

static void
end(struct buf *json, bool begun)
{
	if (begun)
		buf_putc(json, '}');
}

static bool
goes_to(const struct plan_field *field, enum plan_side side)
{
	return field->outcome.move ==
	       (side == PLAN_SALESFORCE ? CONFLICT_TO_SALESFORCE : CONFLICT_TO_LOCAL);
}

static const char *
name_of(const struct plan_field *field, enum plan_side side)
{
	return side == PLAN_SALESFORCE ? field->field->salesforce : field->field->local;
}

/* The value that moves, as it is written. */
static void
put_value(const struct plan *plan, const struct plan_field *field, struct buf *json)
{
	if (field->value)
		buf_puts(json, field->value);
	else if (field->outcome.move == CONFLICT_TO_SALESFORCE)
		fieldvalue_put(json, field->values.local, field->type, plan->arena);
	else
		buf_put(json, field->values.salesforce.at, field->values.salesforce.size);
}

/* Fields of a create that no mapping gives. */
static void
put_defaults(const struct plan *plan, struct buf *json)
{
	const struct fieldmap_create *create = &plan->object->map->create;
	bool own = create->as == plan->object->map->name;

	for (size_t i = 0; i < create->n_defaults; i++) {
		const struct fieldmap_default *one = &create->defaults[i];
		const char *value = plan_default(plan, one);
		if (!value || (own && plan_gives(plan, one->salesforce)))
			continue;
		json_put_name(json, one->salesforce);
		buf_puts(json, value);
	}
	if (create->record_type[0])
		json_put_member(json, "RecordTypeId", create->record_type);
}

/* A lead that becomes an opportunity has no field of it but create.salesforce.fields. */
static bool
is_of_another(const struct plan *plan, enum plan_side side)
{
	return side == PLAN_SALESFORCE && plan->writes[side] == PLAN_CREATE &&
	       plan->object->map->create.as != plan->object->map->name;
}

static void
put_fields(const struct plan *plan, enum plan_side side, struct buf *json)
{
	json_put_name(json, "fields");
	buf_putc(json, '{');
	for (size_t i = 0; !is_of_another(plan, side) && i < plan->object->map->n_fields; i++) {
		if (!goes_to(&plan->fields[i], side))
			continue;
		put_name(json, name_of(&plan->fields[i], side));
		put_value(plan, &plan->fields[i], json);
	}
	if (side == PLAN_SALESFORCE && plan->writes[side] == PLAN_CREATE)
		put_defaults(plan, json);
	buf_putc(json, '}');
}

static void
put_was(const struct plan *plan, enum plan_side side, struct buf *json)
{
	bool begun = false;

	for (size_t i = 0; i < plan->object->map->n_fields; i++) {
		const struct plan_field *field = &plan->fields[i];
		struct json was =
		    side == PLAN_SALESFORCE ? field->values.salesforce : field->values.local;
		if (!goes_to(field, side))
			continue;
		begin(json, "was", &begun);
		put_json(json, name_of(field, side), was);
	}
	end(json, begun);
}

static void
put_pair(struct buf *json, struct json salesforce, struct json local)
{
	buf_putc(json, '{');
	put_json(json, "salesforce", salesforce);
	put_json(json, "local", local);
	buf_putc(json, '}');
}

static void
put_why(const struct plan *plan, enum plan_side side, struct buf *json)
{
	bool begun = false;

	for (size_t i = 0; !is_of_another(plan, side) && i < plan->object->map->n_fields; i++) {
		const struct plan_field *field = &plan->fields[i];
		const struct conflict_values *values = &field->values;
		if (!goes_to(field, side))
			continue;
		begin(json, "why", &begun);
		json_put_name(json, field->field->salesforce);
		buf_putc(json, '{');
		json_put_member(json, "rule", field->outcome.rule);
		if (values->base_salesforce.at || values->base_local.at) {
			json_put_name(json, "base");
			put_pair(json, values->base_salesforce, values->base_local);
		}
		put_json(json, "salesforce", values->salesforce);
		put_json(json, "local", values->local);
		buf_putc(json, '}');
	}
	end(json, begun);
}

/* The bases that hold once the op is done: of what it moves; and, by a pair's first op, of what
 * settles without moving. */
static void
put_base(const struct plan *plan, enum plan_side side, bool moves, bool settles, struct buf *json)
{
	bool begun = false;

	for (size_t i = 0; !is_of_another(plan, side) && i < plan->object->map->n_fields; i++) {
		const struct plan_field *field = &plan->fields[i];
		bool moved = moves && goes_to(field, side) && !field->value;
		if (!moved && !(settles && field->outcome.settles))
			continue;
		begin(json, "base", &begun);
		json_put_name(json, field->field->salesforce);
		if (!moved) {
			put_pair(json, field->values.salesforce, field->values.local);
			continue;
		}
		buf_puts(json, "{\"salesforce\":");
		put_value(plan, field, json);
		buf_puts(json, ",\"local\":");
		put_value(plan, field, json);
		buf_putc(json, '}');
	}
	end(json, begun);
}

/* {"field":..,"value":..} of the external ID by which a create is an upsert; false: none. */
static bool
put_external_id(const struct plan *plan, struct buf *json)
{
	const struct fieldmap_object *map = plan->object->map;
	const struct fieldmap_field *field =
	    map->create.as == map->name ? fieldmap_external_id(map) : NULL;
	const char *name = field ? field->salesforce : NULL;

	for (size_t i = 0; !name && i < map->create.n_defaults; i++)
		if (map->create.defaults[i].value == FIELDMAP_LOCAL_ID)
			name = map->create.defaults[i].salesforce;
	if (!name)
		return false;
	json_put_name(json, "external_id");
	buf_putc(json, '{');
	json_put_member(json, "field", name);
	json_put_member(json, "value", plan->local_id);
	buf_putc(json, '}');
	return true;
}

/* Without an external ID: the field that says which local record it is, else the email. */
static void
put_find(const struct plan *plan, struct buf *json)
{
	const struct plan_field *by = NULL;

	for (size_t i = 0; i < plan->object->map->n_fields; i++) {
		const struct plan_field *field = &plan->fields[i];
		bool is_id = field->field->value == FIELDMAP_LOCAL_ID;
		if (is_id || (!by && strcmp(field->field->salesforce, "Email") == 0))
			by = field;
	}
	if (!by)
		return;
	json_put_name(json, "find");
	buf_putc(json, '{');
	json_put_name(json, by->field->salesforce);
	put_value(plan, by, json);
	buf_putc(json, '}');
}

static void
put_head(const struct plan *plan, enum plan_side side, const char *op, const char *object,
    struct buf *json)
{
	const struct plan_run *run = plan->run;

	buf_putc(json, '{');
	json_put_member(json, "kind", "op");
	json_put_member(json, "to", side == PLAN_SALESFORCE ? "salesforce" : "local");
	json_put_member(json, "op", op);
	json_put_member(json, "object", object);
	json_put_member(json, "id", plan->id[0] ? plan->id : NULL);
	json_put_member(json, "local_object", plan->local_object);
	json_put_member(json, "local_id", plan->local_id);
	json_put_member(json, "org", run->org[0] ? run->org : NULL);
}

static void
put_seen(const struct plan *plan, struct buf *json)
{
	struct json stamp = json_get(plan->salesforce, "SystemModstamp");
	size_t size;
	const char *text = json_decode(stamp, plan->arena, &size);
	char seen[RFC3339_SIZE];
	int64_t ms;

	if (text && rfc3339_parse(text, size, &ms) == 0)
		json_put_member(json, "seen", rfc3339_format_ms(ms, seen));
}

static void
put_tail(const char *result, struct buf *json)
{
	if (result) {
		json_put_name(json, "result");
		buf_puts(json, result);
	}
	buf_putc(json, '}');
}

void
plan_put_op(const struct plan *plan, enum plan_side side, const char *result, struct buf *json)
{
	const struct fieldmap_create *create = &plan->object->map->create;
	bool creates = plan->writes[side] == PLAN_CREATE, ours = side == PLAN_SALESFORCE;
	bool first = ours || plan->writes[PLAN_SALESFORCE] == PLAN_NOTHING;
	struct buf id = {0};

	if (plan->writes[side] == PLAN_NOTHING)
		return;
	bool upsert = creates && ours && put_external_id(plan, &id);
	put_head(plan, side,
	    upsert    ? "upsert"
	    : creates ? "create"
		      : "update",
	    creates && ours ? create->as : plan->object->map->name, json);
	if (upsert)
		buf_printf(json, ",%s", id.text);
	else if (creates && ours)
		put_find(plan, json);
	put_fields(plan, side, json);
	if (!creates)
		put_was(plan, side, json);
	put_seen(plan, json);
	put_why(plan, side, json);
	put_base(plan, side, true, first, json);
	if (creates && ours && create->run_as == FIELDMAP_AS_OWNER)
		json_put_member(json, "as", plan->owner);
	put_tail(result, json);
	buf_free(&id);
}

void
plan_put_none(const struct plan *plan, struct buf *json)
{
	put_head(plan, PLAN_SALESFORCE, "none", plan->object->map->name, json);
	put_seen(plan, json);
	put_base(plan, PLAN_SALESFORCE, false, true, json);
	put_tail("{\"ok\":true}", json);
}

/* The one base of both sides, or both where they differ. */
static void
put_conflict_base(const struct plan *plan, const struct plan_field *field, struct buf *json)
{
	const struct conflict_values *values = &field->values;

	if (!values->base_salesforce.at || !values->base_local.at)
		return;
	if (fieldvalue_same(
		values->base_salesforce, values->base_local, field->type, plan->arena)) {
		put_json(json, "base", values->base_salesforce);
		return;
	}
	json_put_name(json, "base");
	put_pair(json, values->base_salesforce, values->base_local);
}

void
plan_put_conflict(const struct plan *plan, struct buf *json)
{
	bool begun = false;

	if (!plan->holds)
		return;
	buf_putc(json, '{');
	json_put_member(json, "kind", "conflict");
	json_put_member(json, "object", plan->object->map->name);
	json_put_member(json, "id", plan->id);
	json_put_member(json, "local_object", plan->local_object);
	json_put_member(json, "local_id", plan->local_id);
	for (size_t i = 0; i < plan->object->map->n_fields; i++) {
		const struct plan_field *field = &plan->fields[i];
		if (field->outcome.move != CONFLICT_HELD)
			continue;
		begin(json, "fields", &begun);
		json_put_name(json, field->field->salesforce);
		buf_putc(json, '{');
		put_conflict_base(plan, field, json);
		put_json(json, "salesforce", field->values.salesforce);
		put_json(json, "local", field->values.local);
		buf_putc(json, '}');
	}
	end(json, begun);
	buf_putc(json, '}');
}

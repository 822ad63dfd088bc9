#include "plan_explain.h"

#include <string.h>

/* A value as JSON, escaped for a terminal and cut. */
static const char *
shown(const struct plan *plan, struct json value)
{
	char out[80];

	if (!value.at)
		return "unknown";
	diag_escape(out, sizeof out, value.at, value.size);
	return arena_dup(plan->arena, out, strlen(out));
}

static const char *
name(const struct plan *plan, const char *text)
{
	char out[160];

	diag_escape(out, sizeof out, text, strlen(text));
	return arena_dup(plan->arena, out, strlen(out));
}

static void
put_head(const struct plan *plan, struct buf *text)
{
	const char *by = plan->paired_by ? plan->paired_by : "unpaired";

	buf_puts(text, plan->object->map->name);
	if (plan->id[0])
		buf_printf(text, " %s", plan->id);
	if (plan->local_id)
		buf_printf(text, "%s local %s %s", plan->id[0] ? " =" : ",",
		    name(plan, plan->local_object), name(plan, plan->local_id));
	buf_printf(text, " (%s)\n", name(plan, by));
}

static void
put_field(const struct plan *plan, const struct plan_field *field, struct buf *text)
{
	static const char *const moves[] = {"stays", "to local", "to Salesforce", "held"};
	const struct conflict_values *values = &field->values;
	struct json value = {.at = field->value, .size = field->value ? strlen(field->value) : 0};

	buf_printf(text, "  %s: %s (%s)", field->field->salesforce, moves[field->outcome.move],
	    field->outcome.rule);
	if (field->value)
		buf_printf(text, ": %s", shown(plan, value));
	else
		buf_printf(text, ": Salesforce %s, local %s", shown(plan, values->salesforce),
		    shown(plan, values->local));
	if (values->base_salesforce.at || values->base_local.at)
		buf_printf(text, "; settled before: %s, %s", shown(plan, values->base_salesforce),
		    shown(plan, values->base_local));
	buf_putc(text, '\n');
}

/* What is equal or has not changed is only counted. */
static bool
is_worth_a_line(const struct plan_field *field)
{
	return field->outcome.rule && (field->outcome.move != CONFLICT_STAYS ||
					  (strcmp(field->outcome.rule, "equal") != 0 &&
					      strcmp(field->outcome.rule, "neither changed") != 0));
}

void
plan_explain(const struct plan *plan, const char *result, struct buf *text)
{
	size_t quiet = 0;

	put_head(plan, text);
	if (plan->nothing) {
		buf_printf(text, "  nothing: %s\n", name(plan, plan->nothing));
		return;
	}
	if (plan->writes[PLAN_SALESFORCE] == PLAN_CREATE)
		buf_printf(
		    text, "  is created in Salesforce as %s\n", plan->object->map->create.as);
	if (plan->writes[PLAN_LOCAL] == PLAN_CREATE)
		buf_puts(text, "  is created locally\n");
	for (size_t i = 0; i < plan->object->map->n_fields; i++) {
		if (is_worth_a_line(&plan->fields[i]))
			put_field(plan, &plan->fields[i], text);
		else
			quiet += plan->fields[i].outcome.rule != NULL;
	}
	if (quiet > 0)
		buf_printf(text, "  %zu other fields are equal or have not changed\n", quiet);
	if (plan->refused)
		buf_printf(text, "  does not go out: %s\n", plan->refused);
	else if (result)
		buf_puts(text, "  waits for the next run: limit is reached\n");
}

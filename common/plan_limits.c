#include "plan_limits.h"

#include <inttypes.h>
#include <string.h>

static const char *
refusal(const struct plan *plan, const char *code, const char *message, bool retry)
{
	struct buf json = {0};

	buf_puts(&json, "{\"ok\":false,\"errors\":[{");
	json_put_member(&json, "statusCode", code);
	json_put_member(&json, "message", message);
	buf_printf(&json, ",\"fields\":[]}],\"retry\":%s}", retry ? "true" : "false");
	const char *text = arena_dup(plan->arena, json.text, json.size);
	buf_free(&json);
	return text;
}

const char *
plan_limits_take(struct plan_limits *limits, const struct plan *plan)
{
	struct plan_object *object = plan->object;
	bool updates =
	    plan->writes[PLAN_SALESFORCE] == PLAN_UPDATE || plan->writes[PLAN_LOCAL] == PLAN_UPDATE;

	if (plan->refused)
		return refusal(plan, "REFUSED", plan->refused, false);
	/* without a stamp nobody could tell whether it was changed meanwhile */
	if (updates && plan->unseen)
		return refusal(plan, "NOT_PULLED",
		    "it was created by us, and not pulled since: the run behind the next pull does "
		    "it",
		    true);
	if (updates && object->updates == object->map->limit) {
		object->waits++;
		return refusal(plan, "OVER_LIMIT",
		    arena_printf(plan->arena,
			"limit %" PRIu64 " of %s is reached: the next run does it",
			object->map->limit, object->map->name),
		    true);
	}
	object->updates += updates;
	/* to tell Salesforce of a new link is part of making it */
	object->changed +=
	    updates && plan->linked && (plan->told || plan->writes[PLAN_LOCAL] == PLAN_UPDATE);
	for (int side = 0; side < PLAN_SIDES; side++) {
		limits->creates[side] += plan->writes[side] == PLAN_CREATE;
		limits->updates[side] += plan->writes[side] == PLAN_UPDATE;
	}
	return NULL;
}

void
plan_limits_take_op(struct plan_limits *limits, const struct line *line)
{
	struct json op = line_get(line, "op");
	int side = json_is(line_get(line, "to"), "local") ? PLAN_LOCAL : PLAN_SALESFORCE;

	if (json_has(line_get(line, "result")))
		return;
	limits->deletes[side] += json_is(op, "delete");
	limits->updates[side] += json_is(op, "update");
	limits->creates[side] += json_is(op, "create") || json_is(op, "upsert");
}

static int
check(const uint64_t counts[PLAN_SIDES], uint64_t max, const char *option, const char *what,
    struct err *err)
{
	static const char *const places[] = {"in Salesforce", "locally"};

	for (int side = 0; side < PLAN_SIDES; side++)
		if (counts[side] > max)
			return err_set(err, ST_CONFIG,
			    "the plan %s %" PRIu64 " records %s, more than %s=%" PRIu64
			    " lets through: nothing is done; look at the plan with --explain",
			    what, counts[side], places[side], option, max);
	return 0;
}

int
plan_limits_check(const struct plan_limits *limits, const struct plan_run *run, struct err *err)
{
	if (check(limits->deletes, limits->max_delete, "--max-delete", "deletes", err) != 0 ||
	    check(limits->creates, limits->max_create, "--max-create", "creates", err) != 0 ||
	    check(limits->updates, limits->max_update, "--max-update", "updates", err) != 0)
		return -1;
	for (size_t i = 0; i < run->map->n_objects; i++) {
		const struct plan_object *object = &run->objects[i];
		if (object->changed > PLAN_SHARE_AT_LEAST &&
		    object->changed * 100 > object->linked * limits->max_share)
			return err_set(err, ST_CONFIG,
			    "%s: the plan updates %" PRIu64 " of %" PRIu64
			    " linked records, more than --max-share=%" PRIu64
			    " (per cent) lets through: nothing is done; look at the plan with "
			    "--explain",
			    object->map->name, object->changed, object->linked, limits->max_share);
	}
	return 0;
}

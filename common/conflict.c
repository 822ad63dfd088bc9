#include "conflict.h"

#include <string.h>

/* The normal forms of a field's four values, and what follows from them. */
struct look {
	const char *salesforce, *local; /* NULL: blank */
	bool based;                     /* there is a base */
	bool salesforce_changed, local_changed;
	bool same;
};

static bool
is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static struct look
look_at(const struct conflict_values *values, enum fieldvalue_type type, struct arena *arena)
{
	struct look look = {.salesforce = fieldvalue_normal(values->salesforce, type, arena),
	    .local = fieldvalue_normal(values->local, type, arena),
	    .based = values->base_salesforce.at && values->base_local.at};

	look.same = is_same(look.salesforce, look.local);
	look.salesforce_changed =
	    !look.based ||
	    !is_same(look.salesforce, fieldvalue_normal(values->base_salesforce, type, arena));
	look.local_changed =
	    !look.based || !is_same(look.local, fieldvalue_normal(values->base_local, type, arena));
	return look;
}

static struct conflict_outcome
stays(const struct look *look, const char *rule)
{
	return (struct conflict_outcome){.move = CONFLICT_STAYS,
	    .settles = look->salesforce_changed || look->local_changed,
	    .rule = rule};
}

static struct conflict_outcome
moves(bool to_local, const char *rule)
{
	return (struct conflict_outcome){
	    .move = to_local ? CONFLICT_TO_LOCAL : CONFLICT_TO_SALESFORCE, .rule = rule};
}

/* Rules 2 and 4. What is left on either side is settled: a change that a rule ignored. */
static struct conflict_outcome
one_way(const struct fieldmap_field *field, const struct look *look)
{
	bool pull = field->direction == FIELDMAP_PULL;
	const char *value = pull ? look->salesforce : look->local;
	bool changed = pull ? look->salesforce_changed : look->local_changed;

	if (!value && !field->clear)
		return stays(look, "a blank does not move");
	if (changed)
		return moves(pull, pull ? "pull" : "push");
	if (field->enforce)
		return moves(pull, "enforce");
	return stays(look, "drift is left");
}

static struct conflict_outcome
both_changed(const struct fieldmap_field *field, const struct conflict_sides *sides)
{
	switch (field->conflict) {
	case FIELDMAP_SALESFORCE:
		return moves(true, "conflict: salesforce");
	case FIELDMAP_LOCAL:
		return moves(false, "conflict: local");
	case FIELDMAP_NEWEST:
		return moves(!sides->local_newer, "conflict: newest");
	case FIELDMAP_HOLD:
		break;
	}
	if (sides->take)
		return moves(sides->taken == FIELDMAP_SALESFORCE, "taken");
	return (struct conflict_outcome){.move = CONFLICT_HELD, .rule = "conflict: hold"};
}

/* Rules 3 and 4. */
static struct conflict_outcome
two_way(
    const struct fieldmap_field *field, const struct look *look, const struct conflict_sides *sides)
{
	if (!look->salesforce_changed && !look->local_changed)
		return stays(look, "neither changed");
	if (!field->clear && !look->salesforce != !look->local)
		return moves(look->salesforce != NULL, "a blank is filled");
	if (look->salesforce_changed && look->local_changed)
		return both_changed(field, sides);
	return look->salesforce_changed ? moves(true, "salesforce changed")
					: moves(false, "local changed");
}

struct conflict_outcome
conflict_decide(const struct fieldmap_field *field, enum fieldvalue_type type,
    const struct conflict_values *values, const struct conflict_sides *sides, struct arena *arena)
{
	if (!values->salesforce.at || !values->local.at)
		return (struct conflict_outcome){
		    .move = CONFLICT_STAYS, .rule = "a side is unknown"};

	struct look look = look_at(values, type, arena);

	if (look.same)
		return stays(&look, "equal");
	return field->direction == FIELDMAP_TWO_WAY ? two_way(field, &look, sides)
						    : one_way(field, &look);
}

#include "associate_keep.h"

#include <string.h>

/* Whether the participant of a virtual record matches a real one by email; of the first n entries. */
static bool
is_real_now(const struct association_list *list, size_t n, const char *virtual_id)
{
	const char *email = strchr(virtual_id, ':');

	for (size_t i = 0; email && i < n; i++) {
		const struct association *a = list->items[i];
		for (size_t r = 0; r < a->n_reasons; r++) {
			const struct association_reason *reason = &a->reasons[r];
			bool by_email = strcmp(reason->by, "contact-email") == 0 ||
					strcmp(reason->by, "lead-email") == 0;
			if (by_email && reason->participant &&
			    strcmp(reason->participant, email + 1) == 0)
				return true;
		}
	}
	return false;
}

/* The Id of the record that id was merged into, or id itself; what the store says of it. */
static int
follow_merges(struct match *match, const char *object, const char **id, enum match_state *state,
    const char **name)
{
	const char *winner;

	if (match_winner(match, object, *id, &winner) != 0)
		return -1;
	if (winner)
		*id = winner;
	return match_state(match, object, *id, state, name);
}

/* An entry that the line had, as the store knows its records now: merged, deleted, renamed. */
static int
renew(struct match *match, struct association *entry)
{
	enum match_state state = MATCH_UNKNOWN;

	if (!association_is_virtual(entry)) {
		if (follow_merges(match, entry->object, &entry->id, &state, &entry->name) != 0)
			return -1;
		entry->deleted = state == MATCH_DELETED;
	} else if (entry->account) {
		if (follow_merges(match, "Account", &entry->account, &state, NULL) != 0)
			return -1;
		if (state == MATCH_DELETED)
			entry->account = NULL;
	}
	return 0;
}

int
associate_keep(
    struct match *match, struct association_list *list, const struct association_list *old)
{
	size_t today = list->n;

	for (size_t i = 0; i < old->n; i++) {
		struct association entry = *old->items[i];
		if (strcmp(entry.object, "Opportunity") == 0)
			continue;
		if (renew(match, &entry) != 0)
			return -1;
		if (association_find(list, entry.object, entry.id))
			continue;
		if (association_is_virtual(&entry) && is_real_now(list, today, entry.id)) {
			match_explain(match, 1, "not kept: %s: a real record now", entry.id);
			continue;
		}
		entry.kept = true;
		*association_add(list, entry.object, entry.id) = entry;
		match_explain(match, 1, "kept: %s %s%s", entry.object, entry.id,
		    entry.deleted ? ": deleted" : "");
	}
	return 0;
}

int
associate_refill(
    struct match *match, struct association_list *list, const struct association_list *old)
{
	for (size_t i = 0; i < old->n; i++) {
		struct association entry = *old->items[i];
		if (strcmp(entry.object, "Opportunity") == 0)
			continue;
		if (renew(match, &entry) != 0)
			return -1;
		if (!association_find(list, entry.object, entry.id))
			*association_add(list, entry.object, entry.id) = entry;
	}
	return 0;
}

#include "pair_anew.h"

#include <string.h>

/* A stream that links two is not in the store yet; the next run sees who is left for whom. */
#define TAKEN "PAIRED_MEANWHILE", "its counterpart was paired meanwhile: the next run looks again"

/* Whether a person ended the link of just these two: then no rule makes it again. */
static int
is_parted(struct pair *pair, const struct pair_record *record, const struct pair_local *local,
    struct err *err)
{
	struct link_pair two = {record->object->name, record->id, local->object, local->id};
	struct link link = {0};
	int there = link_between(pair->store, &two, pair->arena, &link, err);

	return there <= 0 ? there : link_is_parted(&link);
}

/* A record that has no link goes with what is found for it. */
int
pair_record_anew(struct pair *pair, const struct pair_record *record, struct err *err)
{
	const char *id = NULL, *by = NULL;
	struct pair_local local = {0};
	int found = pair_find_partner(pair->finder, record, pair->arena, &id, &by, err);

	if (found == 1)
		found = pair_read_local(
		    pair->reader, record->object->local, id, pair->arena, &local, err);
	if (found == 1) {
		int parted = is_parted(pair, record, &local, err);
		found = parted < 0 ? -1 : !parted;
	}
	if (found < 0)
		return -1;
	if (found && pair_seen(pair, 'L', local.object, local.id)) {
		pair_put_off(pair, record->object->name, NULL, record->id, TAKEN);
		pair_mark_record(pair, record, NULL);
		return 0;
	}
	return found ? pair_put_found(pair, record, &local, by, NULL, NULL, err)
		     : pair_put_alone(pair, record, NULL, err);
}

/* 1: it was found for one of the objects of this name, and is out. */
static int
pair_local_with(struct pair *pair, const struct fieldmap_object *object,
    const struct pair_local *local, struct err *err)
{
	const char *id = NULL, *by = NULL;
	struct pair_record record = {0};
	int found = pair_find_record_of(pair->finder, object, local, pair->arena, &id, &by, err);

	if (found == 1)
		found = pair_read_record(pair->reader, object, id, pair->arena, &record, err);
	if (found == 1) {
		int parted = is_parted(pair, &record, local, err);
		found = parted < 0 ? -1 : !parted;
	}
	if (found <= 0)
		return found;
	if (pair_seen(pair, 'S', object->name, record.id)) {
		pair_put_off(pair, object->name, local->object, local->id, TAKEN);
		pair_mark(pair, 'L', local->object, local->id, NULL);
		return 1;
	}
	return pair_put_found(pair, &record, local, by, NULL, NULL, err) == 0 ? 1 : -1;
}

int
pair_local_anew(struct pair *pair, const struct pair_local *local, struct err *err)
{
	const struct fieldmap_object *first = NULL;

	for (size_t i = 0; i < pair->map->n_objects; i++) {
		const struct fieldmap_object *object = &pair->map->objects[i];
		if (strcmp(object->local, local->object) != 0)
			continue;
		if (!first || (!first->create.salesforce && object->create.salesforce))
			first = object;
		int found = pair_local_with(pair, object, local, err);
		if (found != 0)
			return found < 0 ? -1 : 0;
	}
	return first ? pair_put_local_alone(pair, first, local, NULL, err) : 0;
}

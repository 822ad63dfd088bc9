#include "pull_held.h"

#include "arena.h"
#include "diag.h"
#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
pull_live_count(struct store *store, const struct sobject *sobject, uint64_t *n, struct err *err)
{
	struct buf sql = {0};
	int got = -1;

	buf_printf(
	    &sql, "SELECT count(*) FROM %s WHERE object = ?1 AND is_deleted = 0", sobject->table);
	struct store_query *query = store_query(store, sql.text, err);
	if (query) {
		store_bind(query, 1, sobject->name);
		got = store_step(query, err);
		*n = got == 1 ? (uint64_t)store_int(query, 0) : 0;
	}
	store_forget(store);
	buf_free(&sql);
	return got < 0 ? -1 : 0;
}

int
pull_held_open(struct pull_held *held, struct store *store, const struct sobject *sobject,
    unsigned max_gone, struct err *err)
{
	const struct sobject *s = sobject;

	*held = (struct pull_held){.sobject = s};
	/* +: in the order of the Ids, not of an index that would be sorted each time */
	buf_printf(&held->sql,
	    "SELECT id, %s FROM %s WHERE id > ?1 AND +object = ?2 AND is_deleted = 0"
	    " ORDER BY id LIMIT ?3",
	    sobject_field(s, s->stamp)->column, s->table);
	if (pull_live_count(store, s, &held->live, err) != 0)
		return -1;
	held->most = held->live / 100 * max_gone + held->live % 100 * max_gone / 100;
	if (held->most < PULL_GONE_FEW)
		held->most = PULL_GONE_FEW;
	return 0;
}

void
pull_held_close(struct pull_held *held)
{
	free(held->gone);
	held->gone = NULL;
	held->n_gone = held->room = 0;
	buf_free(&held->sql);
}

int
pull_held_read(struct pull_held *held, struct store *store, struct pull_record *records, size_t n,
    struct err *err)
{
	struct store_query *query = store_query(store, held->sql.text, err);
	size_t got = 0;
	int step;

	if (!query)
		return -1;
	store_bind(query, 1, held->last);
	store_bind(query, 2, held->sobject->name);
	store_bind_int(query, 3, (int64_t)n);
	while ((step = store_step(query, err)) == 1) {
		struct pull_record *record = &records[got++];
		const char *stamp = store_text(query, 1, NULL);
		snprintf(record->id, sizeof record->id, "%s", store_text(query, 0, NULL));
		snprintf(record->stamp, sizeof record->stamp, "%s", stamp ? stamp : "");
	}
	if (step < 0)
		return -1;
	held->read_all = got < n;
	if (got > 0)
		memcpy(held->last, records[got - 1].id, SFID_SIZE);
	return (int)got;
}

void
pull_held_gone(struct pull_held *held, const struct pull_record *record)
{
	if (held->n_gone == held->room) {
		held->room = held->room ? held->room * 2 : 64;
		held->gone = xrealloc(held->gone, held->room * sizeof *held->gone);
	}
	held->gone[held->n_gone++] = *record;
}

bool
pull_held_refused(const struct pull_held *held)
{
	if (held->n_gone <= held->most)
		return false;
	diag_notice("error", "MAX_GONE", held->sobject->name,
	    "%s: more than %" PRIu64 " of the store's %" PRIu64 " records are gone from "
	    "Salesforce, which looks as if the user no longer saw all of them: none is deleted; "
	    "if they are gone indeed, give --max-gone=100",
	    held->sobject->name, held->most, held->live);
	return true;
}

static int
compare_records(const void *a, const void *b)
{
	return strcmp(((const struct pull_record *)a)->id, ((const struct pull_record *)b)->id);
}

void
pull_held_write(struct pull_held *held, struct line_stream *lines)
{
	struct buf text = {0};

	if (held->n_gone > 0)
		qsort(held->gone, held->n_gone, sizeof *held->gone, compare_records);
	for (size_t i = 0; i < held->n_gone; i++) {
		const struct pull_record *record = &held->gone[i];
		buf_clear(&text);
		buf_printf(&text,
		    "{\"attributes\":{\"type\":\"%s\"},\"Id\":\"%s\",\"IsDeleted\":true",
		    held->sobject->name, record->id);
		if (*record->stamp)
			json_put_member(&text, held->sobject->stamp, record->stamp);
		buf_putc(&text, '}');
		line_write(lines, text.text, text.size);
	}
	diag_detail("%s: %zu of the store's %" PRIu64 " records are gone from Salesforce",
	    held->sobject->name, held->n_gone, held->live);
	buf_free(&text);
}

#include "match.h"

#include "rfc3339.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
match_explain(struct match *match, int depth, const char *format, ...)
{
	char text[1024], shown[2048];
	va_list args;

	if (!match->explain)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	diag_escape(shown, sizeof shown, text, strlen(text));
	buf_printf(match->explain, "%*s%s\n", depth * 2, "", shown);
}

const char *
match_text(struct match *match, struct store_query *query, int column)
{
	size_t size;
	const char *text = store_text(query, column, &size);

	return text ? arena_dup(match->arena, text, size) : NULL;
}

/* What --duplicates goes by, so that the smaller one is chosen; without that date: last. */
static int64_t
read_date(struct match *match, struct store_query *query)
{
	bool newest = match->rules->duplicates == DUPLICATES_NEWEST_CREATED;
	int column = newest ? 3 : 4;

	if (store_is_null(query, column))
		return INT64_MAX;
	return newest ? -store_int(query, column) : store_int(query, column);
}

static void
add_record(struct match *match, struct match_records *records, struct store_query *query)
{
	if ((records->n & (records->n - 1)) == 0) { /* room is used up at every power of two */
		struct match_record *more =
		    arena_array(match->arena, records->n ? records->n * 2 : 1, sizeof *more);
		if (records->n)
			memcpy(more, records->items, records->n * sizeof *more);
		records->items = more;
	}
	records->items[records->n++] = (struct match_record){
	    .id = match_text(match, query, 0),
	    .account_id = match_text(match, query, 1),
	    .contact_id = match_text(match, query, 2),
	    .date_ms = read_date(match, query),
	    .converted = store_int(query, 5) == 1,
	};
}

static int
compare_dates(const void *a, const void *b)
{
	const struct match_record *x = a, *y = b;

	if (x->date_ms != y->date_ms)
		return x->date_ms < y->date_ms ? -1 : 1;
	return strcmp(x->id, y->id);
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(((const struct match_record *)a)->id, ((const struct match_record *)b)->id);
}

/* What --duplicates leaves of them, first the chosen one. */
static void
choose(struct match *match, struct match_records *records)
{
	bool all = match->rules->duplicates == DUPLICATES_ALL;

	records->found = records->n;
	if (records->n < 2)
		return;
	qsort(
	    records->items, records->n, sizeof *records->items, all ? compare_ids : compare_dates);
	if (!all)
		records->n = 1;
}

/* Columns: id, account, contact, created, modified, converted, whether it is a lead. */
static int
find(struct match *match, const char *sql, const char *key, struct match_people *found)
{
	struct store_query *query = store_query(match->store, sql, match->err);
	int step;

	*found = (struct match_people){0};
	if (!query)
		return -1;
	store_bind(query, 1, key);
	while ((step = store_step(query, match->err)) == 1)
		add_record(match, store_int(query, 6) ? &found->leads : &found->contacts, query);
	if (step < 0)
		return -1;
	choose(match, &found->contacts);
	choose(match, &found->leads);
	return 0;
}

/* The date that --duplicates goes by, in words. */
static const char *
show_date(const struct match *match, const struct match_record *record, char out[64])
{
	bool newest = match->rules->duplicates == DUPLICATES_NEWEST_CREATED;
	char at[RFC3339_SIZE];

	if (record->date_ms == INT64_MAX)
		snprintf(out, 64, "%s", newest ? "no CreatedDate" : "no LastModifiedDate");
	else
		snprintf(out, 64, "%s %s", newest ? "created" : "modified",
		    rfc3339_format(newest ? -record->date_ms : record->date_ms, at));
	return out;
}

void
match_explain_records(
    struct match *match, const char *rule, const char *key, const struct match_records *records)
{
	static const char *const words[] = {"the oldest modified", "the newest created", "all"};
	const char *why = words[match->rules->duplicates];
	char date[64];

	if (!match->explain)
		return;
	if (records->n == 0)
		match_explain(match, 2, "%s %s: none", rule, key);
	for (size_t i = 0; i < records->n; i++) {
		if (records->found > 1)
			match_explain(match, 2, "%s %s: %s, %s, %s of %zu (--duplicates)", rule,
			    key, records->items[i].id, show_date(match, &records->items[i], date),
			    why, records->found);
		else
			match_explain(match, 2, "%s %s: %s", rule, key, records->items[i].id);
	}
	for (size_t i = records->n; i < records->found && i <= MATCH_EXPLAIN_MAX; i++)
		match_explain(match, 3, "not %s, %s", records->items[i].id,
		    show_date(match, &records->items[i], date));
}

#define CONTACTS                                                                                   \
	"SELECT c.id, c.account_id, NULL, c.created_date_ms, c.last_modified_date_ms, 0, 0 FROM "
#define LEADS                                                                                      \
	"SELECT l.id, l.converted_account_id, l.converted_contact_id, l.created_date_ms,"          \
	" l.last_modified_date_ms, l.is_converted, 1 FROM "

/* A value of the keys; NULL where there is none. */
static const char *
value_of(const char *value)
{
	return *value ? value : NULL;
}

/* What stands behind a person's Id; behind it, what comes next. */
static const char *
read_person(struct match_record *record, bool lead, const char *value)
{
	if (lead) {
		record->converted = *value != '\0';
		value = keys_next(value);
	}
	record->account_id = value_of(value);
	value = keys_next(value);
	if (lead) {
		record->contact_id = value_of(value);
		value = keys_next(value);
	}
	return value;
}

static void
email_from_keys(struct match *match, bool lead, const char *email, struct match_records *records)
{
	const struct keys_entry *entry =
	    keys_find(match->keys, lead ? KEYS_LEAD_EMAIL : KEYS_CONTACT_EMAIL, email);

	*records = (struct match_records){0};
	if (!entry)
		return;
	records->n = entry->n;
	records->items = arena_array(match->arena, records->n, sizeof *records->items);
	const char *value = keys_values(entry);
	for (size_t i = 0; i < records->n; i++) {
		records->items[i].id = value;
		value = read_person(&records->items[i], lead, keys_next(value));
	}
}

/* False if the keys do not know all whose number it is. */
static bool
phone_from_keys(struct match *match, bool lead, const char *phone, struct match_records *records)
{
	const struct keys_entry *entry =
	    keys_find(match->keys, lead ? KEYS_LEAD_PHONE : KEYS_CONTACT_PHONE, phone);

	*records = (struct match_records){0};
	if (!entry)
		return true;
	records->n = entry->n;
	records->items = arena_array(match->arena, records->n, sizeof *records->items);
	const char *id = keys_values(entry);
	for (size_t i = 0; i < records->n; i++, id = keys_next(id)) {
		const struct keys_entry *person = keys_find(match->keys, KEYS_PERSON, id);
		if (!person)
			return false;
		struct match_record *record = &records->items[i];
		record->id = id;
		record->date_ms = keys_date(read_person(record, true, keys_values(person)));
	}
	choose(match, records);
	return true;
}

int
match_email(struct match *match, const char *email, struct match_people *found)
{
	static const char sql[] =
	    CONTACTS "contact c WHERE c.email = ?1 AND c.is_deleted = 0 UNION ALL " LEADS
		     "lead l WHERE l.email = ?1 AND l.is_deleted = 0";

	if (!match->keys)
		return find(match, sql, email, found);
	email_from_keys(match, false, email, &found->contacts);
	email_from_keys(match, true, email, &found->leads);
	return 0;
}

int
match_phone(struct match *match, const char *phone, struct match_people *found)
{
	static const char sql[] =
	    CONTACTS "person_phone p JOIN contact c ON c.id = p.id WHERE p.phone = ?1 AND"
		     " p.object = 'Contact' AND c.is_deleted = 0 UNION ALL " LEADS
		     "person_phone p JOIN lead l ON l.id = p.id WHERE p.phone = ?1 AND"
		     " p.object = 'Lead' AND l.is_deleted = 0";

	if (match->keys && phone_from_keys(match, false, phone, &found->contacts) &&
	    phone_from_keys(match, true, phone, &found->leads))
		return 0;
	return find(match, sql, phone, found);
}

#include "match.h"

#include "rfc3339.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MERGE_CHAIN_MAX 32

#define EXPLAIN_MAX 5 /* of those that lost */

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
	size_t size;
	const char *text = store_text(query, newest ? 3 : 4, &size);
	int64_t ms;

	if (!text || rfc3339_parse(text, size, &ms) != 0)
		return INT64_MAX;
	return newest ? -ms : ms;
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

/* Columns: id, account, contact, created, modified, converted. */
static int
find(struct match *match, const char *sql, const char *key, struct match_records *records)
{
	struct store_query *query = store_query(match->store, sql, match->err);
	bool all = match->rules->duplicates == DUPLICATES_ALL;
	int step;

	*records = (struct match_records){0};
	if (!query)
		return -1;
	store_bind(query, 1, key);
	while ((step = store_step(query, match->err)) == 1)
		add_record(match, records, query);
	if (step < 0)
		return -1;
	records->found = records->n;
	if (records->n > 1) {
		qsort(records->items, records->n, sizeof *records->items,
		    all ? compare_ids : compare_dates);
		if (!all)
			records->n = 1;
	}
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

static void
explain_found(
    struct match *match, const char *rule, const char *key, const struct match_records *records)
{
	static const char *const words[] = {"the oldest modified", "the newest created", "all"};
	const char *why = words[match->rules->duplicates];
	char date[64];

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
	for (size_t i = records->n; i < records->found && i <= EXPLAIN_MAX; i++)
		match_explain(match, 3, "not %s, %s", records->items[i].id,
		    show_date(match, &records->items[i], date));
}

#define CONTACT_COLUMNS "SELECT c.id, c.account_id, NULL, c.created_date, c.last_modified_date, 0"
#define LEAD_COLUMNS                                                                               \
	"SELECT l.id, l.converted_account_id, l.converted_contact_id, l.created_date,"             \
	" l.last_modified_date, l.is_converted"

static void
from_keys(struct match *match, bool lead, const char *email, struct match_records *records)
{
	size_t n;
	const struct keys_person *persons =
	    keys_email(match->keys, lead, email, &n, &records->found);

	records->n = n;
	records->items = n ? arena_array(match->arena, n, sizeof *records->items) : NULL;
	for (size_t i = 0; i < n; i++) {
		const struct keys_account *account = keys_account(match->keys, persons[i].account);
		records->items[i] = (struct match_record){.id = persons[i].id,
		    .account_id = account ? account->id : NULL,
		    .contact_id =
			persons[i].contact ? keys_text(match->keys, persons[i].contact) : NULL,
		    .converted = persons[i].converted};
	}
}

int
match_email(struct match *match, bool lead, const char *email, struct match_records *records)
{
	static const char contacts[] =
	    CONTACT_COLUMNS " FROM contact c WHERE c.email = ?1 AND c.is_deleted = 0";
	static const char leads[] =
	    LEAD_COLUMNS " FROM lead l WHERE l.email = ?1 AND l.is_deleted = 0";

	if (match->keys) {
		from_keys(match, lead, email, records);
		return 0;
	}
	if (find(match, lead ? leads : contacts, email, records) != 0)
		return -1;
	explain_found(match, lead ? "lead-email" : "contact-email", email, records);
	return 0;
}

int
match_phone(struct match *match, bool lead, const char *phone, struct match_records *records)
{
	static const char contacts[] =
	    CONTACT_COLUMNS " FROM person_phone p JOIN contact c ON c.id = p.id"
			    " WHERE p.phone = ?1 AND p.object = 'Contact' AND c.is_deleted = 0";
	static const char leads[] =
	    LEAD_COLUMNS " FROM person_phone p JOIN lead l ON l.id = p.id"
			 " WHERE p.phone = ?1 AND p.object = 'Lead' AND l.is_deleted = 0";

	if (match->keys && !keys_has_phone(match->keys, phone)) {
		*records = (struct match_records){0};
		return 0;
	}
	if (find(match, lead ? leads : contacts, phone, records) != 0)
		return -1;
	explain_found(match, lead ? "lead-phone" : "contact-phone", phone, records);
	return 0;
}

static int
contact_domain_from_store(struct match *match, const char *domain, struct match_domain *found)
{
	static const char sql[] =
	    "SELECT c.account_id, min(c.id), count(*) AS contacts FROM contact c"
	    " LEFT JOIN account a ON a.id = c.account_id"
	    " WHERE c.email_domain = ?1 AND c.is_deleted = 0 AND c.account_id IS NOT NULL"
	    " AND ifnull(a.is_deleted, 0) = 0"
	    " GROUP BY c.account_id ORDER BY contacts DESC, c.account_id";
	struct store_query *query = store_query(match->store, sql, match->err);
	int step;

	*found = (struct match_domain){0};
	if (!query)
		return -1;
	store_bind(query, 1, domain);
	while ((step = store_step(query, match->err)) == 1) {
		if (found->of++ == 0) {
			found->account_id = match_text(match, query, 0);
			found->record_id = match_text(match, query, 1);
			match_explain(match, 2,
			    "contact-domain %s: account %s, contacts of the domain: %" PRId64
			    ", first %s",
			    domain, found->account_id, store_int(query, 2), found->record_id);
		} else if (match->explain && found->of <= EXPLAIN_MAX + 1) {
			match_explain(match, 3, "not account %s, contacts: %" PRId64,
			    match_text(match, query, 0), store_int(query, 2));
		}
	}
	if (found->of == 0)
		match_explain(match, 2, "contact-domain %s: none with an account", domain);
	return step;
}

static void
contact_domain_from_keys(struct match *match, const char *domain, struct match_domain *found)
{
	const struct keys_domain *d = keys_contact_domain(match->keys, domain);

	*found = (struct match_domain){0};
	if (d)
		*found =
		    (struct match_domain){.account_id = keys_account(match->keys, d->account)->id,
			.record_id = d->contact,
			.of = d->of};
}

int
match_contact_domain(struct match *match, const char *domain, struct match_domain *found)
{
	if (match->keys) {
		contact_domain_from_keys(match, domain, found);
		return 0;
	}
	return contact_domain_from_store(match, domain, found);
}

int
match_lead_domain(struct match *match, const char *domain, struct match_domain *found)
{
	static const char sql[] =
	    "SELECT id, company, created_date FROM lead WHERE email_domain = ?1"
	    " AND is_deleted = 0 AND is_converted = 0"
	    " ORDER BY created_date IS NULL, created_date, id LIMIT ?2";
	int step;

	*found = (struct match_domain){0};
	if (match->keys) {
		found->record_id = keys_lead_domain(match->keys, domain, &found->company);
		return 0;
	}
	struct store_query *query = store_query(match->store, sql, match->err);
	if (!query)
		return -1;
	store_bind(query, 1, domain);
	store_bind_int(query, 2, match->explain ? EXPLAIN_MAX + 1 : 1);
	while ((step = store_step(query, match->err)) == 1) {
		const char *created = match->explain ? match_text(match, query, 2) : NULL;
		if (found->record_id) {
			match_explain(match, 3, "not %s, created %s", match_text(match, query, 0),
			    created ? created : "unknown");
			continue;
		}
		found->record_id = match_text(match, query, 0);
		found->company = match_text(match, query, 1);
		match_explain(match, 2, "lead-domain %s: %s, created %s", domain, found->record_id,
		    created ? created : "unknown");
	}
	if (!found->record_id)
		match_explain(match, 2, "lead-domain %s: no unconverted lead", domain);
	return step;
}

/* Whether a query with this key has a row; what its first column says, unless it is NULL. */
static int
probe(struct match *match, const char *sql, const char *key, bool *row, const char **text)
{
	struct store_query *query = store_query(match->store, sql, match->err);

	if (!query)
		return -1;
	store_bind(query, 1, key);
	int step = store_step(query, match->err);
	*row = step == 1;
	if (step == 1 && text)
		*text = match_text(match, query, 0);
	store_reset(query);
	return step < 0 ? -1 : 0;
}

int
match_active_user(struct match *match, const char *email, bool *active)
{
	static const char sql[] =
	    "SELECT id FROM user WHERE email = ?1 AND ifnull(is_active, 1) <> 0 AND is_deleted = 0"
	    " LIMIT 1";

	if (match->keys) {
		*active = keys_active_user(match->keys, email);
		return 0;
	}
	return probe(match, sql, email, active, NULL);
}

enum { BY_ACCOUNT, BY_CONTACT, BY_LEAD, BY_OPPORTUNITY, BY_NONE };

static int
object_index(const char *object)
{
	static const char *const names[] = {"Account", "Contact", "Lead", "Opportunity"};

	for (int i = 0; i < BY_NONE; i++)
		if (strcmp(object, names[i]) == 0)
			return i;
	return BY_NONE;
}

static void
account_from_keys(struct match *match, const char *id, enum match_state *state, const char **name)
{
	const struct keys_account *account = keys_account_of(match->keys, id);

	if (!account || !account->held)
		return;
	*state = account->deleted ? MATCH_DELETED : MATCH_HELD;
	if (name && account->name)
		*name = keys_text(match->keys, account->name);
}

int
match_state(struct match *match, const char *object, const char *id, enum match_state *state,
    const char **name)
{
	static const char *const sql[] = {
	    [BY_ACCOUNT] = "SELECT is_deleted, name FROM account WHERE id = ?1",
	    [BY_CONTACT] = "SELECT is_deleted, NULL FROM contact WHERE id = ?1",
	    [BY_LEAD] = "SELECT is_deleted, NULL FROM lead WHERE id = ?1",
	    [BY_OPPORTUNITY] = "SELECT is_deleted, NULL FROM opportunity WHERE id = ?1",
	};
	int by = object_index(object);

	*state = MATCH_UNKNOWN;
	if (name)
		*name = NULL;
	if (by == BY_NONE)
		return 0;
	if (match->keys && by == BY_ACCOUNT) {
		account_from_keys(match, id, state, name);
		return 0;
	}
	struct store_query *query = store_query(match->store, sql[by], match->err);
	if (!query)
		return -1;
	store_bind(query, 1, id);
	int step = store_step(query, match->err);
	if (step == 1) {
		*state = store_int(query, 0) ? MATCH_DELETED : MATCH_HELD;
		if (name)
			*name = match_text(match, query, 1);
	}
	store_reset(query);
	return step < 0 ? -1 : 0;
}

int
match_winner(struct match *match, const char *object, const char *id, const char **winner)
{
	static const char *const sql[] = {
	    [BY_ACCOUNT] = "SELECT master_record_id FROM account WHERE id = ?1 AND is_deleted = 1",
	    [BY_CONTACT] = "SELECT master_record_id FROM contact WHERE id = ?1 AND is_deleted = 1",
	    [BY_LEAD] = "SELECT master_record_id FROM lead WHERE id = ?1 AND is_deleted = 1",
	};
	int by = object_index(object);

	*winner = NULL;
	for (int i = 0; i < MERGE_CHAIN_MAX && by < BY_OPPORTUNITY; i++) {
		const char *next = NULL;
		bool row;
		if (probe(match, sql[by], id, &row, &next) != 0)
			return -1;
		if (!next)
			break;
		*winner = id = next;
	}
	return 0;
}

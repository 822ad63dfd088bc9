/* The part of the keys that is by address, number and domain. */
#include "keys_data.h"

#include "arena.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

/* A text of the last row, kept for the next. */
static void
keep(struct buf *kept, const char *text, size_t size)
{
	buf_clear(kept);
	buf_put(kept, text, size);
}

static bool
is_kept(const struct buf *kept, const char *text, size_t size)
{
	return size && kept->size == size && memcmp(kept->text, text, size) == 0;
}

/* Marks somebody's Id as that of an owner of a number. */
static void
mark_owner(struct keys *keys, const char *id, size_t size)
{
	uint64_t bit = table_hash(id, size) & (keys->room_owners - 1);

	keys->owners[bit / 8] |= (unsigned char)(1 << bit % 8);
}

/* Whether somebody of this Id has a number; now and then of somebody else too. */
static bool
owns_number(const struct keys *keys, const char *id, size_t size)
{
	uint64_t bit = table_hash(id, size) & (keys->room_owners - 1);

	return keys->owners[bit / 8] >> bit % 8 & 1;
}

/* The owners of a number, contacts or leads, until the next one comes. */
struct number {
	enum keys_kind kind;
	uint32_t n;
	struct buf phone, ids;
};

static void
end_number(struct keys_writer *w, struct number *number)
{
	if (number->n > 0)
		keys_put(w, number->kind, number->n, number->phone.text, number->phone.size,
		    number->ids.text, number->ids.size);
	number->n = 0;
	buf_clear(&number->ids);
}

static void
take_phone(struct keys_writer *w, struct store_query *query, struct number *number)
{
	size_t size, object_size, id_size;
	const char *phone = store_span(query, 0, &size);
	const char *object = store_span(query, 1, &object_size);
	const char *id = store_span(query, 2, &id_size);
	bool lead = object_size == 4 && memcmp(object, "Lead", 4) == 0;
	enum keys_kind kind = lead ? KEYS_LEAD_PHONE : KEYS_CONTACT_PHONE;

	if (kind != number->kind || !is_kept(&number->phone, phone, size)) {
		end_number(w, number);
		number->kind = kind;
		keep(&number->phone, phone, size);
	}
	keys_put_value(&number->ids, query, 2);
	number->n++;
	mark_owner(w->keys, id, id_size);
}

int
keys_load_phones(struct keys_writer *w)
{
	static const char count[] = "SELECT max(rowid) FROM person_phone";
	static const char all[] =
	    "SELECT phone, object, id FROM person_phone ORDER BY phone, object, id";
	struct number number = {0};
	int64_t rows;
	int step;

	if (store_number(w->store, count, &rows, &w->err) != 0)
		return -1;
	for (w->keys->room_owners = 1024; w->keys->room_owners < (size_t)rows * 16;)
		w->keys->room_owners *= 2;
	w->keys->owners = xalloc(w->keys->room_owners / 8);
	struct store_query *query = store_query(w->store, all, &w->err);
	if (!query)
		return -1;
	while ((step = store_step(query, &w->err)) == 1)
		take_phone(w, query, &number);
	end_number(w, &number);
	buf_free(&number.phone);
	buf_free(&number.ids);
	return step;
}

int
keys_load_users(struct keys_writer *w)
{
	static const char users[] = KEYS_USERS;
	struct store_query *query = store_query(w->store, users, &w->err);
	int step = -1;

	while (query && (step = store_step(query, &w->err)) == 1) {
		size_t size;
		const char *email = store_span(query, 0, &size);
		keys_put(w, KEYS_USER, 0, email, size, NULL, 0);
	}
	return step;
}

/* The persons of one address, until the next address comes; of several the one that --duplicates
 * chooses, or all. */
struct address {
	enum keys_kind kind;
	const struct rules *rules;
	uint32_t n;
	int64_t date; /* of the one chosen so far */
	struct buf email, persons;
	struct buf person, values; /* of the row */
};

/* What --duplicates goes by, so that the smaller one is chosen; without that date: last. */
static int64_t
read_date(const struct rules *rules, struct store_query *query, int column)
{
	int64_t ms = store_int(query, column);

	if (store_is_null(query, column))
		return INT64_MAX;
	return rules->duplicates == DUPLICATES_NEWEST_CREATED ? -ms : ms;
}

static void
end_address(struct keys_writer *w, struct address *a)
{
	if (a->n > 0)
		keys_put(w, a->kind, a->n, a->email.text, a->email.size, a->persons.text,
		    a->persons.size);
	a->n = 0;
	buf_clear(&a->persons);
}

/* Rows come in order of Id: of equal dates the first stays. */
static void
add_person(struct address *a, int64_t date)
{
	bool all = a->rules->duplicates == DUPLICATES_ALL;

	if (a->n == 0 || all) {
		a->n++;
	} else if (date < a->date) {
		buf_clear(&a->persons);
	} else {
		return;
	}
	buf_put(&a->persons, a->person.text, a->person.size);
	a->date = date;
}

/* email, id, its date, account; a lead's also contact, converted. In order of email and Id. */
static void
take_person(struct keys_writer *w, struct store_query *query, struct address *a)
{
	bool lead = a->kind == KEYS_LEAD_EMAIL;
	size_t size, id_size;
	const char *email = store_span(query, 0, &size);
	const char *id = store_span(query, 1, &id_size);
	int64_t date = read_date(a->rules, query, 2);

	if (!is_kept(&a->email, email, size)) {
		end_address(w, a);
		keep(&a->email, email, size);
	}
	buf_clear(&a->person);
	keys_put_value(&a->person, query, 1);
	if (lead)
		buf_put(&a->person, "1", store_int(query, 5) == 1 ? 1 : 0);
	if (lead)
		buf_putc(&a->person, '\0');
	keys_put_value(&a->person, query, 3);
	if (lead)
		keys_put_value(&a->person, query, 4);
	add_person(a, date);
	if (!owns_number(w->keys, id, id_size))
		return;
	buf_clear(&a->values);
	if (!lead)
		buf_putc(&a->values, '\0');
	buf_put(&a->values, a->person.text + id_size + 1, a->person.size - id_size - 1);
	if (!lead)
		buf_putc(&a->values, '\0');
	buf_put(&a->values, (const char *)&date, sizeof date);
	keys_put(w, KEYS_PERSON, 0, id, id_size, a->values.text, a->values.size);
}

static int
load_addresses(struct keys_writer *w, enum keys_kind kind, const char *sql)
{
	struct address a = {.kind = kind, .rules = w->rules};
	struct store_query *query = store_query(w->store, sql, &w->err);
	int step = -1;

	while (query && (step = store_step(query, &w->err)) == 1)
		take_person(w, query, &a);
	end_address(w, &a);
	buf_free(&a.email);
	buf_free(&a.persons);
	buf_free(&a.person);
	buf_free(&a.values);
	return step;
}

#define BY_EMAIL " WHERE email IS NOT NULL AND is_deleted = 0 ORDER BY email, id"

int
keys_load_contacts(struct keys_writer *w)
{
	static const char modified[] =
	    "SELECT email, id, last_modified_date_ms, account_id FROM contact" BY_EMAIL;
	static const char created[] =
	    "SELECT email, id, created_date_ms, account_id FROM contact" BY_EMAIL;
	bool newest = w->rules->duplicates == DUPLICATES_NEWEST_CREATED;

	return load_addresses(w, KEYS_CONTACT_EMAIL, newest ? created : modified);
}

int
keys_load_leads(struct keys_writer *w)
{
	static const char modified[] =
	    "SELECT email, id, last_modified_date_ms, converted_account_id,"
	    " converted_contact_id, is_converted FROM lead" BY_EMAIL;
	static const char created[] = "SELECT email, id, created_date_ms, converted_account_id,"
				      " converted_contact_id, is_converted FROM lead" BY_EMAIL;
	bool newest = w->rules->duplicates == DUPLICATES_NEWEST_CREATED;

	return load_addresses(w, KEYS_LEAD_EMAIL, newest ? created : modified);
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool
is_deleted(const struct keys *keys, const char *account)
{
	return keys->n_deleted_accounts &&
	       bsearch(account, keys->deleted_accounts, keys->n_deleted_accounts,
		   sizeof *keys->deleted_accounts, compare_ids);
}

/* The accounts of a domain, until the next domain comes (design 5.4). */
struct domain {
	struct buf text, account, values;
	bool skipped; /* free mail */
	uint32_t of;
	uint64_t contacts, best; /* of the account; of the one with most */
	struct buf first;        /* contact of the account */
};

/* The account that has just ended is the best so far, or not; they come in order of Id. */
static void
end_account(struct keys_writer *w, struct domain *d)
{
	if (d->contacts > 0 && !is_deleted(w->keys, d->account.text)) {
		d->of++;
		if (d->contacts > d->best) {
			d->best = d->contacts;
			buf_clear(&d->values);
			buf_put(&d->values, d->account.text, d->account.size + 1);
			buf_put(&d->values, d->first.text, d->first.size + 1);
		}
	}
	d->contacts = 0;
	buf_clear(&d->account);
}

static void
end_domain(struct keys_writer *w, struct domain *d)
{
	end_account(w, d);
	if (d->of > 0)
		keys_put(w, KEYS_CONTACT_DOMAIN, d->of, d->text.text, d->text.size, d->values.text,
		    d->values.size);
	d->of = 0;
	d->best = 0;
}

/* domain, account, id; in this order. */
static void
take_domain(struct keys_writer *w, struct store_query *query, struct domain *d)
{
	size_t size, account_size, id_size;
	const char *text = store_span(query, 0, &size);

	if (!is_kept(&d->text, text, size)) {
		end_domain(w, d);
		keep(&d->text, text, size);
		d->skipped = freemail_has(w->rules->freemail, d->text.text);
	}
	if (d->skipped)
		return;
	const char *account = store_span(query, 1, &account_size);
	if (!is_kept(&d->account, account, account_size)) {
		end_account(w, d);
		keep(&d->account, account, account_size);
		const char *id = store_span(query, 2, &id_size);
		keep(&d->first, id, id_size);
	}
	d->contacts++;
}

int
keys_load_contact_domains(struct keys_writer *w)
{
	static const char sql[] =
	    "SELECT email_domain, account_id, id FROM contact WHERE email_domain IS NOT NULL"
	    " AND is_deleted = 0 AND account_id IS NOT NULL ORDER BY email_domain, account_id, id";
	struct domain d = {0};
	struct store_query *query = store_query(w->store, sql, &w->err);
	int step = -1;

	buf_putc(&d.text, '\n'); /* no domain */
	while (query && (step = store_step(query, &w->err)) == 1)
		take_domain(w, query, &d);
	end_domain(w, &d);
	buf_free(&d.text);
	buf_free(&d.account);
	buf_free(&d.values);
	buf_free(&d.first);
	return step;
}

int
keys_load_lead_domains(struct keys_writer *w)
{
	static const char sql[] =
	    "SELECT email_domain, id, company FROM lead WHERE email_domain IS NOT NULL"
	    " AND is_deleted = 0 AND is_converted = 0"
	    " ORDER BY email_domain, created_date_ms IS NULL, created_date_ms, id";
	struct store_query *query = store_query(w->store, sql, &w->err);
	struct buf last = {0}, values = {0};
	int step = -1;

	while (query && (step = store_step(query, &w->err)) == 1) {
		size_t size;
		const char *domain = store_span(query, 0, &size);
		if (is_kept(&last, domain, size))
			continue;
		keep(&last, domain, size);
		buf_clear(&values);
		keys_put_value(&values, query, 1);
		keys_put_value(&values, query, 2);
		keys_put(w, KEYS_LEAD_DOMAIN, !store_is_null(query, 2), last.text, last.size,
		    values.text, values.size);
	}
	buf_free(&last);
	buf_free(&values);
	return step;
}

#include "people.h"

#include "buf.h"
#include "email.h"
#include "fold.h"
#include "json.h"
#include "phone.h"
#include "rfc3339.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What rows are compared by, in the order of the passes. */
enum key { EMAIL, PHONE, NAME, N_KEYS };

/* A person with its keys as numbers: equal keys have equal numbers, 0 is none. Indexes of rows
 * count from 1, so that 0 is none there, too. It is small, as the search behind one telephone may
 * be long. */
struct row {
	struct person *person;
	const char *folded; /* the name as compared */
	uint32_t keys[N_KEYS];
	uint32_t next;    /* row of the same key, in an index */
	uint32_t invitee; /* whom this attendee has joined */
	uint32_t n_joined;
};

/* Rows by one of their keys: first[k], then next, in the order of the list. */
struct index {
	struct row *rows;
	uint32_t *first;
	uint32_t *last;
	uint32_t *n; /* of the key */
};

struct merge {
	struct arena *arena;
	struct row *invitees;
	uint32_t n_invitees;
	struct row *attendees;
	uint32_t n_attendees;
	size_t n_keys; /* of any kind, 0 included */
};

struct text_key {
	const char *text;
	uint32_t *key;
};

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(((const struct text_key *)a)->text, ((const struct text_key *)b)->text);
}

static void
set_rows(struct row *rows, struct people *people, struct arena *arena)
{
	for (size_t i = 0; i < people->n; i++) {
		const char *name = people->list[i].name;
		rows[i].person = &people->list[i];
		if (name)
			rows[i].folded = fold_name(name, strlen(name), arena);
	}
}

/* Sorting, not hashing: no input can make it slow. */
static void
number_keys(struct text_key *texts, size_t n)
{
	uint32_t key = 0;

	if (n > 0)
		qsort(texts, n, sizeof *texts, compare_texts);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || strcmp(texts[i].text, texts[i - 1].text) != 0)
			key++;
		*texts[i].key = key;
	}
}

static const char *
key_text(const struct row *row, enum key key)
{
	return key == EMAIL ? row->person->email : key == PHONE ? row->person->phone : row->folded;
}

static void
number_rows(struct row *rows, size_t n, struct arena *arena)
{
	struct text_key *texts = arena_array(arena, n + 1, sizeof *texts);

	for (enum key key = EMAIL; key < N_KEYS; key++) {
		size_t found = 0;
		for (size_t i = 0; i < n; i++) {
			texts[found].text = key_text(&rows[i], key);
			texts[found].key = &rows[i].keys[key];
			found += texts[found].text != NULL;
		}
		number_keys(texts, found);
	}
}

static struct index
index_open(const struct merge *merge, struct row *rows)
{
	return (struct index){.rows = rows,
	    .first = arena_array(merge->arena, merge->n_keys, sizeof(uint32_t)),
	    .last = arena_array(merge->arena, merge->n_keys, sizeof(uint32_t)),
	    .n = arena_array(merge->arena, merge->n_keys, sizeof(uint32_t))};
}

/* Row number i, counted from 1, goes last of its key. */
static void
index_add(struct index *index, uint32_t key, uint32_t i)
{
	index->rows[i - 1].next = 0;
	if (key == 0)
		return;
	if (index->first[key])
		index->rows[index->last[key] - 1].next = i;
	else
		index->first[key] = i;
	index->last[key] = i;
	index->n[key]++;
}

static bool
differ(const struct row *a, const struct row *b, enum key key)
{
	return a->keys[key] && b->keys[key] && a->keys[key] != b->keys[key];
}

/* The key of this pass: by name go rows that have nothing else. */
static uint32_t
pass_key(const struct row *row, enum key pass)
{
	if (pass == NAME && (row->keys[EMAIL] || row->keys[PHONE]))
		return 0;
	return row->keys[pass];
}

/* The first row of the key that can be the same person: behind one telephone there can be several. */
static uint32_t
find_same(const struct index *index, const struct row *row, uint32_t key, enum key pass)
{
	uint32_t i = key ? index->first[key] : 0;

	while (i && pass == PHONE &&
	       (differ(row, &index->rows[i - 1], EMAIL) || differ(row, &index->rows[i - 1], NAME)))
		i = index->rows[i - 1].next;
	return i;
}

static void
join_times(struct person *person, const struct person *other)
{
	if (other->joined_ms != PEOPLE_NO_TIME &&
	    (person->joined_ms == PEOPLE_NO_TIME || other->joined_ms < person->joined_ms))
		person->joined_ms = other->joined_ms;
	if (other->left_ms != PEOPLE_NO_TIME && other->left_ms > person->left_ms)
		person->left_ms = other->left_ms;
}

static void
take_missing(struct person *person, const struct person *other)
{
	person->email = person->email ? person->email : other->email;
	person->phone = person->phone ? person->phone : other->phone;
	person->name = person->name ? person->name : other->name;
}

/* The name's key goes with the name: one without letters stays, and has none. */
static void
absorb(struct row *row, const struct row *other)
{
	bool named = row->person->name != NULL;

	take_missing(row->person, other->person);
	join_times(row->person, other->person);
	if (!row->person->response)
		row->person->response = other->person->response;
	for (enum key key = EMAIL; key < N_KEYS; key++)
		if (!row->keys[key] && (key != NAME || !named))
			row->keys[key] = other->keys[key];
	row->folded = named ? row->folded : other->folded;
}

static uint32_t
merge_pass(const struct merge *merge, struct row *rows, uint32_t n, enum key pass)
{
	struct index index = index_open(merge, rows);
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t key = pass_key(&rows[i], pass);
		uint32_t same = find_same(&index, &rows[i], key, pass);
		if (same) {
			absorb(&rows[same - 1], &rows[i]);
		} else {
			rows[kept++] = rows[i];
			index_add(&index, key, kept);
		}
	}
	return kept;
}

/* Design 4.1. Returns how many rows are left. */
static uint32_t
merge_rows(const struct merge *merge, struct row *rows, uint32_t n)
{
	for (enum key pass = EMAIL; pass < N_KEYS; pass++)
		n = merge_pass(merge, rows, n, pass);
	return n;
}

static void
join(struct merge *merge, struct row *attendee, uint32_t invitee)
{
	attendee->invitee = invitee;
	if (invitee)
		merge->invitees[invitee - 1].n_joined++;
}

/* By email or phone; the invitee is compared as invited, whoever has joined already. */
static void
join_by(struct merge *merge, enum key key)
{
	struct index index = index_open(merge, merge->invitees);

	for (uint32_t i = 1; i <= merge->n_invitees; i++)
		index_add(&index, merge->invitees[i - 1].keys[key], i);
	for (size_t i = 0; i < merge->n_attendees; i++) {
		struct row *row = &merge->attendees[i];
		if (!row->invitee)
			join(merge, row, find_same(&index, row, row->keys[key], key));
	}
}

/* A first name alone says too little, and so does a name that two have. Only invitees whom no one
 * has joined are in the index, so one is taken once. */
static void
join_by_name(struct merge *merge)
{
	struct index index = index_open(merge, merge->invitees);

	for (uint32_t i = 1; i <= merge->n_invitees; i++)
		if (!merge->invitees[i - 1].n_joined)
			index_add(&index, merge->invitees[i - 1].keys[NAME], i);
	for (size_t i = 0; i < merge->n_attendees; i++) {
		struct row *row = &merge->attendees[i];
		uint32_t key = row->keys[NAME];
		if (row->invitee || !key || index.n[key] != 1 || fold_words(row->folded) < 2)
			continue;
		join(merge, row, index.first[key]);
		index.n[key] = 0;
	}
}

static void
put_invitee(const struct merge *merge, struct participant *participant, const struct row *row)
{
	participant->person = *row->person;
	participant->invited = true;
	if (row->n_joined)
		participant->other_emails =
		    arena_array(merge->arena, row->n_joined, sizeof *participant->other_emails);
}

/* Attendees come in the order of their list. */
static void
put_attendee(struct participant *participant, const struct person *person)
{
	const char *email = participant->person.email;

	participant->attended = true;
	if (email && person->email && strcmp(email, person->email) != 0)
		participant->other_emails[participant->n_other_emails++] = person->email;
	take_missing(&participant->person, person);
	join_times(&participant->person, person);
}

/* Design 4.3. */
static size_t
put_participants(const struct merge *merge, struct participant *participants)
{
	size_t n = merge->n_invitees;

	for (size_t i = 0; i < n; i++)
		put_invitee(merge, &participants[i], &merge->invitees[i]);
	for (size_t i = 0; i < merge->n_attendees; i++) {
		struct row *row = &merge->attendees[i];
		if (row->invitee) {
			put_attendee(&participants[row->invitee - 1], row->person);
		} else {
			participants[n++] =
			    (struct participant){.person = *row->person, .attended = true};
		}
	}
	return n;
}

size_t
people_merge(struct people *invitees, struct people *attendees, struct arena *arena,
    struct participant **participants)
{
	size_t n = invitees->n + attendees->n;
	struct row *rows = arena_array(arena, n + 1, sizeof *rows);
	struct merge merge = {
	    .arena = arena, .invitees = rows, .attendees = rows + invitees->n, .n_keys = n + 1};

	set_rows(merge.invitees, invitees, arena);
	set_rows(merge.attendees, attendees, arena);
	number_rows(rows, n, arena);
	merge.n_invitees = merge_rows(&merge, merge.invitees, (uint32_t)invitees->n);
	merge.n_attendees = merge_rows(&merge, merge.attendees, (uint32_t)attendees->n);
	join_by(&merge, EMAIL);
	join_by(&merge, PHONE);
	join_by_name(&merge);
	*participants = arena_array(arena, n + 1, sizeof **participants);
	return put_participants(&merge, *participants);
}

/* A list that is read, and where in it we are, for messages. */
struct list {
	const char *name;
	bool invitees;
	size_t at;
	const char *region;
	struct arena *arena;
	struct err *err;
};

/* The member's text; NULL if there is none, or it is empty. -1 if it is no string. */
static int
read_text(struct list *list, struct json object, const char *name, const char **text)
{
	struct json value = json_get(object, name);

	*text = NULL;
	if (!json_has(value))
		return 0;
	if (json_kind(value) != JSON_IS_STRING)
		return err_set(
		    list->err, ST_REJECTED, "%s[%zu].%s is no string", list->name, list->at, name);
	*text = json_decode(value, list->arena, NULL);
	if (!**text)
		*text = NULL;
	return 0;
}

static int
read_time(struct list *list, struct json object, const char *name, int64_t *ms)
{
	char shown[64];
	const char *text;

	if (read_text(list, object, name, &text) != 0)
		return -1;
	if (!text || rfc3339_parse(text, strlen(text), ms) == 0)
		return 0;
	return err_set(list->err, ST_REJECTED, "%s[%zu].%s is no RFC 3339 time: \"%s\"", list->name,
	    list->at, name, diag_escape(shown, sizeof shown, text, strlen(text)));
}

/* Some exports write the digits as a number. */
static int
read_phone(struct list *list, struct json object, const char **phone)
{
	struct json value = json_get(object, "phone");
	const char *text = NULL;

	if (json_kind(value) == JSON_IS_NUMBER)
		text = arena_dup(list->arena, value.at, value.size);
	else if (read_text(list, object, "phone", &text) != 0)
		return -1;
	if (text)
		*phone = phone_normalize(text, strlen(text), list->region, list->arena);
	return 0;
}

static int
read_person(struct list *list, struct json object, struct person *person)
{
	const char *email;
	const char *name;

	if (read_text(list, object, "email", &email) != 0 ||
	    read_text(list, object, "name", &name) != 0 ||
	    read_phone(list, object, &person->phone) != 0)
		return -1;
	if (email)
		person->email = email_normalize(email, strlen(email), list->arena);
	if (name)
		person->name = fold_trim(name, strlen(name), list->arena);
	if (list->invitees)
		return read_text(list, object, "response", &person->response);
	if (read_time(list, object, "joined", &person->joined_ms) != 0)
		return -1;
	return read_time(list, object, "left", &person->left_ms);
}

/* Adds the entry, unless it is an invited room or resource. */
static int
read_entry(struct list *list, struct json entry, struct people *people)
{
	struct person person = {.joined_ms = PEOPLE_NO_TIME, .left_ms = PEOPLE_NO_TIME};
	const char *type = NULL;

	if (json_kind(entry) != JSON_IS_OBJECT)
		return err_set(
		    list->err, ST_REJECTED, "%s[%zu] is no object", list->name, list->at);
	if (list->invitees && read_text(list, entry, "type", &type) != 0)
		return -1;
	if (type && (strcasecmp(type, "room") == 0 || strcasecmp(type, "resource") == 0))
		return 0;
	if (read_person(list, entry, &person) != 0)
		return -1;
	people->list[people->n++] = person;
	return 0;
}

static size_t
count_entries(struct json value)
{
	struct json_each each = json_each(value);
	struct json_member entry;
	size_t n = 0;

	while (json_next(&each, &entry))
		n++;
	return n;
}

static int
read_people(struct list *list, struct json value, struct people *people)
{
	struct json_each each = json_each(value);
	struct json_member entry;

	if (!json_has(value))
		return 0;
	if (json_kind(value) != JSON_IS_ARRAY)
		return err_set(list->err, ST_REJECTED, "%s is no array", list->name);
	size_t n = count_entries(value);
	if (n > PEOPLE_MAX)
		return err_set(
		    list->err, ST_REJECTED, "%s has more than %d entries", list->name, PEOPLE_MAX);
	people->list = arena_array(list->arena, n + 1, sizeof *people->list);
	for (; json_next(&each, &entry); list->at++)
		if (read_entry(list, entry.value, people) != 0)
			return -1;
	return 0;
}

static void
put_bool(struct buf *buf, const char *name, bool value)
{
	json_put_name(buf, name);
	buf_puts(buf, value ? "true" : "false");
}

static void
put_time(struct buf *buf, const char *name, int64_t ms)
{
	char text[RFC3339_SIZE];

	if (ms != PEOPLE_NO_TIME)
		json_put_member(buf, name, rfc3339_format(ms, text));
}

static void
put_other_emails(struct buf *buf, const struct participant *participant)
{
	if (participant->n_other_emails == 0)
		return;
	json_put_name(buf, "other_emails");
	for (size_t i = 0; i < participant->n_other_emails; i++) {
		buf_putc(buf, i == 0 ? '[' : ',');
		json_put_string(
		    buf, participant->other_emails[i], strlen(participant->other_emails[i]));
	}
	buf_putc(buf, ']');
}

static bool
is_internal(const struct participant *participant, const struct rules *rules)
{
	const char *email = participant->person.email;

	if (email && rules_internal(rules, email_domain(email)))
		return true;
	for (size_t i = 0; i < participant->n_other_emails; i++)
		if (rules_internal(rules, email_domain(participant->other_emails[i])))
			return true;
	return false;
}

static void
put_participant(struct buf *buf, const struct participant *participant, const struct rules *rules)
{
	const struct person *person = &participant->person;

	buf_putc(buf, '{');
	json_put_member(buf, "email", person->email);
	json_put_member(buf, "name", person->name);
	json_put_member(buf, "phone", person->phone);
	put_other_emails(buf, participant);
	put_bool(buf, "invited", participant->invited);
	put_bool(buf, "attended", participant->attended);
	json_put_member(buf, "response", person->response);
	put_time(buf, "joined", person->joined_ms);
	put_time(buf, "left", person->left_ms);
	put_bool(buf, "internal", is_internal(participant, rules));
	buf_putc(buf, '}');
}

static void
set_participants(
    struct line *line, const struct participant *list, size_t n, const struct rules *rules)
{
	struct buf buf = {0};

	buf_putc(&buf, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(&buf, ',');
		put_participant(&buf, &list[i], rules);
	}
	buf_putc(&buf, ']');
	line_set(line, "participants", arena_dup(line->arena, buf.text, buf.size), buf.size);
	buf_free(&buf);
}

int
people_merge_line(struct line *line, const struct rules *rules, struct err *err)
{
	struct json invited = line_get(line, "invitees");
	struct json attended = line_get(line, "attendees");
	struct list invitee_list = {.name = "invitees",
	    .invitees = true,
	    .region = rules->region,
	    .arena = line->arena,
	    .err = err};
	struct list attendee_list = {
	    .name = "attendees", .region = rules->region, .arena = line->arena, .err = err};
	struct people invitees = {0};
	struct people attendees = {0};
	struct participant *list;

	if (!json_has(invited) && !json_has(attended) && json_has(line_get(line, "participants")))
		return 0;
	if (read_people(&invitee_list, invited, &invitees) != 0 ||
	    read_people(&attendee_list, attended, &attendees) != 0)
		return -1;
	size_t n = people_merge(&invitees, &attendees, line->arena, &list);
	set_participants(line, list, n, rules);
	return 0;
}

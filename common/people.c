#include "people.h"

#include "fold.h"

#include <stdlib.h>
#include <string.h>

#define FEW 16 /* texts, which are not worth sorting */

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
	struct row *rows; /* of both lists */
	size_t n_rows;
	bool any[N_KEYS]; /* whether a row has such a key */
	bool named;       /* the names have their keys: most calls need none */
	struct row *invitees;
	uint32_t n_invitees;
	struct row *attendees;
	uint32_t n_attendees;
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
set_rows(struct row *rows, struct people *people)
{
	for (size_t i = 0; i < people->n; i++)
		rows[i].person = &people->list[i];
}

static void
number_few(struct text_key *texts, size_t n)
{
	uint32_t keys = 0;

	for (size_t i = 0; i < n; i++) {
		size_t same = 0;
		while (same < i && strcmp(texts[same].text, texts[i].text) != 0)
			same++;
		*texts[i].key = same < i ? *texts[same].key : ++keys;
	}
}

/* Sorting, not hashing: no input can make it slow. */
static void
number_keys(struct text_key *texts, size_t n)
{
	uint32_t key = 0;

	if (n <= FEW) {
		number_few(texts, n);
		return;
	}
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
number_rows(struct merge *merge, enum key key)
{
	struct text_key *texts = arena_array(merge->arena, merge->n_rows + 1, sizeof *texts);
	size_t n = 0;

	for (size_t i = 0; i < merge->n_rows; i++) {
		texts[n].text = key_text(&merge->rows[i], key);
		texts[n].key = &merge->rows[i].keys[key];
		n += texts[n].text != NULL;
	}
	number_keys(texts, n);
	merge->any[key] = n > 0;
}

/* Where names are to be compared: of all rows, or, at the very last, only of those that have not joined
 * anybody nor been joined. Rows that others have taken in have their keys too, which does no harm. */
static void
number_names(struct merge *merge, bool alone)
{
	if (merge->named)
		return;
	for (size_t i = 0; i < merge->n_rows; i++) {
		struct row *row = &merge->rows[i];
		const char *name = row->person->name;
		if (name && !(alone && (row->invitee || row->n_joined)))
			row->folded = fold_name(name, strlen(name), merge->arena);
	}
	number_rows(merge, NAME);
	merge->named = true;
}

static struct index
index_open(const struct merge *merge, struct row *rows)
{
	size_t n_keys = merge->n_rows + 1;
	uint32_t *first = arena_array(merge->arena, 3 * n_keys, sizeof *first);

	return (struct index){
	    .rows = rows, .first = first, .last = first + n_keys, .n = first + 2 * n_keys};
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
pass_key(struct merge *merge, const struct row *row, enum key pass)
{
	if (pass == NAME && (row->keys[EMAIL] || row->keys[PHONE]))
		return 0;
	if (pass == NAME)
		number_names(merge, false);
	return row->keys[pass];
}

/* The first row of the key that can be the same person: behind one telephone there can be several. */
static uint32_t
find_same(struct merge *merge, const struct index *index, const struct row *row, uint32_t key,
    enum key pass)
{
	uint32_t i = key ? index->first[key] : 0;

	if (i && pass == PHONE)
		number_names(merge, false);
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
merge_pass(struct merge *merge, struct row *rows, uint32_t n, enum key pass)
{
	struct index index = index_open(merge, rows);
	uint32_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t key = pass_key(merge, &rows[i], pass);
		uint32_t same = find_same(merge, &index, &rows[i], key, pass);
		if (same) {
			absorb(&rows[same - 1], &rows[i]);
		} else {
			rows[kept++] = rows[i];
			index_add(&index, key, kept);
		}
	}
	return kept;
}

/* Whether two of them have neither email nor phone. */
static bool
several_without_address(const struct row *rows, uint32_t n)
{
	uint32_t without = 0;

	for (uint32_t i = 0; i < n; i++)
		without += !rows[i].keys[EMAIL] && !rows[i].keys[PHONE];
	return without > 1;
}

/* Design 4.1. Returns how many rows are left. */
static uint32_t
merge_rows(struct merge *merge, struct row *rows, uint32_t n)
{
	if (merge->any[EMAIL])
		n = merge_pass(merge, rows, n, EMAIL);
	if (merge->any[PHONE])
		n = merge_pass(merge, rows, n, PHONE);
	return several_without_address(rows, n) ? merge_pass(merge, rows, n, NAME) : n;
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
	if (!merge->any[key])
		return;
	struct index index = index_open(merge, merge->invitees);
	for (uint32_t i = 1; i <= merge->n_invitees; i++)
		index_add(&index, merge->invitees[i - 1].keys[key], i);
	for (size_t i = 0; i < merge->n_attendees; i++) {
		struct row *row = &merge->attendees[i];
		if (!row->invitee)
			join(merge, row, find_same(merge, &index, row, row->keys[key], key));
	}
}

/* A first name alone says too little, and so does a name that two have. Only invitees whom no one
 * has joined are in the index, so one is taken once. */
static void
join_by_name(struct merge *merge)
{
	size_t lone = 0;

	while (lone < merge->n_attendees && merge->attendees[lone].invitee)
		lone++;
	if (lone == merge->n_attendees)
		return;
	number_names(merge, true);
	struct index index = index_open(merge, merge->invitees);
	for (uint32_t i = 1; i <= merge->n_invitees; i++)
		if (!merge->invitees[i - 1].n_joined)
			index_add(&index, merge->invitees[i - 1].keys[NAME], i);
	for (size_t i = lone; i < merge->n_attendees; i++) {
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
	struct merge merge = {.arena = arena,
	    .rows = rows,
	    .n_rows = n,
	    .invitees = rows,
	    .attendees = rows + invitees->n};

	set_rows(merge.invitees, invitees);
	set_rows(merge.attendees, attendees);
	number_rows(&merge, EMAIL);
	number_rows(&merge, PHONE);
	merge.n_invitees = merge_rows(&merge, merge.invitees, (uint32_t)invitees->n);
	merge.n_attendees = merge_rows(&merge, merge.attendees, (uint32_t)attendees->n);
	join_by(&merge, EMAIL);
	join_by(&merge, PHONE);
	join_by_name(&merge);
	*participants = arena_array(arena, n + 1, sizeof **participants);
	return put_participants(&merge, *participants);
}

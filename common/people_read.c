#include "people_read.h"

#include "email.h"
#include "fold.h"
#include "phone.h"
#include "rfc3339.h"

#include <string.h>
#include <strings.h>

/* The members that we read, in the order in which what is wrong with them is said. */
enum member { TYPE, EMAIL, NAME, PHONE, RESPONSE, JOINED, LEFT, N_MEMBERS };

static const char *const member_names[N_MEMBERS] = {
    "type", "email", "name", "phone", "response", "joined", "left"};
static const size_t member_sizes[N_MEMBERS] = {4, 5, 4, 5, 8, 6, 4};
static const char *const list_names[] = {"invitees", "attendees"};

/* A list, and where in it we are. */
struct reading {
	enum people_kind kind;
	size_t at;
	const char *region;
	struct arena *arena;
	struct err *err;
};

/* A member's text, in place if it has no escapes. */
struct text {
	const char *at; /* NULL: there is none, or it is empty */
	size_t size;
};

/* The only one that it can be, if it has no escapes: no two begin alike. */
static enum member
guess_member(char first)
{
	switch (first) {
	case 't':
		return TYPE;
	case 'e':
		return EMAIL;
	case 'n':
		return NAME;
	case 'p':
		return PHONE;
	case 'r':
		return RESPONSE;
	case 'j':
		return JOINED;
	case 'l':
		return LEFT;
	default:
		return N_MEMBERS;
	}
}

/* Which it is, N_MEMBERS if none. */
static enum member
find_member(struct json name)
{
	enum member i = guess_member(name.at[1]);

	if (i < N_MEMBERS && name.size == member_sizes[i] + 2 &&
	    memcmp(name.at + 1, member_names[i], member_sizes[i]) == 0)
		return i;
	if (!memchr(name.at, '\\', name.size))
		return N_MEMBERS;
	for (i = 0; i < N_MEMBERS && !json_is(name, member_names[i]);)
		i++;
	return i;
}

static int
read_text(
    struct reading *reading, const struct json *members, enum member member, struct text *text)
{
	struct json value = members[member];

	*text = (struct text){0};
	if (!value.at || !json_has(value))
		return 0;
	if (json_kind(value) != JSON_IS_STRING)
		return err_set(reading->err, ST_REJECTED, "%s[%zu].%s is no string",
		    list_names[reading->kind], reading->at, member_names[member]);
	*text = (struct text){value.at + 1, value.size - 2};
	if (memchr(value.at, '\\', value.size)) {
		text->at = json_decode(value, reading->arena, NULL);
		text->size = strlen(text->at);
	}
	if (text->size == 0)
		text->at = NULL;
	return 0;
}

static int
read_time(struct reading *reading, const struct json *members, enum member member, int64_t *ms)
{
	char shown[64];
	struct text text;

	if (read_text(reading, members, member, &text) != 0)
		return -1;
	if (!text.at || rfc3339_parse(text.at, text.size, ms) == 0)
		return 0;
	return err_set(reading->err, ST_REJECTED, "%s[%zu].%s is no RFC 3339 time: \"%s\"",
	    list_names[reading->kind], reading->at, member_names[member],
	    diag_escape(shown, sizeof shown, text.at, text.size));
}

/* Some exports write the digits as a number. */
static int
read_phone(struct reading *reading, const struct json *members, struct person *person)
{
	struct text text = {members[PHONE].at, members[PHONE].size};

	if (json_kind(members[PHONE]) != JSON_IS_NUMBER &&
	    read_text(reading, members, PHONE, &text) != 0)
		return -1;
	if (text.at)
		person->phone =
		    phone_normalize(text.at, text.size, reading->region, reading->arena);
	return 0;
}

static int
read_response(struct reading *reading, const struct json *members, struct person *person)
{
	struct text text;

	if (read_text(reading, members, RESPONSE, &text) != 0)
		return -1;
	if (text.at)
		person->response = arena_dup(reading->arena, text.at, text.size);
	return 0;
}

static int
read_person(struct reading *reading, const struct json *members, struct person *person)
{
	struct text email, name;

	*person = (struct person){.joined_ms = PEOPLE_NO_TIME, .left_ms = PEOPLE_NO_TIME};
	if (read_text(reading, members, EMAIL, &email) != 0 ||
	    read_text(reading, members, NAME, &name) != 0 ||
	    read_phone(reading, members, person) != 0)
		return -1;
	if (email.at)
		person->email = email_normalize(email.at, email.size, reading->arena);
	if (name.at)
		person->name = fold_trim(name.at, name.size, reading->arena);
	if (reading->kind == PEOPLE_INVITEES)
		return read_response(reading, members, person);
	if (read_time(reading, members, JOINED, &person->joined_ms) != 0)
		return -1;
	return read_time(reading, members, LEFT, &person->left_ms);
}

static bool
is_word(struct text text, const char *word)
{
	return text.at && text.size == strlen(word) && strncasecmp(text.at, word, text.size) == 0;
}

/* Adds the entry of these n members, unless it is an invited room or resource. */
static int
read_entry(
    struct reading *reading, const struct json_member *given, size_t n, struct people *people)
{
	struct json members[N_MEMBERS] = {0};
	struct text type = {0};

	for (size_t i = 0; i < n; i++) {
		enum member found = find_member(given[i].name);
		if (found < N_MEMBERS)
			members[found] = given[i].value;
	}
	if (reading->kind == PEOPLE_INVITEES && read_text(reading, members, TYPE, &type) != 0)
		return -1;
	if (is_word(type, "room") || is_word(type, "resource"))
		return 0;
	return read_person(reading, members, &people->list[people->n++]);
}

/* Room for one more. */
static void
grow(struct people *people, size_t *room, struct arena *arena)
{
	if (people->n < *room)
		return;
	struct person *old = people->list;
	*room = *room ? *room * 4 : 16;
	people->list = arena_array(arena, *room, sizeof *people->list);
	if (old)
		memcpy(people->list, old, people->n * sizeof *old);
}

int
people_read(enum people_kind kind, const struct line *line, struct json list, const char *region,
    struct people *people, struct err *err)
{
	struct reading reading = {.kind = kind, .region = region, .arena = line->arena, .err = err};
	size_t room = 0, n, last;

	*people = (struct people){0};
	if (!json_has(list))
		return 0;
	if (json_kind(list) != JSON_IS_ARRAY)
		return err_set(err, ST_REJECTED, "%s is no array", list_names[kind]);
	const struct json_member *items = line_items(line, list, &n);
	for (size_t i = 0; i < n; i = last, reading.at++) {
		if (reading.at == PEOPLE_MAX)
			return err_set(err, ST_REJECTED, "%s has more than %d entries",
			    list_names[kind], PEOPLE_MAX);
		if (json_kind(items[i].value) != JSON_IS_OBJECT)
			return err_set(
			    err, ST_REJECTED, "%s[%zu] is no object", list_names[kind], reading.at);
		for (last = i + 1; last < n && items[last].name.at;)
			last++;
		grow(people, &room, line->arena);
		if (read_entry(&reading, items + i + 1, last - i - 1, people) != 0)
			return -1;
	}
	return 0;
}

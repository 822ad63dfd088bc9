#include "message_address.h"

#include "email.h"
#include "fold.h"
#include "message_mend.h"

#include <gmime/gmime.h>

#include <stdbool.h>
#include <string.h>

#define MAX_ADDRESSES ((size_t)10000) /* of a field; associate-call takes no more either */

const char *
message_readable(const char *text, struct arena *arena)
{
	char *out = arena_dup(arena, text, strlen(text));
	size_t n = 0;

	for (const char *at = text; *at; at++) {
		bool space = (unsigned char)*at <= ' ' || *at == 0x7f;
		if (!space)
			out[n++] = *at;
		else if (n > 0 && out[n - 1] != ' ')
			out[n++] = ' ';
	}
	return fold_trim(out, n, arena);
}

void
message_address_add(
    struct message_addresses *list, struct message_address address, struct arena *arena)
{
	if (list->n == list->room) {
		size_t room = list->room ? list->room * 2 : 16;
		struct message_address *items = arena_array(arena, room, sizeof *items);
		if (list->n > 0)
			memcpy(items, list->items, list->n * sizeof *items);
		list->items = items;
		list->room = room;
	}
	list->items[list->n++] = address;
}

/* Some write 'a@x.com' or [a@x.com]; no domain ends so, but a@[192.0.2.1]. */
static const char *
without_marks(const char *text, size_t size, struct arena *arena)
{
	if (size > 2 && *text == '\'' && text[size - 1] == '\'')
		return email_normalize(text + 1, size - 2, arena);
	if (size > 1 && text[size - 1] == ']' && !memchr(text + 1, '[', size - 1))
		size--;
	if (size > 1 && *text == '[') {
		text++;
		size--;
	}
	return email_normalize(text, size, arena);
}

/* "jane.doe"@x.com is jane.doe@x.com. */
static const char *
normal_form(const char *text, struct arena *arena)
{
	const char *end = strrchr(text, '"');

	if (*text != '"' || !end || end == text || end[1] != '@')
		return without_marks(text, strlen(text), arena);
	char *plain = arena_printf(arena, "%.*s%s", (int)(end - text - 1), text + 1, end + 1);
	return strpbrk(plain, "\"\\") ? NULL : email_normalize(plain, strlen(plain), arena);
}

static void
add_mailbox(struct message_addresses *list, const char *text, const char *name, struct arena *arena)
{
	struct message_address address = {0};

	if (text)
		address.email = normal_form(text, arena);
	if (name)
		address.name = message_readable(name, arena);
	if (!address.email && !address.name && text)
		address.name = message_readable(text, arena);
	if (address.email || address.name)
		message_address_add(list, address, arena);
}

/* A group within a group is no syntax, but GMime takes it. */
static void
add_list(struct message_addresses *list, InternetAddressList *given, int depth, struct arena *arena)
{
	for (int i = 0; given && i < internet_address_list_length(given); i++) {
		InternetAddress *one = internet_address_list_get_address(given, i);
		if (INTERNET_ADDRESS_IS_MAILBOX(one))
			add_mailbox(list,
			    internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)),
			    internet_address_get_name(one), arena);
		else if (INTERNET_ADDRESS_IS_GROUP(one) && depth < 8)
			add_list(list,
			    internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one)),
			    depth + 1, arena);
	}
}

/* The next run of characters with an @ in it, outside quotes and comments; NULL at the end. */
static const char *
next_token(const char **at, struct arena *arena)
{
	static const char ends[] = " \t\r\n<>,;:\"()";
	int depth = 0;
	bool quoted = false;

	for (const char *p = *at; *p; p++) {
		if (*p == '\\' && p[1]) {
			p++;
		} else if (*p == '"' && depth == 0) {
			quoted = !quoted;
		} else if (!quoted && *p == '(') {
			depth++;
		} else if (!quoted && *p == ')') {
			depth -= depth > 0;
		} else if (!quoted && depth == 0 && !strchr(ends, *p)) {
			size_t n = strcspn(p, ends);
			const char *found = memchr(p, '@', n);
			*at = p + n;
			if (found)
				return without_marks(p, n, arena);
			p += n - 1;
		}
	}
	*at += strlen(*at);
	return NULL;
}

static bool
has_email(const struct message_addresses *list, size_t from, const char *email)
{
	for (size_t i = from; i < list->n; i++)
		if (list->items[i].email && strcmp(list->items[i].email, email) == 0)
			return true;
	return false;
}

/* What GMime stopped at: a semicolon between addresses, a dot in the wrong place. Where it found as
 * many as there are, nothing is added: some of them are written in ways that only it understands. */
static void
add_missed(struct message_addresses *list, size_t from, const char *text, struct arena *arena)
{
	size_t found = 0, there = 0;
	const char *email, *at;

	for (size_t i = from; i < list->n; i++)
		found += list->items[i].email != NULL;
	for (at = text; *at;)
		there += next_token(&at, arena) != NULL;
	for (at = text; there > found && list->n <= MAX_ADDRESSES && *at;)
		if ((email = next_token(&at, arena)) && !has_email(list, from, email))
			message_address_add(list, (struct message_address){.email = email}, arena);
}

/* GMime looks behind each comma for an address that it may be in the name of, up to the end. */
static bool
has_too_many(const char *text)
{
	size_t n = 0;

	for (; *text && n <= MAX_ADDRESSES; text++)
		n += *text == ',';
	return n > MAX_ADDRESSES;
}

int
message_addresses(
    const struct buf *fields, struct arena *arena, struct message_addresses *list, struct err *err)
{
	char *text = arena_dup(arena, fields->text ? fields->text : "", fields->size);
	char *state = NULL;

	*list = (struct message_addresses){0};
	for (char *one = strtok_r(text, "\n", &state); one; one = strtok_r(NULL, "\n", &state)) {
		size_t from = list->n;
		const char *mended = message_mend_addresses(one, arena);
		if (!has_too_many(mended)) {
			InternetAddressList *parsed = internet_address_list_parse(NULL, mended);
			add_list(list, parsed, 0, arena);
			if (parsed)
				g_object_unref(parsed);
			add_missed(list, from, one, arena);
		}
		if (has_too_many(mended) || list->n > MAX_ADDRESSES)
			return err_set(
			    err, ST_REJECTED, "more than %zu addresses in a field", MAX_ADDRESSES);
	}
	return 0;
}

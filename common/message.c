#include "message.h"

#include "email.h"
#include "fold.h"
#include "json.h"
#include "message_mend.h"
#include "rfc3339.h"

#include <gmime/gmime.h>

#include <string.h>

#define MAX_ADDRESSES ((size_t)10000) /* of a field; associate-call takes no more either */
#define MAX_ID ((size_t)2000)         /* bytes of a Message-ID; a longer one is none */

struct address {
	const char *email; /* or NULL */
	const char *name;  /* or NULL */
};

struct addresses {
	struct address *items;
	size_t n, room;
};

void
message_begin(void)
{
	g_mime_init();
}

void
message_end(void)
{
	g_mime_shutdown();
}

/* As a person reads it: white space and control characters are single spaces. NULL if nothing is
 * left. */
static const char *
readable(const char *text, struct arena *arena)
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

static void
add_address(struct addresses *list, struct address address, struct arena *arena)
{
	if (list->n == list->room) {
		size_t room = list->room ? list->room * 2 : 16;
		struct address *items = arena_array(arena, room, sizeof *items);
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
add_mailbox(struct addresses *list, const char *text, const char *name, struct arena *arena)
{
	struct address address = {0};

	if (text)
		address.email = normal_form(text, arena);
	if (name)
		address.name = readable(name, arena);
	if (!address.email && !address.name && text)
		address.name = readable(text, arena);
	if (address.email || address.name)
		add_address(list, address, arena);
}

/* A group within a group is no syntax, but GMime takes it. */
static void
add_list(struct addresses *list, InternetAddressList *given, int depth, struct arena *arena)
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
has_email(const struct addresses *list, size_t from, const char *email)
{
	for (size_t i = from; i < list->n; i++)
		if (list->items[i].email && strcmp(list->items[i].email, email) == 0)
			return true;
	return false;
}

/* What GMime stopped at: a semicolon between addresses, a dot in the wrong place. Where it found as
 * many as there are, nothing is added: some of them are written in ways that only it understands. */
static void
add_missed(struct addresses *list, size_t from, const char *text, struct arena *arena)
{
	size_t found = 0, there = 0;
	const char *email, *at;

	for (size_t i = from; i < list->n; i++)
		found += list->items[i].email != NULL;
	for (at = text; *at;)
		there += next_token(&at, arena) != NULL;
	for (at = text; there > found && list->n <= MAX_ADDRESSES && *at;)
		if ((email = next_token(&at, arena)) && !has_email(list, from, email))
			add_address(list, (struct address){.email = email}, arena);
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

/* The fields of that name, one behind the other. */
static int
read_addresses(
    const struct buf *fields, struct arena *arena, struct addresses *list, struct err *err)
{
	char *text = arena_dup(arena, fields->text ? fields->text : "", fields->size);
	char *state = NULL;

	*list = (struct addresses){0};
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

static void
put_address(struct buf *line, const struct address *address)
{
	buf_putc(line, '{');
	json_put_member(line, "email", address->email);
	json_put_member(line, "name", address->name);
	buf_putc(line, '}');
}

static void
put_addresses(struct buf *line, const char *name, const struct addresses *list)
{
	buf_printf(line, ",\"%s\":[", name);
	for (size_t i = 0; i < list->n; i++) {
		if (i > 0)
			buf_putc(line, ',');
		put_address(line, &list->items[i]);
	}
	buf_putc(line, ']');
}

/* Who wrote it: one, or, as some have several, an array. */
static int
put_from(struct buf *line, const struct buf *fields, struct arena *arena, struct err *err)
{
	struct addresses all, usable = {0};

	if (read_addresses(fields, arena, &all, err) != 0)
		return -1;
	for (size_t i = 0; i < all.n; i++)
		if (all.items[i].email)
			add_address(&usable, all.items[i], arena);
	if (usable.n == 0)
		return err_set(err, ST_REJECTED, "no usable address in From");
	if (usable.n > 1) {
		put_addresses(line, "from", &usable);
		return 0;
	}
	buf_puts(line, ",\"from\":");
	put_address(line, &usable.items[0]);
	return 0;
}

/* The first field that is a date. */
static int
read_date(const struct buf *fields, struct arena *arena, int64_t *ms)
{
	char *text = arena_dup(arena, fields->text ? fields->text : "", fields->size);
	char *state = NULL;

	for (char *one = strtok_r(text, "\n", &state); one; one = strtok_r(NULL, "\n", &state)) {
		const char *trimmed = fold_trim(one, strlen(one), arena);
		if (trimmed && rfc3339_parse(trimmed, strlen(trimmed), ms) == 0)
			return 0;
		char *leap = strstr(one, ":60"); /* a second that GMime knows nothing of */
		if (leap && leap[3] != ':') {
			leap[1] = '5';
			leap[2] = '9';
		}
		GDateTime *date = g_mime_utils_header_decode_date(one);
		if (!date)
			continue;
		*ms = g_date_time_to_unix(date) * 1000;
		g_date_time_unref(date);
		return 0;
	}
	return -1;
}

/* The next <...> without the white space in it, with its brackets; NULL at the end. */
static const char *
next_id(const char **at, struct arena *arena)
{
	const char *open, *close;

	while ((open = strchr(*at, '<')) && (close = strchr(open, '>'))) {
		char *id = arena_dup(arena, open, (size_t)(close - open) + 1);
		size_t n = 0;
		*at = close + 1;
		for (const char *p = open; p <= close; p++)
			if ((unsigned char)*p > ' ')
				id[n++] = *p;
		id[n] = '\0';
		if (n > 2 && n <= MAX_ID)
			return id;
	}
	*at += strlen(*at);
	return NULL;
}

/* Some leave the brackets out. */
static const char *
read_id(const struct buf *fields, struct arena *arena)
{
	const char *text = fields->text ? fields->text : "", *at = text;
	const char *id = next_id(&at, arena);
	size_t n = strcspn(text, "\n");

	if (id || strchr(text, '<'))
		return id;
	id = fold_trim(text, n, arena);
	if (!id || fold_has_space(id, strlen(id)) || strlen(id) > MAX_ID)
		return NULL;
	return arena_printf(arena, "<%s>", id);
}

static void
put_ids(struct buf *line, const char *name, const struct buf *fields, struct arena *arena)
{
	const char *at = fields->text ? fields->text : "", *id;
	size_t n = 0;

	while ((id = next_id(&at, arena))) {
		if (n++ == 0)
			buf_printf(line, ",\"%s\":[", name);
		else
			buf_putc(line, ',');
		json_put_string(line, id, strlen(id));
	}
	if (n > 0)
		buf_putc(line, ']');
}

static void
put_subject(struct buf *line, const struct buf *fields, struct arena *arena)
{
	size_t n = fields->text ? strcspn(fields->text, "\n") : 0;

	if (n == 0)
		return;
	const char *text = message_mend_words(arena_dup(arena, fields->text, n), arena);
	char *decoded = g_mime_utils_header_decode_text(NULL, text);
	json_put_member(line, "subject", decoded ? readable(decoded, arena) : NULL);
	g_free(decoded);
}

static int
put_people(struct buf *out, const struct message *message, struct arena *arena, struct err *err)
{
	const struct buf *fields = message->fields;
	struct addresses to, cc;

	if (put_from(out, &fields[FIELD_FROM], arena, err) != 0 ||
	    read_addresses(&fields[FIELD_TO], arena, &to, err) != 0 ||
	    read_addresses(&fields[FIELD_CC], arena, &cc, err) != 0)
		return -1;
	put_addresses(out, "to", &to);
	put_addresses(out, "cc", &cc);
	return 0;
}

static int
put_thread(struct buf *out, const struct message *message, const char *id, struct arena *arena,
    struct err *err)
{
	const struct buf *fields = message->fields;
	struct addresses reply_to;

	if (read_addresses(&fields[FIELD_REPLY_TO], arena, &reply_to, err) != 0)
		return -1;
	if (reply_to.n > 0)
		put_addresses(out, "reply_to", &reply_to);
	json_put_member(out, "message_id", id);
	put_ids(out, "in_reply_to", &fields[FIELD_IN_REPLY_TO], arena);
	put_ids(out, "references", &fields[FIELD_REFERENCES], arena);
	return 0;
}

/* What the line says of the message itself, from which an id is made if it has none. */
static int
put_message(struct buf *out, const struct message *message, struct arena *arena, struct err *err)
{
	char date[RFC3339_SIZE];
	int64_t ms;

	if (message->too_large)
		return err_set(err, ST_REJECTED, "its header is too large (--max-header)");
	if (!message->any)
		return err_set(err, ST_REJECTED, "no message: it has no header");
	if (read_date(&message->fields[FIELD_DATE], arena, &ms) != 0)
		return err_set(err, ST_REJECTED, "no usable Date");
	json_put_member(out, "date", rfc3339_format(ms, date));
	if (put_people(out, message, arena, err) != 0)
		return -1;
	put_subject(out, &message->fields[FIELD_SUBJECT], arena);
	return 0;
}

static const char *
make_id(const struct buf *text, struct arena *arena)
{
	char *sum =
	    g_compute_checksum_for_string(G_CHECKSUM_SHA256, text->text, (gssize)text->size);
	const char *id = arena_printf(arena, "<%.40s@no-message-id.invalid>", sum);

	g_free(sum);
	return id;
}

int
message_line(const struct message *message, struct arena *arena, struct buf *line, struct err *err)
{
	struct buf text = {0};
	int got = put_message(&text, message, arena, err);

	if (got == 0) {
		const char *id = read_id(&message->fields[FIELD_MESSAGE_ID], arena);
		const char *known_by = id ? id : make_id(&text, arena);
		got = put_thread(&text, message, id, arena, err);
		buf_puts(line, "{\"kind\":\"email\"");
		json_put_member(line, "id", known_by);
		buf_putc(line, ',');
		buf_put(line, text.text, text.size);
		buf_putc(line, '}');
	}
	buf_free(&text);
	return got;
}

#include "message.h"

#include "email.h"
#include "fold.h"
#include "json.h"
#include "message_address.h"
#include "message_mend.h"
#include "rfc3339.h"

#include <gmime/gmime.h>

#include <string.h>

#define MAX_ID ((size_t)2000) /* bytes of a Message-ID; a longer one is none */

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

static void
put_address(struct buf *line, const struct message_address *address)
{
	buf_putc(line, '{');
	json_put_member(line, "email", address->email);
	json_put_member(line, "name", address->name);
	buf_putc(line, '}');
}

static void
put_addresses(struct buf *line, const char *name, const struct message_addresses *list)
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
	struct message_addresses all, usable = {0};

	if (message_addresses(fields, arena, &all, err) != 0)
		return -1;
	for (size_t i = 0; i < all.n; i++)
		if (all.items[i].email)
			message_address_add(&usable, all.items[i], arena);
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
	json_put_member(line, "subject", decoded ? message_readable(decoded, arena) : NULL);
	g_free(decoded);
}

static int
put_people(struct buf *out, const struct message *message, struct arena *arena, struct err *err)
{
	const struct buf *fields = message->fields;
	struct message_addresses to, cc;

	if (put_from(out, &fields[FIELD_FROM], arena, err) != 0 ||
	    message_addresses(&fields[FIELD_TO], arena, &to, err) != 0 ||
	    message_addresses(&fields[FIELD_CC], arena, &cc, err) != 0)
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
	struct message_addresses reply_to;

	if (message_addresses(&fields[FIELD_REPLY_TO], arena, &reply_to, err) != 0)
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

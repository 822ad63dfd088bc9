#include "mailbox.h"

#include "arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define READ_SIZE ((size_t)64 << 10)
#define BODY_LINE 1000 /* bytes looked at of a line that is in no header */

struct mailbox {
	long (*read)(void *arg, char *room, size_t size);
	void *arg;
	size_t max_header;
	char *room; /* what was read */
	size_t at, size;
	bool ended;
	struct buf line; /* without its end, at most so much as was asked for */
	uint64_t number; /* of that line */
	bool again;      /* it is to be given once more */
	bool is_mbox;
	bool begun; /* the separator of the next message was read, on line begins */
	uint64_t begins;
	struct message message;
};

static const char *const names[N_FIELDS] = {
    [FIELD_FROM] = "From",
    [FIELD_TO] = "To",
    [FIELD_CC] = "Cc",
    [FIELD_REPLY_TO] = "Reply-To",
    [FIELD_SUBJECT] = "Subject",
    [FIELD_DATE] = "Date",
    [FIELD_MESSAGE_ID] = "Message-ID",
    [FIELD_IN_REPLY_TO] = "In-Reply-To",
    [FIELD_REFERENCES] = "References",
};

struct mailbox *
mailbox_open(long (*read)(void *arg, char *room, size_t size), void *arg, size_t max_header)
{
	struct mailbox *mailbox = xalloc(sizeof *mailbox);

	*mailbox = (struct mailbox){
	    .read = read, .arg = arg, .max_header = max_header, .room = xalloc(READ_SIZE)};
	return mailbox;
}

void
mailbox_close(struct mailbox *mailbox)
{
	if (!mailbox)
		return;
	for (size_t i = 0; i < N_FIELDS; i++)
		buf_free(&mailbox->message.fields[i]);
	buf_free(&mailbox->line);
	free(mailbox->room);
	free(mailbox);
}

/* 1: there is something to read, 0: the end, -1. */
static int
fill(struct mailbox *mailbox)
{
	if (mailbox->at < mailbox->size)
		return 1;
	while (!mailbox->ended) {
		long n = mailbox->read(mailbox->arg, mailbox->room, READ_SIZE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		mailbox->at = 0;
		mailbox->size = (size_t)n;
		mailbox->ended = n == 0;
		return n > 0;
	}
	return 0;
}

/* The next line, of it at most max bytes. 1, 0 at the end, -1. */
static int
next_line(struct mailbox *mailbox, size_t max)
{
	int got = 0;

	if (mailbox->again) {
		mailbox->again = false;
		return 1;
	}
	buf_clear(&mailbox->line);
	bool any = false, whole = false;
	while (!whole && (got = fill(mailbox)) == 1) {
		char *from = mailbox->room + mailbox->at;
		size_t left = mailbox->size - mailbox->at;
		char *end = memchr(from, '\n', left);
		size_t n = end ? (size_t)(end - from) : left;
		size_t room = max - mailbox->line.size;
		buf_put(&mailbox->line, from, n < room ? n : room);
		mailbox->at += n + (end != NULL);
		any = true;
		whole = end != NULL;
	}
	if (got < 0 || !any)
		return got < 0 ? -1 : 0;
	struct buf *line = &mailbox->line;
	buf_reserve(line, 0);
	if (line->size > 0 && line->text[line->size - 1] == '\r')
		line->size--;
	line->text[line->size] = '\0';
	if (++mailbox->number == 1 && line->size >= 3 && memcmp(line->text, "\xef\xbb\xbf", 3) == 0)
		memmove(line->text, line->text + 3, line->size -= 3);
	line->text[line->size] = '\0';
	return 1;
}

/* The length of a header field's name, a colon behind it; 0: it is none. */
static size_t
name_length(const struct buf *line)
{
	size_t n = 0;

	while (
	    n < line->size && line->text[n] > ' ' && line->text[n] < 0x7f && line->text[n] != ':')
		n++;
	size_t colon = n + strspn(line->text + n, " \t");
	return n > 0 && line->text[colon] == ':' ? n : 0;
}

static bool
is_number(const char *text, size_t digits)
{
	for (size_t i = 0; i < digits; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return text[digits] < '0' || text[digits] > '9';
}

/* Nov 20 ... 15:00 ... 2026, of asctime() or with a zone before or behind the year. */
static bool
has_date(const char *text)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	bool month = false, time = false, year = false;

	for (const char *word = text; *word; word += strspn(word, " \t")) {
		size_t n = strcspn(word, " \t");
		for (size_t m = 0; n == 3 && m < sizeof months - 1; m += 3)
			month |= strncmp(word, months + m, 3) == 0;
		time |= month && n >= 5 && word[2] == ':' && is_number(word + 3, 2);
		year |= month && n == 4 && (*word == '1' || *word == '2') && is_number(word, 4);
		word += n;
	}
	return month && time && year;
}

/* Whether the line may begin a message of an mbox. */
static bool
is_separator(const struct buf *line, bool behind_empty)
{
	if (line->size < 5 || memcmp(line->text, "From ", 5) != 0 || name_length(line) > 0)
		return false;
	const char *rest = line->text + 5 + strspn(line->text + 5, " ");
	return has_date(rest) || (behind_empty && (!*rest || strcmp(rest, "-") == 0));
}

/* A separator was read: whether a header follows. 1, then that line is next; 0 if not, likewise. */
static int
begins(struct mailbox *mailbox, size_t max)
{
	uint64_t number = mailbox->number;
	int got = next_line(mailbox, max);

	if (got != 1)
		return got;
	mailbox->again = true;
	if (name_length(&mailbox->line) == 0)
		return 0;
	mailbox->begun = true;
	mailbox->begins = number;
	return 1;
}

/* Past the body, to the next message. 1, 0 at the end, -1. */
static int
skip_body(struct mailbox *mailbox)
{
	bool empty = true;
	int got = 0;

	while (!mailbox->begun && (got = next_line(mailbox, BODY_LINE)) == 1) {
		/* what comes next may be the first line of a header: all of it is wanted */
		if (mailbox->is_mbox && is_separator(&mailbox->line, empty) &&
		    begins(mailbox, mailbox->max_header + BODY_LINE) < 0)
			return -1;
		empty = mailbox->line.size == 0 && !mailbox->again;
	}
	return mailbox->begun ? 1 : got;
}

/* The text of a field, less NULs; the newline that ends it comes with the next field. */
static void
add_text(struct mailbox *mailbox, struct buf *field, const char *text, size_t size)
{
	struct message *message = &mailbox->message;
	size_t held = 0;

	for (size_t i = 0; i < N_FIELDS; i++)
		held += message->fields[i].size;
	if (held + size > mailbox->max_header) {
		message->too_large = true;
		return;
	}
	for (const char *end = text + size; text < end;) {
		size_t n = strnlen(text, (size_t)(end - text));
		buf_put(field, text, n);
		text += n + 1;
	}
}

/* The field that the line begins, NULL if it is not wanted. */
static struct buf *
find_field(struct mailbox *mailbox, size_t name)
{
	for (size_t i = 0; i < N_FIELDS; i++)
		if (strlen(names[i]) == name &&
		    strncasecmp(mailbox->line.text, names[i], name) == 0)
			return &mailbox->message.fields[i];
	return NULL;
}

/* One line of the header, no empty one. field is that which it goes on with, or begins. */
static void
take_header(struct mailbox *mailbox, struct buf **field)
{
	struct buf *line = &mailbox->line;
	size_t name;

	if (line->text[0] == ' ' || line->text[0] == '\t') {
		if (*field)
			add_text(mailbox, *field, line->text, line->size);
		return;
	}
	if (*field)
		buf_putc(*field, '\n');
	*field = NULL;
	if ((name = name_length(line)) == 0)
		return;
	mailbox->message.any = true;
	*field = mailbox->message.too_large ? NULL : find_field(mailbox, name);
	name += strspn(line->text + name, " \t") + 1;
	if (*field)
		add_text(mailbox, *field, line->text + name, line->size - name);
}

static int
read_header(struct mailbox *mailbox)
{
	struct buf *field = NULL;
	int got;

	while ((got = next_line(mailbox, mailbox->max_header + BODY_LINE)) == 1) {
		if (mailbox->line.size == 0)
			break;
		/* a message without a body, nor an empty line */
		if (mailbox->is_mbox && is_separator(&mailbox->line, false)) {
			got = begins(mailbox, mailbox->max_header + BODY_LINE);
			if (got != 0)
				break;
			continue;
		}
		take_header(mailbox, &field);
	}
	if (field)
		buf_putc(field, '\n');
	return got < 0 ? -1 : 0;
}

/* Where the first message begins. 1, 0: there is none, -1. */
static int
begin(struct mailbox *mailbox)
{
	int got;

	while ((got = next_line(mailbox, mailbox->max_header + BODY_LINE)) == 1 &&
	       mailbox->line.size == 0)
		;
	if (got != 1)
		return got;
	mailbox->begins = mailbox->number;
	mailbox->begun = true;
	mailbox->is_mbox =
	    strncmp(mailbox->line.text, "From ", 5) == 0 && name_length(&mailbox->line) == 0;
	mailbox->again = !mailbox->is_mbox;
	return 1;
}

int
mailbox_next(struct mailbox *mailbox, struct message **message)
{
	struct message *m = &mailbox->message;
	int got = 1;

	if (mailbox->number == 0)
		got = begin(mailbox);
	else if (!mailbox->begun)
		got = skip_body(mailbox);
	if (got != 1)
		return got;
	mailbox->begun = false;
	m->line = mailbox->begins;
	m->any = m->too_large = false;
	for (size_t i = 0; i < N_FIELDS; i++)
		buf_clear(&m->fields[i]);
	*message = m;
	return read_header(mailbox) < 0 ? -1 : 1;
}

#include "reply.h"

#include "sferror.h"

#include <stdlib.h>
#include <string.h>

/* What an open array or object is. */
enum role {
	ROLE_OTHER,
	ROLE_ROOT,      /* the answer: of a query, or of a composite */
	ROLE_RESPONSES, /* compositeResponse */
	ROLE_ITEM,      /* one of them */
	ROLE_BODY,      /* its body */
	ROLE_RECORDS,   /* records of the body, or of the root */
};

void
reply_reset(struct reply *reply)
{
	struct buf frame = reply->frame, partial = reply->partial;

	buf_clear(&frame);
	buf_clear(&partial);
	*reply = (struct reply){
	    .record = reply->record, .arg = reply->arg, .frame = frame, .partial = partial};
}

void
reply_free(struct reply *reply)
{
	buf_free(&reply->frame);
	buf_free(&reply->partial);
}

static bool
key_is(const struct reply *reply, const char *name)
{
	return reply->key_size == strlen(name) + 2 &&
	       memcmp(reply->frame.text + reply->key_at + 1, name, reply->key_size - 2) == 0;
}

static enum role
role_top(const struct reply *reply)
{
	return reply->depth > 0 ? (enum role)reply->roles[reply->depth - 1] : ROLE_OTHER;
}

static enum role
role_of_opened(const struct reply *reply, char c)
{
	if (reply->depth == 0)
		return c == '{' ? ROLE_ROOT : ROLE_OTHER;
	switch (role_top(reply)) {
	case ROLE_ROOT:
		if (c == '[' && key_is(reply, "compositeResponse"))
			return ROLE_RESPONSES;
		return c == '[' && key_is(reply, "records") ? ROLE_RECORDS : ROLE_OTHER;
	case ROLE_RESPONSES:
		return c == '{' ? ROLE_ITEM : ROLE_OTHER;
	case ROLE_ITEM:
		return c == '{' && key_is(reply, "body") ? ROLE_BODY : ROLE_OTHER;
	case ROLE_BODY:
		return c == '[' && key_is(reply, "records") ? ROLE_RECORDS : ROLE_OTHER;
	default:
		return ROLE_OTHER;
	}
}

static int
open_bracket(struct reply *reply, char c, struct err *err)
{
	enum role role = role_of_opened(reply, c);

	if (reply->depth == JSON_MAX_DEPTH)
		return err_set(err, ST_PROTOCOL, "the answer is nested too deep");
	reply->roles[reply->depth++] = (unsigned char)role;
	reply->wants_key = c == '{';
	reply->key_size = 0;
	return 0;
}

/* A byte of the frame outside strings. */
static int
frame_byte(struct reply *reply, char c, struct err *err)
{
	switch (c) {
	case '"':
		reply->in_string = true;
		reply->string_at = reply->frame.size;
		break;
	case '{':
	case '[':
		if (open_bracket(reply, c, err) != 0)
			return -1;
		break;
	case '}':
	case ']':
		if (reply->depth > 0)
			reply->depth--;
		reply->wants_key = false;
		break;
	case ',':
		/* in an array this takes the next string for a key: no harm, none has a role */
		reply->wants_key = true;
		break;
	case ':':
		reply->wants_key = false;
		break;
	default:
		break;
	}
	buf_putc(&reply->frame, c);
	return 0;
}

/* Bytes of a string in the frame, up to its end; returns how many. */
static size_t
frame_string(struct reply *reply, const char *text, size_t size)
{
	size_t i = 0;

	for (; i < size && reply->in_string; i++) {
		if (reply->escaped)
			reply->escaped = false;
		else if (text[i] == '\\')
			reply->escaped = true;
		else if (text[i] == '"')
			reply->in_string = false;
	}
	buf_put(&reply->frame, text, i);
	if (!reply->in_string && reply->wants_key) {
		reply->key_at = reply->string_at;
		reply->key_size = reply->frame.size - reply->string_at;
	}
	return i;
}

static int
hand_out(struct reply *reply, struct err *err)
{
	int status = reply->record(reply->arg, reply->partial.text, reply->partial.size, err);

	buf_clear(&reply->partial);
	return status;
}

/* The end of the plain part of a string: its quote, a backslash, or the end of the text. */
static size_t
string_run(const char *text, size_t size)
{
	size_t i = 0;

	while (i < size && text[i] != '"' && text[i] != '\\')
		i++;
	return i;
}

/* Bytes of a record, up to its end; returns how many. */
static size_t
record_bytes(struct reply *reply, const char *text, size_t size)
{
	size_t i = 0, put = 0;

	while (i < size && reply->record_depth > 0) {
		if (reply->escaped) {
			reply->escaped = false;
			i++;
			continue;
		}
		if (reply->in_string) {
			i += string_run(text + i, size - i);
			if (i < size) {
				reply->escaped = text[i] == '\\';
				reply->in_string = reply->escaped;
				i++;
			}
			continue;
		}
		char c = text[i++];
		if (c == '"') {
			reply->in_string = true;
		} else if (c == '{' || c == '[') {
			reply->record_depth++;
		} else if (c == '}' || c == ']') {
			reply->record_depth--;
		} else if (c == '\n' || c == '\r') {
			buf_put(&reply->partial, text + put, i - 1 - put);
			buf_putc(&reply->partial, ' ');
			put = i;
		}
	}
	buf_put(&reply->partial, text + put, i - put);
	return i;
}

static bool
between_records(char c)
{
	return c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

int
reply_feed(struct reply *reply, const char *text, size_t size, struct err *err)
{
	size_t i = 0;

	while (i < size) {
		if (reply->record_depth > 0) {
			i += record_bytes(reply, text + i, size - i);
			if (reply->record_depth == 0 && hand_out(reply, err) != 0)
				return -1;
		} else if (reply->in_string) {
			i += frame_string(reply, text + i, size - i);
		} else if (role_top(reply) == ROLE_RECORDS && text[i] != ']') {
			if (text[i] == '{') {
				reply->record_depth = 1;
				buf_putc(&reply->partial, '{');
			} else if (!between_records(text[i])) {
				return err_set(
				    err, ST_PROTOCOL, "an answer's records are no objects");
			}
			i++;
		} else if (frame_byte(reply, text[i++], err) != 0) {
			return -1;
		}
		if (reply->frame.size > REPLY_MAX_FRAME || reply->partial.size > REPLY_MAX_RECORD)
			return err_set(err, ST_PROTOCOL, "a record or an answer is too large");
	}
	return 0;
}

int
reply_end(struct reply *reply, struct arena *arena, struct json *frame, struct err *err)
{
	struct err why = {0};
	const char *text = reply->frame.text ? reply->frame.text : "";

	if (reply->depth > 0 || reply->in_string || text[strspn(text, " \t\r\n")] == '\0')
		return REPLY_SHORT;
	if (json_check(text, reply->frame.size, arena, frame, &why) != 0) {
		char shown[128];
		diag_escape(shown, sizeof shown, text, strnlen(text, 80));
		return err_set(err, ST_PROTOCOL, "the answer is no JSON (%s): %s", why.text, shown);
	}
	return 0;
}

int
reply_part(struct json frame, const char *reference, struct json *body, struct arena *arena)
{
	struct json_each each = json_each(json_get(frame, "compositeResponse"));
	struct json_member item;

	*body = (struct json){0};
	while (json_next(&each, &item)) {
		if (!json_is(json_get(item.value, "referenceId"), reference))
			continue;
		struct json given = json_get(item.value, "httpStatusCode");
		/* a number; in quotes it says the same */
		int status = given.at ? (int)strtol(given.at + (*given.at == '"'), NULL, 10) : 0;
		*body = json_get(item.value, "body");
		if (status != 0 && (status < 200 || status > 299))
			*body = sferror_whole(status, *body, arena);
		return status;
	}
	return 0;
}

bool
reply_is_expired(struct json frame, struct arena *arena)
{
	struct json_each each = json_each(json_get(frame, "compositeResponse"));
	struct json_member item;
	bool any = false;

	while (json_next(&each, &item)) {
		struct sferror error = sferror_read(json_get(item.value, "body"), arena);
		if (error.class != SFERROR_LOGIN)
			return false;
		any = true;
	}
	return any;
}

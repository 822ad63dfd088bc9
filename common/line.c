#include "line_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_SIZE ((size_t)256 * 1024)

struct line_options
line_options_default(void)
{
	return (struct line_options){.max_line = (size_t)16 * 1024 * 1024};
}

struct line_stream *
line_open(int in, const char *name, int out, const struct line_options *options, struct err *err)
{
	int rejects = -1;

	if (options->rejects && strcmp(options->rejects, "inline") != 0) {
		rejects = open(options->rejects, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
		if (rejects < 0) {
			err_set(err, ST_IO, "%s: %s", options->rejects, strerror(errno));
			return NULL;
		}
	}
	if (isatty(in))
		diag_say("reading lines from the terminal; Ctrl-D ends them");
	struct line_stream *stream = xalloc(sizeof *stream);
	stream->options = *options;
	stream->in = in;
	stream->out = out;
	stream->rejects = rejects;
	stream->name = name;
	stream->arena = arena_open();
	return stream;
}

void
line_on_wait(struct line_stream *stream, void (*wait)(void *), void *arg)
{
	if (!stream)
		return;
	stream->wait = wait;
	stream->wait_arg = arg;
}

void
line_on_reject(struct line_stream *stream,
    void (*rejected)(void *, const char *, size_t, const char *), void *arg)
{
	if (!stream)
		return;
	stream->on_reject = rejected;
	stream->on_reject_arg = arg;
}

void
line_on_refuse(struct line_stream *stream,
    bool (*refused)(void *, const struct line *, const struct err *), void *arg)
{
	stream->refused = refused;
	stream->refused_arg = arg;
}

/* Before a read that would block: hand out what is finished, end the caller's transaction. */
static void
before_wait(struct line_stream *stream)
{
	if (stream->wait)
		stream->wait(stream->wait_arg);
	line_flush(stream);
}

/* Reads more into the buffer. False at the end, or when the run was stopped. */
bool
line_fill(struct line_stream *stream)
{
	struct pollfd ready = {.fd = stream->in, .events = POLLIN};
	struct buf *input = &stream->input;
	ssize_t n;

	if (stream->end || stream->stopped)
		return false;
	if (stream->at > 0) {
		memmove(input->text, input->text + stream->at, input->size - stream->at);
		input->size -= stream->at;
		stream->at = 0;
	}
	buf_reserve(input, READ_SIZE);
	if (!stream->chunks && poll(&ready, 1, 0) == 0)
		before_wait(stream);
	while ((n = read(stream->in, input->text + input->size, READ_SIZE)) < 0 && errno == EINTR)
		;
	if (n < 0) {
		err_set(&stream->read_err, ST_IO, "%s: %s", stream->name, strerror(errno));
		stream->end = true;
		stream->at = input->size; /* half a line is none */
		return false;
	}
	input->size += (size_t)n;
	stream->end = n == 0;
	return !stream->stopped && (n > 0 || input->size > stream->at);
}

const char *
line_find_newline(const struct line_stream *stream, size_t from)
{
	if (from >= stream->input.size)
		return NULL;
	return memchr(stream->input.text + from, '\n', stream->input.size - from);
}

/* Keeps the bytes that are there of a line too long to hold, for --rejects FILE. */
static void
keep_long(struct line_stream *stream, size_t size, bool last)
{
	if (!stream->options.rejects || line_rejects_inline(stream))
		return;
	buf_put(&stream->rejected_lines, stream->input.text + stream->at, size);
	if (last)
		buf_putc(&stream->rejected_lines, '\n');
	line_flush(stream);
}

bool
line_skip_long(struct line_stream *stream)
{
	const char *newline;
	char why[64];

	if (stream->stopped || stream->input.size - stream->at <= stream->options.max_line)
		return false;
	if (stream->refused)
		stream->refused(stream->refused_arg, NULL, NULL);
	snprintf(why, sizeof why, "longer than %zu bytes (--max-line)", stream->options.max_line);
	stream->count++;
	if (line_rejects_inline(stream))
		line_write_cut(
		    stream, stream->input.text + stream->at, stream->options.max_line, why);
	if (stream->on_reject)
		stream->on_reject(stream->on_reject_arg, stream->input.text + stream->at,
		    stream->options.max_line, why);
	while (!(newline = line_find_newline(stream, stream->at))) {
		keep_long(stream, stream->input.size - stream->at, false);
		stream->at = stream->input.size;
		if (!line_fill(stream))
			break;
	}
	size_t size = newline ? (size_t)(newline - stream->input.text) - stream->at : 0;
	keep_long(stream, size, true);
	stream->at += size + (newline != NULL);
	line_count_reject(stream, stream->count, why);
	return true;
}

/* The next line's bytes; they stay until the next call. False at the end. */
static bool
next_text(struct line_stream *stream, char **text, size_t *size)
{
	size_t seen = 0; /* bytes of this line that hold no newline */

	while (!stream->stopped) {
		const char *newline = line_find_newline(stream, stream->at + seen);
		seen = stream->input.size - stream->at;
		if (newline || (stream->end && seen > 0)) {
			char *begin = stream->input.text + stream->at;
			*size = newline ? (size_t)(newline - begin) : seen;
			if (*size <= stream->options.max_line) {
				begin[*size] = '\0';
				stream->at += *size + (newline != NULL);
				*text = begin;
				return true;
			}
		}
		if (seen > stream->options.max_line) {
			line_skip_long(stream);
			seen = 0;
		} else if (!line_fill(stream)) {
			if (!stream->end || stream->input.size == stream->at)
				return false;
		}
	}
	return false;
}

static int
check_object(struct line *line, struct err *err)
{
	if (line_check(line, err) == 0 && json_kind(line->object) != JSON_IS_OBJECT)
		err_set(err, ST_REJECTED, "not a JSON object");
	return err->status ? -1 : 0;
}

bool
line_next(struct line_stream *stream, struct line *line)
{
	struct err err = {0};
	char *text;
	size_t size;

	while (stream && next_text(stream, &text, &size)) {
		stream->count++;
		arena_reset(stream->arena);
		*line = (struct line){
		    .text = text, .size = size, .number = stream->count, .arena = stream->arena};
		bool first = stream->count == 1;
		line->bom = first && size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
		line->text += line->bom; /* as some exports begin with */
		line->size -= line->bom;
		if (check_object(line, &err) == 0)
			return true;
		if (stream->refused && stream->refused(stream->refused_arg, line, &err))
			err_clear(&err);
		else
			line_reject(stream, line, &err);
	}
	if (stream && stream->wait)
		stream->wait(stream->wait_arg);
	return false;
}

bool
line_more(struct line_stream *stream, struct line *line)
{
	char *begin = stream->input.text + stream->at;
	const char *newline = stream->stopped ? NULL : line_find_newline(stream, stream->at);
	struct err err = {0};

	if (!newline || (size_t)(newline - begin) > stream->options.max_line)
		return false;
	*line = (struct line){.text = begin,
	    .size = (size_t)(newline - begin),
	    .number = stream->count + 1,
	    .arena = stream->arena};
	if (check_object(line, &err) != 0)
		return false;
	begin[line->size] = '\0';
	stream->count++;
	stream->at += line->size + 1;
	return true;
}

bool
line_stopped(struct line_stream *stream, size_t n)
{
	if (stream->stopped)
		stream->count -= n;
	return stream->stopped;
}

uint64_t
line_rejected(const struct line_stream *stream)
{
	return stream->rejected;
}

static void
say_count(const struct line_stream *stream)
{
	(stream->options.no_summary ? diag_detail : diag_summary)(
	    "%" PRIu64 " lines read, %" PRIu64 " rejected", stream->count, stream->rejected);
}

enum status
line_close(struct line_stream *stream, struct err *err)
{
	enum status status = err->status;

	if (stream) {
		line_flush(stream);
		if (!err->status && (stream->stopped || stream->read_err.status)) {
			*err = stream->stopped ? stream->err : stream->read_err;
			status = err->status;
		}
		if (status == ST_OK && stream->holds && line_release(stream, err) != 0)
			status = err->status;
		if (status == ST_OK && stream->rejected > 0)
			status = ST_REJECTED;
		if (stream->holds)
			close(stream->out);
		if (stream->rejects >= 0 && close(stream->rejects) != 0)
			status = status_worse(status, ST_IO);
		if (stream->in >= 0)
			say_count(stream);
		arena_close(stream->arena);
		buf_free(&stream->input);
		buf_free(&stream->output);
		buf_free(&stream->messages);
		buf_free(&stream->rejected_lines);
		free(stream);
	}
	diag_end(status, err);
	return status;
}

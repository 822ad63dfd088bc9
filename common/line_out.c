#include "line_stream.h"

#include "fault.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define FLUSH_SIZE ((size_t)256 * 1024)
#define INLINE_MAX ((size_t)1024 * 1024) /* of a rejected line that is kept in a reject line */

void
line_stop(struct line_stream *stream, struct err *err)
{
	if (!stream->stopped)
		stream->err = *err;
	stream->stopped = true;
	err_clear(err);
}

/* 0, or -1 with the stream stopped. */
static int
write_all(struct line_stream *stream, int fd, const char *what, struct buf *buf)
{
	struct err err = {0};
	size_t done = 0;

	while (done < buf->size) {
		fault_point();
		ssize_t n = write(fd, buf->text + done, buf->size - done);
		fault_point();
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_set(&err, ST_IO, "%s: %s", what, strerror(errno));
			line_stop(stream, &err);
			buf_clear(buf);
			return -1;
		}
		done += (size_t)n;
	}
	buf_clear(buf);
	return 0;
}

int
line_write_output(struct line_stream *stream, struct buf *buf)
{
	return write_all(
	    stream, stream->out, stream->holds ? "temporary file" : "standard output", buf);
}

int
line_flush(struct line_stream *stream)
{
	if (stream->chunk)
		return 0;
	int status = line_write_output(stream, &stream->output);
	if (stream->rejects >= 0 && write_all(stream, stream->rejects, stream->options.rejects,
					&stream->rejected_lines) != 0)
		status = -1;
	return status;
}

static void
put_out(struct line_stream *stream, const char *text, size_t size)
{
	buf_put(&stream->output, text, size);
	buf_putc(&stream->output, '\n');
	if (stream->output.size >= FLUSH_SIZE && !stream->chunk)
		line_flush(stream);
}

void
line_write(struct line_stream *stream, const char *json, size_t size)
{
	put_out(stream, json, size);
}

void
line_pass(struct line_stream *stream, const struct line *line)
{
	put_out(stream, line->text, line->size);
}

/* The message, now or when the chunk is written. */
static void
say(struct line_stream *stream, uint64_t number, const char *why)
{
	if (!stream->chunk) {
		diag_say("%s:%" PRIu64 ": %s", stream->name, number, why);
		return;
	}
	buf_printf(&stream->messages, "%s:%" PRIu64 ": %s", stream->name, number, why);
	buf_putc(&stream->messages, '\0');
}

static void
write_reject_line(
    struct line_stream *stream, const char *text, size_t size, bool cut, const char *why)
{
	struct buf out = {0};

	cut = cut || size > INLINE_MAX;

	buf_putc(&out, '{');
	json_put_member(&out, "kind", "reject");
	json_put_member(&out, "tool", diag_tool());
	json_put_member(&out, "why", why);
	json_put_name(&out, "line");
	json_put_string(&out, text, size > INLINE_MAX ? INLINE_MAX : size);
	if (cut)
		buf_puts(&out, ",\"cut\":true");
	buf_putc(&out, '}');
	put_out(stream, out.text, out.size);
	buf_free(&out);
}

void
line_write_cut(struct line_stream *stream, const char *text, size_t size, const char *why)
{
	write_reject_line(stream, text, size, true, why);
}

void
line_write_reject(struct line_stream *stream, const char *text, size_t size, const char *why)
{
	write_reject_line(stream, text, size, false, why);
}

void
line_count_reject(struct line_stream *stream, uint64_t number, const char *why)
{
	stream->rejected++;
	say(stream, number, why);
	if (stream->options.strict) {
		struct err err = {.status = ST_REJECTED}; /* without words: they are said */
		line_stop(stream, &err);
	}
}

bool
line_rejects_inline(const struct line_stream *stream)
{
	return stream->options.rejects && strcmp(stream->options.rejects, "inline") == 0;
}

static void
reject(struct line_stream *stream, uint64_t number, const char *text, size_t size, const char *why)
{
	if (line_rejects_inline(stream)) {
		write_reject_line(stream, text, size, false, why);
	} else if (stream->options.rejects) {
		buf_put(&stream->rejected_lines, text, size);
		buf_putc(&stream->rejected_lines, '\n');
		if (stream->rejected_lines.size >= FLUSH_SIZE)
			line_flush(stream);
	}
	if (stream->on_reject)
		stream->on_reject(stream->on_reject_arg, text, size, why);
	line_count_reject(stream, number, why);
}

void
line_reject(struct line_stream *stream, const struct line *line, struct err *err)
{
	if (err->status != ST_REJECTED) {
		line_stop(stream, err);
		return;
	}
	reject(stream, line->number, line->text - line->bom, line->size + line->bom, err->text);
	err_clear(err);
}

void
line_put(struct line_stream *stream, const struct line *line)
{
	if (line->edits)
		line_text(line, &stream->output);
	put_out(stream, line->text, line->edits ? 0 : line->size);
}

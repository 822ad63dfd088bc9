#include "line_stream.h"

#include <stdlib.h>
#include <string.h>

/* Behind the last newline of the bytes that are there, from the one that was not looked at yet on. */
static size_t
find_last(const struct line_stream *stream, size_t from)
{
	size_t i = stream->input.size;

	while (i > from && stream->input.text[i - 1] != '\n')
		i--;
	return i > from ? i : 0;
}

static uint64_t
count_lines(const char *at, const char *end)
{
	uint64_t n = 0;

	for (; at < end; n++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		at = newline ? newline + 1 : end;
	}
	return n;
}

/* The chunk takes the buffer with all whole lines; what is behind them goes into the one it had. */
static void
hand_out(struct line_stream *stream, struct line_stream *chunk, size_t end)
{
	struct buf rest = chunk->input;

	buf_clear(&rest);
	buf_put(&rest, stream->input.text + end, stream->input.size - end);
	chunk->input = stream->input;
	chunk->input.size = end;
	chunk->at = stream->at;
	chunk->count = stream->count;
	stream->count += count_lines(chunk->input.text + chunk->at, chunk->input.text + end);
	stream->input = rest;
	stream->at = 0;
}

bool
line_chunk_read(struct line_stream *stream, struct line_chunk **chunk)
{
	size_t end = 0, seen = stream->at;

	stream->chunks = true;
	while (!stream->stopped && !(end = find_last(stream, seen))) {
		seen = stream->input.size - stream->at;
		if (stream->end || seen > stream->options.max_line)
			break;
		if (!line_fill(stream) && stream->input.size == stream->at)
			return false;
		seen += stream->at;
	}
	if (!end && stream->end && stream->input.size - stream->at <= stream->options.max_line)
		end = stream->input.size; /* a line without its newline */
	if (stream->stopped || end <= stream->at)
		return false;
	if (!*chunk) {
		*chunk = xalloc(sizeof **chunk);
		(*chunk)->stream = (struct line_stream){.options = stream->options,
		    .name = stream->name,
		    .in = -1,
		    .out = -1,
		    .rejects = -1,
		    .end = true,
		    .chunk = true,
		    .arena = arena_open()};
	}
	hand_out(stream, &(*chunk)->stream, end);
	return true;
}

struct line_stream *
line_chunk_stream(struct line_chunk *chunk)
{
	return &chunk->stream;
}

void
line_chunk_finish(struct line_stream *stream, struct line_chunk *chunk)
{
	struct line_stream *done = &chunk->stream;

	if (!stream->stopped) {
		for (size_t i = 0; i < done->messages.size;
		     i += strlen(done->messages.text + i) + 1)
			diag_say("%s", done->messages.text + i);
		stream->rejected += done->rejected;
		buf_put(
		    &stream->rejected_lines, done->rejected_lines.text, done->rejected_lines.size);
		if (line_flush(stream) == 0)
			line_write_output(stream, &done->output);
		if (done->stopped)
			line_stop(stream, &done->err);
	}
	buf_clear(&done->output);
	buf_clear(&done->messages);
	buf_clear(&done->rejected_lines);
	done->rejected = 0;
	done->stopped = false;
}

void
line_chunk_close(struct line_chunk *chunk)
{
	if (!chunk)
		return;
	arena_close(chunk->stream.arena);
	buf_free(&chunk->stream.input);
	buf_free(&chunk->stream.output);
	buf_free(&chunk->stream.messages);
	buf_free(&chunk->stream.rejected_lines);
	free(chunk);
}

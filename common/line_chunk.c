#include "line_stream.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE ((size_t)512 * 1024)

struct line_chunk *
line_chunk_read(struct line_stream *stream)
{
	const char *last = NULL;

	stream->chunks = true;
	while (!stream->stopped && !last) {
		size_t there = stream->input.size - stream->at;
		for (size_t i = there < CHUNK_SIZE ? there : CHUNK_SIZE; i > 0 && !last; i--)
			if (stream->input.text[stream->at + i - 1] == '\n')
				last = stream->input.text + stream->at + i;
		const char *newline =
		    !last && there > CHUNK_SIZE ? line_find_newline(stream, stream->at) : NULL;
		if (newline)
			last = newline + 1;
		if (last || (stream->end && there > 0) || there > stream->options.max_line)
			break;
		if (!line_fill(stream) && stream->input.size == stream->at)
			return NULL;
	}
	const char *begin = stream->input.text + stream->at;
	size_t size = last ? (size_t)(last - begin) : stream->input.size - stream->at;
	if (stream->stopped || size == 0 || (!last && size > stream->options.max_line))
		return NULL;

	struct line_chunk *chunk = xalloc(sizeof *chunk);
	chunk->stream = (struct line_stream){.options = stream->options,
	    .name = stream->name,
	    .in = -1,
	    .out = -1,
	    .rejects = -1,
	    .end = true,
	    .chunk = true,
	    .count = stream->count};
	buf_put(&chunk->stream.input, begin, size);
	for (const char *at = begin; (at = memchr(at, '\n', size - (size_t)(at - begin))); at++)
		stream->count++;
	if (!last || last[-1] != '\n')
		stream->count++;
	stream->at += size;
	return chunk;
}

struct line_stream *
line_chunk_open(struct line_chunk *chunk)
{
	chunk->stream.arena = arena_open();
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
		buf_put(&stream->output, done->output.text, done->output.size);
		buf_put(
		    &stream->rejected_lines, done->rejected_lines.text, done->rejected_lines.size);
		stream->rejected += done->rejected;
		line_flush(stream);
		if (done->stopped)
			line_stop(stream, &done->err);
	}
	arena_close(done->arena);
	buf_free(&done->input);
	buf_free(&done->output);
	buf_free(&done->messages);
	buf_free(&done->rejected_lines);
	free(chunk);
}

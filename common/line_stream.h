/*
 * line_stream: what a stream of lines is made of, for line*.c alone.
 */
#ifndef SFPIPE_LINE_STREAM_H
#define SFPIPE_LINE_STREAM_H

#include "buf.h"
#include "line.h"

#include <stdatomic.h>

struct line_stream {
	struct line_options options;
	const char *name;
	int in, out, rejects;
	struct buf
	    input; /* read and not yet handed out: input.text[at] to input.text[input.size] */
	size_t at;
	bool end; /* of input */
	struct buf output, messages, rejected_lines;
	struct arena *arena;
	uint64_t count, rejected;
	struct err err;      /* what stopped the run */
	struct err read_err; /* what ended the input; apart, as with jobs another thread reads */
	atomic_bool stopped;
	bool holds; /* out is a temporary file; the end goes to held_for */
	int held_for;
	bool chunk;  /* works in memory; line_chunk_finish() writes */
	bool chunks; /* is read in chunks: others write while this thread waits */
	void (*wait)(void *);
	void *wait_arg;
	void (*on_reject)(void *, const char *, size_t, const char *);
	void *on_reject_arg;
	bool (*refused)(void *, const struct line *, const struct err *);
	void *refused_arg;
};

struct line_chunk {
	struct line_stream stream;
};

/* Reads more into the buffer. False at the end, or when the run was stopped. */
bool line_fill(struct line_stream *stream);

/* Writes all of the buffer and empties it: 0, or -1 with the stream stopped. */
int line_write_output(struct line_stream *stream, struct buf *buf);

/* Whether rejected lines become reject lines in their place. */
bool line_rejects_inline(const struct line_stream *stream);

/* A reject line for a text of which only the beginning is there. */
void line_write_cut(struct line_stream *stream, const char *text, size_t size, const char *why);

/* Names and counts a rejected line that was kept as --rejects says; with --strict the run stops. */
void line_count_reject(struct line_stream *stream, uint64_t number, const char *why);

/* The first newline from so many bytes into the buffer on; NULL if there is none. */
const char *line_find_newline(const struct line_stream *stream, size_t from);

/* Writes what was held to where it belongs. */
int line_release(struct line_stream *stream, struct err *err);

#endif

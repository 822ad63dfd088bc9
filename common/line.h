/*
 * line: NDJSON streams (design 2): the next line, pass it, put it with members changed, reject it.
 *
 * A stream reads lines from one descriptor and writes lines to another, in the order of the input.
 * line_next() has checked the text (json.h); a line that is no JSON object is named, counted and
 * skipped, and never seen by the caller; a byte order mark before the first is taken off. What waits to be written is flushed before a read that
 * would block, so that a live feed is answered at once.
 *
 * Owner:   a line and all that comes from its arena live until the next line_next().
 * Errors:  what goes wrong with the run (input, output, --strict) is kept in the stream: line_next()
 *          then gives false, and line_close() says it and returns its status.
 * Threads: a stream belongs to one thread; jobs.h runs several.
 */
#ifndef SFPIPE_LINE_H
#define SFPIPE_LINE_H

#include "arena.h"
#include "diag.h"
#include "json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What every filter has as options; line_options_default() is without any. */
struct line_options {
	size_t max_line;     /* --max-line, bytes */
	const char *rejects; /* --rejects: a file, "inline", or NULL */
	bool strict;         /* --strict */
	bool no_summary; /* no lines counted on a terminal: the output is for a person already */
};
struct line_options line_options_default(void);

struct line_stream; /* opaque */

struct line {
	const char *text; /* without its newline */
	size_t size;
	uint64_t number; /* from 1 */
	struct arena *arena;
	struct json object; /* from here to n_items: what struct json_text says */
	struct json_member *members;
	const uint64_t *heads;
	size_t n_members;
	const struct json_member *items;
	size_t n_items;
	size_t bom;              /* bytes of a byte order mark taken off before text */
	struct line_edit *edits; /* what line_set() and line_remove() left for line_put() */
};

/* in and out are file descriptors; out may be -1 for a tool that writes no lines. name is the
 * input's in messages. NULL with err set if the rejects file cannot be opened. */
struct line_stream *line_open(
    int in, const char *name, int out, const struct line_options *options, struct err *err);

/* Flushes; says what went wrong (err of the caller's first, if it is set); closes. The status of
 * the run: 0, 65 if lines were rejected, or what stopped it. stream may be NULL. */
enum status line_close(struct line_stream *stream, struct err *err);

/* Nothing is written before line_close(), and then only if the run ended with 0 or 65: all that is
 * put waits in an unlinked temporary file ($TMPDIR). */
int line_hold(struct line_stream *stream, struct err *err);

/* Called before a read that would block, and at the end of input: to end a transaction. */
void line_on_wait(struct line_stream *stream, void (*wait)(void *), void *arg);

/* Called with each line that is rejected, by line_next() itself too; of a line that is too long,
 * the first bytes. It may stop the stream. */
void line_on_reject(struct line_stream *stream,
    void (*rejected)(void *arg, const char *text, size_t size, const char *why), void *arg);

/* Called with each line that line_next() refuses, before it is named: true if the caller keeps it,
 * to line_reject() it later in its place. NULL stands for a line that is too long to be kept. */
void line_on_refuse(struct line_stream *stream,
    bool (*refused)(void *arg, const struct line *line, const struct err *why), void *arg);

/* The next good line. False at the end of input, or when something stops the run. */
bool line_next(struct line_stream *stream, struct line *line);

/* The line behind that one, if it is good and has been read already: nothing is waited for, and the
 * lines since line_next() stay. Whatever else comes is line_next()'s. */
bool line_more(struct line_stream *stream, struct line *line);

/* Whether something stopped the run: then the last n lines that came were not worked on, and do not count
 * as read. */
bool line_stopped(struct line_stream *stream, size_t n);

/* Makes a line of text, size and arena alone: 0, or -1 with err set. */
int line_check(struct line *line, struct err *err);

/* The member of that name; JSON_IS_ABSENT if there is none. Sees the line as it came. */
struct json line_find(const struct line *line, const char *name, size_t size, uint64_t head);
static inline struct json
line_get(const struct line *line, const char *name)
{
	size_t size = strlen(name);

	return line_find(line, name, size, json_head(name, size, size));
}

/* json_items() of the value of one of the line's own members. */
const struct json_member *line_items(const struct line *line, struct json value, size_t *n);

/* The decoded string of a member; NULL if it is no string, or not there. */
const char *line_string(const struct line *line, const char *name);

/* Whether the line's member kind is the string kind. */
static inline bool
line_is(const struct line *line, const char *kind)
{
	return json_is(line_get(line, "kind"), kind);
}

/* The type of a Salesforce record (attributes.type; such a line has no kind), else NULL. */
const char *line_sobject(const struct line *line);

/* For line_put(): the member gets this JSON text (kept by reference, so from the line's arena), in
 * its place if the line has it, else behind all others; or it is taken away. The last call for a
 * name counts. */
void line_set(struct line *line, const char *name, const char *json, size_t size);
void line_remove(struct line *line, const char *name);

/* Writes the line as it came, byte for byte; or with its edits. */
void line_pass(struct line_stream *stream, const struct line *line);
void line_put(struct line_stream *stream, const struct line *line);

/* Appends the text that line_put() writes, without its newline. */
void line_text(const struct line *line, struct buf *out);

/* Writes a line of our own making: size bytes of JSON without a newline. */
void line_write(struct line_stream *stream, const char *json, size_t size);

/* Writes a reject line for a text that is no line of the input; it is neither named nor counted. */
void line_write_reject(struct line_stream *stream, const char *text, size_t size, const char *why);

/* Names the line on stderr with err's text, counts it, keeps it as --rejects says; clears err.
 * If err's status is not ST_REJECTED, it is the run that failed: the stream stops instead. */
void line_reject(struct line_stream *stream, const struct line *line, struct err *err);

/* Stops the run: line_next() gives false from now on, line_close() says err. */
void line_stop(struct line_stream *stream, struct err *err);

/* Writes out what is there; 0, or -1 once the output has failed. */
int line_flush(struct line_stream *stream);

/* For jobs.h: chunks of whole lines, each to be worked on as a stream of its own, then written to
 * the stream that they were read from, in their order. */
struct line_chunk; /* opaque */

/* Waits for input, then takes the whole lines that are there, mostly some 256 KiB, into the chunk:
 * NULL, or one that is finished. False at the end, on a stop, or when the next line is too long:
 * then line_skip_long() rejects it, once all chunks before it are finished, and true says that there
 * may be more. */
bool line_chunk_read(struct line_stream *stream, struct line_chunk **chunk);
bool line_skip_long(struct line_stream *stream);

/* The chunk as a stream; it belongs to the chunk. */
struct line_stream *line_chunk_stream(struct line_chunk *chunk);

/* Writes what came of it, says its messages, adds its counts; stops stream if it stopped. */
void line_chunk_finish(struct line_stream *stream, struct line_chunk *chunk);
void line_chunk_close(struct line_chunk *chunk);

uint64_t line_rejected(const struct line_stream *stream); /* lines rejected */

#endif

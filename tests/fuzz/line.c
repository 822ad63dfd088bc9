/* Lines through a stream: what is good passes byte for byte, a member that is set and then taken away
 * leaves the line as it was, and chunks give what the whole stream gives. */
#include "line.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_LINE 512

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ASSERT(fact)                                                                               \
	do {                                                                                       \
		if (!(fact))                                                                       \
			abort();                                                                   \
	} while (0)

enum work { PASS, AHEAD, SET, REMOVE };

/* As associate-call does: some lines that are there, then these are put. */
static void
work_ahead(struct line_stream *lines)
{
	struct line some[4];
	size_t n;

	do {
		for (n = 0; n < 4 && (n == 0 ? line_next : line_more)(lines, &some[n]);)
			n++;
		for (size_t i = 0; i < n; i++)
			line_put(lines, &some[i]);
	} while (n > 0);
}

static void
work_on(struct line_stream *lines, enum work work)
{
	struct line line;

	if (work == AHEAD)
		work_ahead(lines);
	while (line_next(lines, &line)) {
		if (work == SET)
			line_set(&line, "fuzz:new", "[1]", 3);
		else if (work == REMOVE)
			line_remove(&line, "fuzz:new");
		line_put(lines, &line);
	}
}

/* What becomes of the text, and how many lines were rejected. */
static struct buf
run(const char *text, size_t size, enum work work, bool chunks, uint64_t *rejected)
{
	struct line_options options = line_options_default();
	struct err err = {0};
	struct buf out = {0};
	FILE *result = tmpfile();
	int ends[2];

	ASSERT(result && pipe(ends) == 0);
	ASSERT(write(ends[1], text, size) == (ssize_t)size);
	close(ends[1]);
	options.max_line = MAX_LINE;
	struct line_stream *lines = line_open(ends[0], "fuzz", fileno(result), &options, &err);
	ASSERT(lines);
	struct line_chunk *chunk = NULL;
	for (bool more = chunks; more;) {
		if (line_chunk_read(lines, &chunk)) {
			work_on(line_chunk_stream(chunk), work);
			line_chunk_finish(lines, chunk);
		} else {
			more = line_skip_long(lines);
		}
	}
	line_chunk_close(chunk);
	if (!chunks)
		work_on(lines, work);
	*rejected = line_rejected(lines);
	line_close(lines, &err);
	close(ends[0]);
	ASSERT(fseek(result, 0, SEEK_END) == 0 && ftell(result) >= 0);
	size_t written = (size_t)ftell(result);
	rewind(result);
	buf_reserve(&out, written + 1);
	out.size = fread(out.text, 1, written, result);
	ASSERT(out.size == written);
	fclose(result);
	return out;
}

/* The good lines, found the simple way; rejected: how many are not. */
static struct buf
expect(const char *text, size_t size, uint64_t *rejected)
{
	struct arena *arena = arena_open();
	struct buf out = {0};

	*rejected = 0;
	for (size_t at = 0; at < size;) {
		const char *newline = memchr(text + at, '\n', size - at);
		size_t length = newline ? (size_t)(newline - text) - at : size - at;
		size_t bom = at == 0 && length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
		struct json value;
		struct err err = {0};
		if (length <= MAX_LINE &&
		    json_check(text + at + bom, length - bom, arena, &value, &err) == 0 &&
		    json_kind(value) == JSON_IS_OBJECT) {
			buf_put(&out, text + at + bom, length - bom);
			buf_putc(&out, '\n');
		} else {
			++*rejected;
		}
		at += length + 1;
		arena_reset(arena);
	}
	arena_close(arena);
	return out;
}

static void
same(const struct buf *a, const struct buf *b)
{
	ASSERT(a->size == b->size && (a->size == 0 || memcmp(a->text, b->text, a->size) == 0));
}

/* Whether a line may have the member that is set here. */
static bool
has_name(const char *text, size_t size)
{
	for (size_t i = 0; i + 3 <= size; i++)
		if (memcmp(text + i, "new", 3) == 0 || memcmp(text + i, "\\u0", 3) == 0)
			return true;
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	uint64_t bad, rejected, in_all, in_chunks;

	if (size > 32768) /* a pipe holds 65536, and members are added */
		return 0;
	struct buf good = expect(text, size, &bad);
	struct buf passed = run(text, size, PASS, false, &rejected);
	struct buf ahead = run(text, size, AHEAD, false, &in_all);
	struct buf chunked = run(text, size, AHEAD, true, &in_chunks);
	same(&good, &passed);
	same(&good, &ahead);
	same(&good, &chunked);
	ASSERT(rejected == bad && in_all == bad && in_chunks == bad);
	struct buf set = run(good.text, good.size, SET, false, &rejected);
	if (rejected == 0 && set.size < 65536 && !has_name(text, size)) {
		struct buf removed = run(set.text, set.size, REMOVE, false, &rejected);
		if (rejected == 0) /* some may have grown too long */
			same(&good, &removed);
		buf_free(&removed);
	}
	buf_free(&good);
	buf_free(&passed);
	buf_free(&ahead);
	buf_free(&chunked);
	buf_free(&set);
	return 0;
}

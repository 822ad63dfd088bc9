/* An answer gives the same records and frame however it is cut; good JSON is never refused. */
#include "reply.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
take(void *arg, const char *text, size_t size, struct err *err)
{
	struct buf *records = arg;

	(void)err;
	buf_put(records, text, size);
	buf_putc(records, '\n');
	return 0;
}

/* step 0: in one piece. */
static int
read_all(struct reply *reply, const char *text, size_t size, size_t step, struct arena *arena)
{
	struct err err = {0};
	struct json frame;

	for (size_t i = 0; i < size; i += step) {
		size_t n = step && size - i > step ? step : size - i;
		if (reply_feed(reply, text + i, n, &err) != 0)
			return -1;
		if (step == 0)
			break;
	}
	return reply_end(reply, arena, &frame, &err);
}

static bool
same(const struct buf *a, const struct buf *b)
{
	return a->size == b->size && (a->size == 0 || memcmp(a->text, b->text, a->size) == 0);
}

static bool
holds(const char *text, size_t size, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= size; i++)
		if (memcmp(text + i, word, n) == 0)
			return true;
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct buf whole = {0}, cut = {0};
	struct reply a = {.record = take, .arg = &whole}, b = {.record = take, .arg = &cut};
	struct json value;
	struct err err = {0};

	if (size == 0)
		return 0;
	struct arena *arena = arena_open();
	int got = read_all(&a, text, size, 0, arena);
	if (read_all(&b, text, size, size % 7 + 1, arena) != got)
		abort();
	if (got == 0 && (!same(&whole, &cut) || !same(&a.frame, &b.frame)))
		abort();
	/* but for records, whose items must be objects */
	if (got != 0 && !holds(text, size, "records") &&
	    json_check(text, size, arena, &value, &err) == 0)
		abort();
	reply_free(&a);
	reply_free(&b);
	buf_free(&whole);
	buf_free(&cut);
	arena_close(arena);
	return 0;
}

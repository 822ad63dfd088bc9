/* What is made of any message is an email line: JSON with id, date and from, that store-apply takes. */
#include "message.h"
#include "calls_read.h"
#include "json.h"
#include "mailbox.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__asan_default_options(void);
const char *__lsan_default_suppressions(void);

/* GMime forgets a string of its own where the domain of an address is malformed. To tell it from
 * what we forget of GMime's takes whole stacks. */
const char *
__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0";
}

const char *
__lsan_default_suppressions(void)
{
	return "leak:g_string_sized_new\n";
}

struct input {
	const uint8_t *data;
	size_t size, at;
};

/* In pieces, so that lines are cut anywhere. */
static long
read_some(void *arg, char *room, size_t size)
{
	struct input *input = arg;
	size_t n = input->size - input->at;

	n = n < 97 ? n : 97;
	n = n < size ? n : size;
	if (n > 0)
		memcpy(room, input->data + input->at, n);
	input->at += n;
	return (long)n;
}

static void
check_line(const struct buf *text, struct arena *arena)
{
	struct line line = {.text = text->text, .size = text->size, .arena = arena};
	struct call call;
	struct err err = {0};

	if (line_check(&line, &err) != 0 || calls_read(&line, &call, &err) != 0 || !call.start ||
	    !call.organizer)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool begun;
	struct input input = {.data = data, .size = size};
	struct mailbox *mailbox;
	struct message *message;
	struct arena *arena = arena_open();
	struct buf line = {0};

	if (!begun)
		message_begin();
	begun = true;
	mailbox = mailbox_open(read_some, &input, 20000);
	while (mailbox_next(mailbox, &message) == 1) {
		struct err err = {0};
		arena_reset(arena);
		buf_clear(&line);
		if (message_line(message, arena, &line, &err) == 0)
			check_line(&line, arena);
	}
	mailbox_close(mailbox);
	arena_close(arena);
	buf_free(&line);
	return 0;
}

#include "pull_out.h"

#include "diag.h"

void
pull_put_org(struct line_stream *lines, const char *org)
{
	struct buf text = {0};

	buf_printf(&text, "{\"kind\":\"org\",\"org\":\"%s\"}", org);
	line_write(lines, text.text, text.size);
	buf_free(&text);
}

void
pull_put_reject(struct line_stream *lines, const char *why, const char *text, size_t size)
{
	char shown[200];

	diag_say("a record is left out: %s: %s", why, diag_escape(shown, sizeof shown, text, size));
	line_write_reject(lines, text, size, why);
}

void
pull_put_text(struct line_stream *lines, struct buf *text)
{
	line_write(lines, text->text, text->size);
	buf_clear(text);
}

#include "diag.h"

#include "utf8.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
	char tool[64];
	bool verbose;
	bool json;
	bool progress; /* its line stands on the terminal */
} diag = {.tool = "sfpipe"};

int
err_set(struct err *err, enum status status, const char *format, ...)
{
	if (err->status)
		return -1;
	err->status = status;
	va_list args;
	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	return -1;
}

void
err_clear(struct err *err)
{
	err->status = ST_OK;
	err->text[0] = '\0';
}

enum status
status_worse(enum status a, enum status b)
{
	static const enum status order[] = {ST_USAGE, ST_CONFIG, ST_NOPERM, ST_IO, ST_PROTOCOL,
	    ST_UNAVAILABLE, ST_REJECTED, ST_LATER};

	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if (a == order[i] || b == order[i])
			return order[i];
	return ST_OK;
}

/* A standard stream that is closed stays of no use, but no file of ours gets its number: what we
 * write there would go into it. */
static void
hold_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

void
diag_init(char *argv0)
{
	const char *slash = argv0 ? strrchr(argv0, '/') : NULL;

	if (slash)
		memmove(argv0, slash + 1, strlen(slash + 1) + 1);
	snprintf(diag.tool, sizeof diag.tool, "%s", argv0 ? argv0 : "sfpipe");
	signal(SIGXFSZ, SIG_IGN);
	hold_standard_streams();
}

const char *
diag_tool(void)
{
	return diag.tool;
}

void
diag_options(bool verbose, bool json)
{
	diag.verbose = verbose;
	diag.json = json;
}

bool
diag_verbose(void)
{
	return diag.verbose;
}

bool
diag_json(void)
{
	return diag.json;
}

static void
clear_progress(void)
{
	static const char clear[] = "\r\033[K";

	if (diag.progress && write(STDERR_FILENO, clear, sizeof clear - 1) > 0)
		diag.progress = false;
}

/* One write, so that the messages of the stages of a pipeline do not mix within a line. */
static void
say(const char *text, size_t size)
{
	clear_progress();
	while (size > 0) {
		ssize_t n = write(STDERR_FILENO, text, size);
		if (n <= 0)
			return;
		text += n;
		size -= (size_t)n;
	}
}

/* A JSON string of text that diag_escape() or we made: quotes, backslashes and newlines only. */
static size_t
put_json_string(char *out, size_t room, const char *text)
{
	size_t n = 0;

	out[n++] = '"';
	for (; *text && n + 8 < room; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			out[n++] = '\\';
		if (c < 0x20)
			n += (size_t)snprintf(out + n, 7, "\\u%04x", c);
		else
			out[n++] = (char)c;
	}
	out[n++] = '"';
	out[n] = '\0';
	return n;
}

static void
say_notice(const char *level, const char *code, const char *object, const char *message)
{
	char out[4096];
	char quoted[2560];
	int n = snprintf(out, sizeof out, "{\"kind\":\"notice\",\"tool\":\"%s\",\"level\":\"%s\"",
	    diag.tool, level);
	size_t at = (size_t)n;

	if (code) {
		put_json_string(quoted, 256, code);
		at += (size_t)snprintf(out + at, sizeof out - at, ",\"code\":%s", quoted);
	}
	if (object) {
		put_json_string(quoted, 256, object);
		at += (size_t)snprintf(out + at, sizeof out - at, ",\"object\":%s", quoted);
	}
	put_json_string(quoted, sizeof quoted, message);
	at += (size_t)snprintf(out + at, sizeof out - at, ",\"message\":%s}\n", quoted);
	say(out, at);
}

static void
say_plain(const char *message)
{
	char out[2048];
	int n = snprintf(out, sizeof out, "%s: %s", diag.tool, message);
	size_t size = n < (int)sizeof out - 1 ? (size_t)n : sizeof out - 2;

	out[size++] = '\n';
	say(out, size);
}

static void say_formatted(const char *level, const char *code, const char *object,
    const char *format, va_list args) __attribute__((format(printf, 4, 0)));

static void
say_formatted(
    const char *level, const char *code, const char *object, const char *format, va_list args)
{
	char message[1536];

	vsnprintf(message, sizeof message, format, args);
	if (diag.json)
		say_notice(level, code, object, message);
	else
		say_plain(message);
}

void
diag_say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_formatted("error", NULL, NULL, format, args);
	va_end(args);
}

void
diag_detail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (diag.verbose)
		say_formatted("info", NULL, NULL, format, args);
	va_end(args);
}

void
diag_summary(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (diag.verbose || isatty(STDERR_FILENO))
		say_formatted("info", NULL, NULL, format, args);
	va_end(args);
}

void
diag_progress(const char *format, ...)
{
	char out[256] = "\r\033[K";
	size_t n = strlen(out);
	va_list args;

	if (diag.json || !isatty(STDERR_FILENO) || isatty(STDOUT_FILENO))
		return;
	va_start(args, format);
	vsnprintf(out + n, sizeof out - n, format, args);
	va_end(args);
	diag.progress = write(STDERR_FILENO, out, strlen(out)) > 0;
}

void
diag_notice(const char *level, const char *code, const char *object, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (diag.json || strcmp(level, "ok") != 0 || diag.verbose)
		say_formatted(level, code, object, format, args);
	va_end(args);
}

void
diag_end(enum status status, const struct err *err)
{
	bool said = err && err->status && err->text[0];

	clear_progress();
	if (!diag.json) {
		if (said)
			say_plain(err->text);
		return;
	}
	if (said)
		say_notice("error", NULL, NULL, err->text);
	else if (status == ST_OK)
		say_notice("ok", NULL, NULL, "done");
	else
		say_notice("error", NULL, NULL,
		    status == ST_REJECTED ? "some lines were rejected: see the messages above"
					  : "not all was done: see the messages above");
}

char *
diag_escape(char *out, size_t out_size, const char *text, size_t size)
{
	const unsigned char *in = (const unsigned char *)text;
	size_t at = 0;

	for (size_t i = 0; i < size;) {
		size_t n = utf8_length(text + i, size - i);
		/* C1 controls move a terminal's cursor just as C0 do */
		bool c1 = n == 2 && in[i] == 0xc2 && in[i + 1] < 0xa0;
		bool plain = (n > 1 && !c1) || (n == 1 && in[i] >= 0x20 && in[i] != 0x7f);
		if (at + 5 > out_size) /* the longest: \\xNN or four bytes, and the NUL */
			break;
		if (plain) {
			memcpy(out + at, in + i, n);
			at += n;
			i += n;
		} else {
			at += (size_t)snprintf(out + at, 5, "\\x%02x", in[i++]);
		}
	}
	if (out_size > 0)
		out[at] = '\0';
	return out;
}

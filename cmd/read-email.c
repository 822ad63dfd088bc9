/* read-email: messages (RFC 5322) of Maildir folders, mbox files and single files -> email lines. */
#include "buf.h"
#include "diag.h"
#include "line.h"
#include "mailbox.h"
#include "maildir.h"
#include "message.h"
#include "opt.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_HEADER ((size_t)256 << 10)

static const char help[] =
    "usage: read-email [options] [FILE|FOLDER...]\n"
    "Write an email line for each message of mbox files, of files with one message, and of\n"
    "Maildir folders (new and cur). Without an argument, or where it is -, standard input is "
    "read.\n"
    "\n"
    "      --max-header=BYTES     most that the header fields of a message may have that are\n"
    "                             read (262144)\n" OPT_COMMON_HELP;

static const struct option long_options[] = {
    OPT_COMMON,
    {"max-header", required_argument, NULL, OPT_OWN},
    {NULL, 0, NULL, 0},
};

struct run {
	size_t max_header;
	struct line_stream *lines;
	struct arena *arena;
	struct buf text;
	uint64_t emails, rejected;
	enum status status;
};

static size_t
parse_options(int argc, char *argv[])
{
	size_t max_header = MAX_HEADER;

	for (int c; (c = getopt_long(argc, argv, "hv", long_options, NULL)) != -1;) {
		if (c == OPT_OWN)
			max_header = opt_number("--max-header", optarg, 1000, UINT32_MAX);
		else
			opt_common(c, help, NULL);
	}
	return max_header;
}

static long
read_some(void *arg, char *room, size_t size)
{
	return read(*(int *)arg, room, size);
}

static void
put_message(struct run *run, const char *file, const struct message *message)
{
	struct err err = {0};
	char shown[512];

	arena_reset(run->arena);
	buf_clear(&run->text);
	if (message_line(message, run->arena, &run->text, &err) == 0) {
		line_write(run->lines, run->text.text, run->text.size);
		run->emails++;
		return;
	}
	run->rejected++;
	run->status = status_worse(run->status, err.status);
	diag_say("%s:%" PRIu64 ": %s", diag_escape(shown, sizeof shown, file, strlen(file)),
	    message->line, err.text);
}

/* A file that cannot be read does not keep the others from being read. */
static void
say_unreadable(struct run *run, const char *file)
{
	diag_say("%s: %s", file, strerror(errno));
	run->status = status_worse(run->status, ST_IO);
}

static void
read_messages(void *arg, int fd, const char *file)
{
	struct run *run = arg;
	struct mailbox *mailbox = mailbox_open(read_some, &fd, run->max_header);
	struct message *message;
	int got;

	while ((got = mailbox_next(mailbox, &message)) == 1 && line_flush(run->lines) == 0)
		put_message(run, file, message);
	if (got < 0)
		say_unreadable(run, file);
	mailbox_close(mailbox);
}

static void
read_file(struct run *run, const char *path)
{
	struct stat about;
	struct err err = {0};

	if (strcmp(path, "-") == 0) {
		if (isatty(STDIN_FILENO))
			diag_say("reading a message from the terminal; Ctrl-D ends it");
		read_messages(run, STDIN_FILENO, "stdin");
		return;
	}
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &about) != 0)
		say_unreadable(run, path);
	else if (!S_ISDIR(about.st_mode))
		read_messages(run, fd, path);
	else if (maildir_each(path, read_messages, run, &err) != 0) {
		diag_say("%s", err.text);
		run->status = status_worse(run->status, err.status);
	}
	if (fd >= 0)
		close(fd);
}

int
main(int argc, char *argv[])
{
	diag_init(argv[0]);

	struct err err = {0};
	struct run run = {.max_header = parse_options(argc, argv), .arena = arena_open()};
	struct line_options options = line_options_default();
	static char *standard_input[] = {"-"};
	char **files = optind < argc ? argv + optind : standard_input;
	int n_files = optind < argc ? argc - optind : 1;

	options.no_summary = true;
	run.lines = line_open(-1, "", STDOUT_FILENO, &options, &err);
	message_begin();
	for (int i = 0; i < n_files && line_flush(run.lines) == 0; i++)
		read_file(&run, files[i]);
	message_end();
	diag_summary("%" PRIu64 " emails, %" PRIu64 " rejected", run.emails, run.rejected);
	if (line_flush(run.lines) == 0 && run.status != ST_OK)
		err_set(&err, run.status, "%s", ""); /* all is said */
	enum status status = line_close(run.lines, &err);
	buf_free(&run.text);
	arena_close(run.arena);
	return (int)status;
}

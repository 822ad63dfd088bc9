/* read-invite: invitations (iCalendar, Google Calendar, Microsoft Graph) -> call lines. */

#include "buf.h"
#include "diag.h"
#include "invite.h"
#include "opt.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_INPUT ((size_t)64 << 20)
#define READ_SIZE ((size_t)64 << 10)

/* clang-format off */
static const char help[] =
	"usage: read-invite [options] [FILE...]\n"
	"Read invitations, iCalendar or events of Google Calendar or Microsoft Graph as JSON, and\n"
	"write a call line with its invitees for each meeting. Without FILE, or where it is -,\n"
	"standard input is read.\n"
	"\n"
	"  -m, --max-input=BYTES      most that is read of one file (67108864)\n"
	"  -z, --timezone=ZONE        zone of times that name none, or an unknown one (UTC)\n"
	OPT_COMMON_HELP;
/* clang-format on */

static const struct option long_options[] = {
    OPT_COMMON,
    {"max-input", required_argument, NULL, 'm'},
    {"timezone", required_argument, NULL, 'z'},
    {NULL, 0, NULL, 0},
};

struct options {
	size_t max_input;
	const char *zone;
};

static struct options
parse_options(int argc, char *argv[])
{
	struct options opt = {.max_input = MAX_INPUT};

	for (int c; (c = getopt_long(argc, argv, "hm:vz:", long_options, NULL)) != -1;) {
		if (c == 'm')
			opt.max_input = opt_number("--max-input", optarg, 1, UINT32_MAX);
		else if (c == 'z')
			opt.zone = optarg;
		else
			opt_common(c, help, NULL);
	}
	return opt;
}

/* All of it, but at most max bytes and one; -1 if it cannot be read. */
static int
read_all(int fd, struct buf *text, size_t max)
{
	buf_clear(text);
	while (text->size <= max) {
		buf_reserve(text, READ_SIZE);
		ssize_t n = read(fd, text->text + text->size, READ_SIZE);
		if (n == 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -1;
		text->size += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* A file that cannot be read does not keep the others from being read. */
static enum status
read_file(struct invite_run *run, const char *path, struct buf *text, size_t max)
{
	bool standard = strcmp(path, "-") == 0;
	const char *name = standard ? "stdin" : path;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

	if (standard && isatty(fd))
		diag_say("reading invitations from the terminal; Ctrl-D ends them");
	if (fd < 0 || read_all(fd, text, max) != 0) {
		diag_say("%s: %s", name, strerror(errno));
		if (!standard && fd >= 0)
			close(fd);
		return ST_IO;
	}
	if (!standard)
		close(fd);
	run->file = name;
	if (text->size > max)
		invite_reject(run, 1, "larger than %zu bytes (--max-input)", max);
	else
		invite_read(run, name, text->text, text->size);
	return ST_OK;
}

/* -1 if standard output does not take them. */
static int
write_calls(const struct invite_run *run, struct err *err)
{
	struct buf text = {0};
	bool failed = false;

	for (size_t i = 0; i < run->n_events && !failed; i++) {
		buf_clear(&text);
		invite_write(run->events[i], &text);
		buf_putc(&text, '\n');
		failed = fwrite(text.text, 1, text.size, stdout) != text.size;
	}
	buf_free(&text);
	if (fflush(stdout) != 0 || failed)
		return err_set(err, ST_IO, "standard output: %s", strerror(errno));
	return 0;
}

int
main(int argc, char *argv[])
{
	diag_init(argv[0]);

	struct options opt = parse_options(argc, argv);
	static char *standard_input[] = {"-"};
	char **files = optind < argc ? argv + optind : standard_input;
	int n_files = optind < argc ? argc - optind : 1;
	struct err err = {0};
	struct invite_run run;
	struct buf text = {0};
	enum status status = ST_OK;

	if (!invite_run_open(&run, opt.zone))
		opt_misuse("--timezone takes a zone such as Europe/Paris, not '%s'", opt.zone);
	for (int i = 0; i < n_files; i++)
		status = status_worse(status, read_file(&run, files[i], &text, opt.max_input));
	invite_merge(&run);
	write_calls(&run, &err);
	status = status_worse(status, err.status);
	status = status_worse(status, run.rejected > 0 ? ST_REJECTED : ST_OK);
	diag_summary("%zu calls, %" PRIu64 " rejected", run.n_events, run.rejected);
	diag_end(status, &err);
	invite_run_close(&run);
	buf_free(&text);
	return (int)status;
}

/* sf-push: ops for Salesforce -> the same ops, each with its result. */
#include "diag.h"
#include "line.h"
#include "opt.h"
#include "push.h"
#include "salesforce.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#define LINGER_MS 20 /* a batch is not cut for want of a line that is just being written */

enum {
	OPT_MAX_CREATE = OPT_OWN,
	OPT_MAX_DELETE,
	OPT_MAX_UPDATE,
	OPT_UNLESS_MODIFIED,
};

static const struct option long_options[] = {
    SALESFORCE_OPTIONS,
    OPT_COMMON,
    OPT_LINE,
    {"dry-run", no_argument, NULL, 'n'},
    {"max-create", required_argument, NULL, OPT_MAX_CREATE},
    {"max-delete", required_argument, NULL, OPT_MAX_DELETE},
    {"max-update", required_argument, NULL, OPT_MAX_UPDATE},
    {"unless-modified", no_argument, NULL, OPT_UNLESS_MODIFIED},
    {NULL, 0, NULL, 0},
};

static const char help[] =
    "usage: sf-push [options] < ops\n"
    "Write ops to Salesforce: creates, updates, upserts and deletes; each op line comes out with\n"
    "its result, in order, and all other lines as they are.\n"
    "\n"
    "  -n, --dry-run              check the ops against what the org says of its objects; write\n"
    "                             nothing\n"
    "      --max-create=N         more creates and upserts than these stop the run (no limit)\n"
    "      --max-delete=N         more deletions than these stop the run (0)\n"
    "      --max-update=N         more updates and upserts than these stop the run (no limit)\n"
    "      --unless-modified      write no record that somebody changed after the op's seen, not\n"
    "                             even while we write; 25 updates an API call\n"
    "\n" SALESFORCE_HELP OPT_LINE_HELP OPT_COMMON_HELP;

struct options {
	struct push_options push;
	struct salesforce_options salesforce;
	struct line_options line;
};

/* For the signal handler. */
static volatile sig_atomic_t interrupted;
static volatile int stop;
static int no_input = -1;

/* The input ends here, also for a read that waits for it; requests under way are finished. */
static void
interrupt(int number)
{
	int saved = errno;

	(void)number;
	interrupted = 1;
	stop = 1;
	if (no_input >= 0)
		dup2(no_input, STDIN_FILENO);
	errno = saved;
}

static void
set_signals(void)
{
	struct sigaction action = {.sa_handler = interrupt}, inherited;

	no_input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, NULL, &inherited);
	if (inherited.sa_handler != SIG_IGN) /* as a script's background job has it */
		sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
}

static void
take_option(struct options *opt, int value)
{
	uint64_t *max = opt->push.max;

	switch (value) {
	case 'n':
		opt->push.dry_run = true;
		break;
	case OPT_MAX_CREATE:
		max[PUSH_MAX_CREATE] = opt_number("--max-create", optarg, 0, UINT32_MAX);
		break;
	case OPT_MAX_DELETE:
		max[PUSH_MAX_DELETE] = opt_number("--max-delete", optarg, 0, UINT32_MAX);
		break;
	case OPT_MAX_UPDATE:
		max[PUSH_MAX_UPDATE] = opt_number("--max-update", optarg, 0, UINT32_MAX);
		break;
	case OPT_UNLESS_MODIFIED:
		opt->push.unless_modified = true;
		break;
	default:
		if (!salesforce_option(&opt->salesforce, value, optarg))
			opt_common(value, help, &opt->line);
	}
}

static struct options
parse_options(int argc, char *argv[])
{
	struct options opt = {.line = line_options_default(),
	    .salesforce = salesforce_options_default(),
	    .push = {.stop = &stop,
		.max = {[PUSH_MAX_CREATE] = UINT64_MAX, [PUSH_MAX_UPDATE] = UINT64_MAX}}};
	int value;

	while ((value = getopt_long(argc, argv, "hnv", long_options, NULL)) != -1)
		take_option(&opt, value);
	opt_no_arguments(argc, argv);
	opt.push.strict = opt.line.strict;
	return opt;
}

struct run {
	struct push *push;
	struct err *err;
	struct line_stream *lines;
};

/* Before a read that would block, and at the end. */
static void
flush(void *arg)
{
	struct run *run = arg;
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

	if (!interrupted && poll(&input, 1, LINGER_MS) == 1 && (input.revents & POLLIN))
		return;
	if (push_flush(run->push, run->err) != 0 && run->err->status) {
		struct err copy = *run->err; /* line_stop() takes it; we say it at the end */
		line_stop(run->lines, &copy);
	}
}

/* A line that is refused stands in its place, behind the ops that wait. */
static bool
refused(void *arg, const struct line *line, const struct err *why)
{
	struct run *run = arg;
	bool kept = push_refused(run->push, line, why, run->err);

	if (run->err->status) {
		struct err copy = *run->err;
		line_stop(run->lines, &copy);
	}
	return kept;
}

static void
sum_up(const struct push *push, struct err *err)
{
	uint64_t failed = push_broken(push) ? 0 : push_failed(push);

	push_check_limits(push, err);
	if (interrupted && !push_broken(push))
		err_set(err, ST_LATER, "interrupted");
	if (failed > 0 && err->status)
		diag_say("%" PRIu64 " ops failed", failed);
	else if (failed > 0)
		err_set(err, ST_REJECTED, "%" PRIu64 " ops failed", failed);
	if (push_undone(push) > 0)
		diag_say("%" PRIu64 " ops were left undone: they came out without a result",
		    push_undone(push));
}

int
main(int argc, char *argv[])
{
	diag_init(argv[0]);

	struct err err = {0};
	struct options opt = parse_options(argc, argv);
	set_signals();
	struct salesforce *sf = salesforce_open(&opt.salesforce, &err);
	struct run run = {.err = &err};
	struct line line;

	if (sf)
		run.lines = line_open(STDIN_FILENO, "stdin", STDOUT_FILENO, &opt.line, &err);
	if (run.lines) {
		opt.push.login = &opt.salesforce;
		run.push = push_open(sf, run.lines, &opt.push);
		salesforce_stop_on(sf, &stop);
		line_on_wait(run.lines, flush, &run);
		line_on_refuse(run.lines, refused, &run);
		while (!err.status && line_next(run.lines, &line))
			if (push_take(run.push, &line, &err) != 0)
				break;
		push_flush(run.push, &err);
		sum_up(run.push, &err);
		line_on_wait(run.lines, NULL, NULL);
	}
	push_close(run.push);
	enum status status = line_close(run.lines, &err);
	salesforce_close(sf);
	return (int)status;
}

/* store-apply: write lines into the store; the only tool that does. */
#include "diag.h"
#include "line.h"
#include "mirror.h"
#include "mirror_state.h"
#include "opt.h"
#include "queue.h"
#include "rfc3339.h"
#include "rules.h"
#include "store.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define COMMIT_LINES 10000
#define IDLE_MS 1000 /* of a feed: then there is time to build the indexes */

static const char help[] =
    "usage: store-apply [options] < lines\n"
    "Write records, calls, emails, results and checkpoints into the store.\n"
    "\n"
    "      --add=NAME             register a consumer, and read no lines\n"
    "      --changes              write a change line for each thing that changed\n"
    "      --lock-wait=TIME       wait so long for another store-apply (30s)\n"
    "      --now=TIME             the clock (RFC 3339)\n"
    "      --region=RR            of phone numbers in national form, such as US\n" RULES_HELP_FILE
    "  -s, --store=FILE           the store ($SFPIPE_STORE)\n" OPT_LINE_HELP OPT_COMMON_HELP;

enum { ADD = OPT_OWN, CHANGES, LOCK_WAIT, NOW };

static const struct option long_options[] = {
    {"add", required_argument, NULL, ADD},
    {"changes", no_argument, NULL, CHANGES},
    {"lock-wait", required_argument, NULL, LOCK_WAIT},
    {"now", required_argument, NULL, NOW},
    {"region", required_argument, NULL, RULES_REGION},
    {"rules", required_argument, NULL, RULES_FILE},
    {"store", required_argument, NULL, 's'},
    OPT_LINE,
    OPT_COMMON,
    {NULL, 0, NULL, 0},
};

struct options {
	struct line_options line;
	struct rules_options rules;
	const char *store;
	const char *add;
	const char *now;
	int64_t wait_ms;
	bool changes;
};

struct apply {
	struct store *store;
	struct line_stream *lines;
	struct queue *queue;
	struct mirror *mirror;
	uint64_t pending;  /* lines since the last commit */
	bool failed;       /* nothing may be committed any more */
	struct err output; /* what broke the output; the rest goes on */
};

static struct options
parse_options(int argc, char *argv[])
{
	struct options opt = {.line = line_options_default(), .wait_ms = 30000};
	int value;

	while ((value = getopt_long(argc, argv, "hs:v", long_options, NULL)) != -1) {
		if (value == 's')
			opt.store = optarg;
		else if (value == ADD)
			opt.add = optarg;
		else if (value == CHANGES)
			opt.changes = true;
		else if (value == LOCK_WAIT)
			opt.wait_ms = opt_duration_ms("--lock-wait", optarg);
		else if (value == NOW)
			opt.now = optarg;
		else if (!rules_option(&opt.rules, value, optarg))
			opt_common(value, help, &opt.line);
	}
	opt_no_arguments(argc, argv);
	opt.store = opt_store(opt.store);
	/* rejects are kept in the store: inline there is no other place for them here */
	if (opt.line.rejects && strcmp(opt.line.rejects, "inline") == 0)
		opt.line.rejects = NULL;
	return opt;
}

/* The change lines of what is committed. Once the output is broken, they are in the store alone. */
static void
write_changes(struct apply *apply)
{
	struct buf *report = queue_report(apply->queue);
	size_t done = 0;

	while (done < report->size && !apply->output.status) {
		ssize_t n = write(STDOUT_FILENO, report->text + done, report->size - done);
		if (n < 0 && errno != EINTR)
			err_set(&apply->output, ST_IO,
			    "standard output: %s; the changes that were not written are in the "
			    "store",
			    strerror(errno));
		done += n < 0 ? 0 : (size_t)n;
	}
	buf_clear(report);
}

static int
commit(struct apply *apply, struct err *err)
{
	apply->pending = 0;
	if (queue_commit(apply->queue, err) != 0) {
		apply->failed = true;
		return -1;
	}
	write_changes(apply);
	return 0;
}

/* Before a read that would block. A feed that is idle gets the indexes that a first load lacks. */
static void
on_wait(void *arg)
{
	struct apply *apply = arg;
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	struct err err = {0};

	if (apply->failed)
		return;
	if (commit(apply, &err) == 0 && !store_indexed(apply->store) &&
	    poll(&input, 1, IDLE_MS) == 0 && queue_begin(apply->queue, &err) == 0 &&
	    store_build_indexes(apply->store, &err) == 0)
		commit(apply, &err);
	if (err.status) {
		apply->failed = true;
		line_stop(apply->lines, &err);
	}
}

static void
on_reject(void *arg, const char *text, size_t size, const char *why)
{
	struct apply *apply = arg;
	struct err err = {0};

	if (apply->failed)
		return;
	if (queue_begin(apply->queue, &err) != 0 ||
	    mirror_reject(
		apply->store, queue_now(apply->queue), diag_tool(), why, text, size, &err) != 0) {
		apply->failed = true;
		line_stop(apply->lines, &err);
	}
}

static int
apply_record(struct apply *apply, const struct line *line, struct err *err)
{
	return mirror_put(apply->mirror, line, err);
}

static int
apply_org(struct apply *apply, const struct line *line, struct err *err)
{
	return mirror_org(apply->store, line, err);
}

static int
apply_checkpoint(struct apply *apply, const struct line *line, struct err *err)
{
	int status = line_get(line, "consumer").at ? queue_checkpoint(apply->queue, line, err)
						   : mirror_watermark(apply->store, line, err);

	return status == 0 ? commit(apply, err) : -1;
}

static int
apply_reject(struct apply *apply, const struct line *line, struct err *err)
{
	return mirror_reject_line(apply->store, queue_now(apply->queue), line, err);
}

/* What a tool had to say is for people and alert-once. */
static int
apply_notice(struct apply *apply, const struct line *line, struct err *err)
{
	(void)apply;
	(void)line;
	(void)err;
	return 0;
}

static const struct {
	const char *kind;
	int (*apply)(struct apply *, const struct line *, struct err *);
} kinds[] = {
    {"checkpoint", apply_checkpoint},
    {"notice", apply_notice},
    {"org", apply_org},
    {"reject", apply_reject},
};

static int
apply_kind(struct apply *apply, const struct line *line, struct err *err)
{
	struct json kind = line_get(line, "kind");
	char shown[64];

	if (!kind.at && line_get(line, "attributes").at)
		return apply_record(apply, line, err);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (json_is(kind, kinds[i].kind))
			return kinds[i].apply(apply, line, err);
	if (!kind.at)
		return err_set(err, ST_REJECTED, "neither a record nor a line of any kind");
	diag_escape(shown, sizeof shown, kind.at, kind.size < 40 ? kind.size : 40);
	return err_set(err, ST_REJECTED, "store-apply takes no lines of kind %s", shown);
}

static void
apply_line(struct apply *apply, const struct line *line)
{
	struct err err = {0};

	if (queue_begin(apply->queue, &err) == 0 && apply_kind(apply, line, &err) == 0 &&
	    ++apply->pending >= COMMIT_LINES)
		commit(apply, &err);
	if (!err.status)
		return;
	if (err.status != ST_REJECTED)
		apply->failed = true;
	line_reject(apply->lines, line, &err);
}

/* What was read is stored, whatever becomes of the reader of our output, and of the keyboard. */
static void
ignore_signals(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGINT, &ignore, NULL);
	sigaction(SIGTERM, &ignore, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

static void
finish(struct apply *apply, struct err *err)
{
	if (apply->failed || err->status)
		return;
	if (queue_begin(apply->queue, err) != 0 || store_build_indexes(apply->store, err) != 0 ||
	    commit(apply, err) != 0)
		return;
	struct mirror_counts n = mirror_counts(apply->mirror);
	diag_detail("records: %" PRIu64 " new, %" PRIu64 " changed, %" PRIu64
		    " as they were, %" PRIu64 " older than the store's",
	    n.added, n.changed, n.unchanged, n.stale);
	if (apply->output.status)
		*err = apply->output;
}

int
main(int argc, char *argv[])
{
	diag_init(argv[0]);

	struct options opt = parse_options(argc, argv);
	struct err err = {0};
	struct apply apply = {0};
	struct line line;
	int64_t now_ms = 0;

	ignore_signals();
	struct rules *rules = rules_open(&opt.rules, &err);
	if (rules && rfc3339_option_now(opt.now, &now_ms, &err) == 0)
		apply.store = store_open_waiting(opt.store, STORE_WRITE, opt.wait_ms, &err);
	apply.queue = queue_open(apply.store, now_ms, opt.changes);
	apply.mirror = mirror_open(apply.store, apply.queue, rules ? rules->region : NULL);
	if (apply.store && opt.add)
		queue_add_consumer(apply.queue, opt.add, &err);
	else if (apply.store)
		apply.lines = line_open(STDIN_FILENO, "stdin", -1, &opt.line, &err);
	line_on_wait(apply.lines, on_wait, &apply);
	line_on_reject(apply.lines, on_reject, &apply);
	while (line_next(apply.lines, &line))
		apply_line(&apply, &line);
	if (apply.store)
		finish(&apply, &err);
	enum status status = line_close(apply.lines, &err);
	store_rollback(apply.store);
	store_close(apply.store);
	mirror_close(apply.mirror);
	queue_close(apply.queue);
	rules_close(rules);
	return (int)status;
}

/* store-apply: write lines into the store; the only tool that does. */
#include "apply.h"
#include "diag.h"
#include "line.h"
#include "opt.h"
#include "phone.h"
#include "purge.h"
#include "quarantine.h"
#include "rfc3339.h"
#include "rules.h"
#include "store.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: store-apply [options] < lines\n"
    "Write records, calls, emails, results and checkpoints into the store.\n"
    "\n"
    "      --add=NAME             register a consumer, and read no lines\n"
    "      --changes              write a change line for each thing that changed\n"
    "      --lock-wait=TIME       wait so long for another store-apply (30s)\n"
    "      --months=N             of --purge (12)\n"
    "      --now=TIME             the clock (RFC 3339)\n"
    "      --purge                destroy emails that have matched nothing for so many months, "
    "and\n"
    "                             read no lines\n"
    "      --region=RR            of phone numbers in national form, such as US\n" RULES_HELP_FILE
    "  -s, --store=FILE           the store ($SFPIPE_STORE)\n" OPT_LINE_HELP OPT_COMMON_HELP;

enum { ADD = OPT_OWN, CHANGES, LOCK_WAIT, MONTHS, NOW, PURGE };

static const struct option long_options[] = {
    {"add", required_argument, NULL, ADD},
    {"changes", no_argument, NULL, CHANGES},
    {"lock-wait", required_argument, NULL, LOCK_WAIT},
    {"months", required_argument, NULL, MONTHS},
    {"now", required_argument, NULL, NOW},
    {"purge", no_argument, NULL, PURGE},
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
	unsigned months;
	bool changes, purge;
};

static struct options
parse_options(int argc, char *argv[])
{
	struct options opt = {
	    .line = line_options_default(), .wait_ms = 30000, .months = QUARANTINE_MONTHS};
	bool months = false;
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
		else if (value == MONTHS) {
			opt.months =
			    (unsigned)opt_number("--months", optarg, 0, QUARANTINE_MAX_MONTHS);
			months = true;
		} else if (value == NOW)
			opt.now = optarg;
		else if (value == PURGE)
			opt.purge = true;
		else if (!rules_option(&opt.rules, value, optarg))
			opt_common(value, help, &opt.line);
	}
	opt_no_arguments(argc, argv);
	if (opt.add && !*opt.add)
		opt_misuse("--add takes a name");
	if (opt.add && opt.purge)
		opt_misuse("--add and --purge are two runs");
	if (months && !opt.purge)
		opt_misuse("--months goes with --purge");
	opt.store = opt_store(opt.store);
	/* rejects are kept in the store: inline there is no other place for them here */
	if (opt.line.rejects && strcmp(opt.line.rejects, "inline") == 0)
		opt.line.rejects = NULL;
	return opt;
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

/* The changes are written as they are committed. */
static int
purge(const struct options *opt, struct store *store, struct line_stream *out, struct err *err)
{
	struct purge purge = {.changes = opt->changes ? out : NULL};

	if (rfc3339_option_now(opt->now, &purge.now_ms, err) != 0)
		return -1;
	purge.since_ms = rfc3339_months_before(purge.now_ms, opt->months);
	int got = purge_run(&purge, store, err);
	diag_summary("%" PRIu64 " held emails and %" PRIu64 " rejected ones destroyed",
	    purge.emails, purge.rejects);
	return got;
}

/* Before the store is opened: who cannot say by what rules makes none. */
static struct rules *
open_rules(const struct options *opt, struct apply_options *options, struct err *err)
{
	struct rules *rules = opt->add || opt->purge ? NULL : rules_open(&opt->rules, err);

	if (rules && phone_region_check(rules->region, rules->region_status, err) == 0 &&
	    rfc3339_option_now(opt->now, &options->now_ms, err) == 0)
		options->region = rules->region;
	return rules;
}

int
main(int argc, char *argv[])
{
	diag_init(argv[0]);

	struct options opt = parse_options(argc, argv);
	struct apply_options options = {
	    .in = STDIN_FILENO, .changes = opt.changes ? STDOUT_FILENO : -1};
	struct err err = {0};
	struct line_stream *lines = NULL;
	struct store *store = NULL;
	struct rules *rules = open_rules(&opt, &options, &err);

	ignore_signals();
	if (!err.status)
		store = store_open_waiting(opt.store, STORE_WRITE, opt.wait_ms, &err);
	if (store && opt.add)
		apply_consumer(store, opt.add, &err);
	else if (store && opt.purge) {
		if ((lines = line_open(-1, "", STDOUT_FILENO, &opt.line, &err)))
			purge(&opt, store, lines, &err);
	} else if (store && (lines = line_open(STDIN_FILENO, "stdin", -1, &opt.line, &err)))
		apply_lines(store, lines, &options, &err);
	enum status status = line_close(lines, &err);
	store_close(store);
	rules_close(rules);
	return (int)status;
}

/* associate-call: give each call and email the accounts, people and deals that it belongs to. */
#include "associate.h"
#include "calls_merge.h"
#include "diag.h"
#include "jobs.h"
#include "line.h"
#include "opt.h"
#include "rules.h"
#include "store.h"
#include "warm.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char help[] =
    "usage: associate-call [options] < lines\n"
    "Give each call and email on standard input its accounts, contacts, leads and opportunities.\n"
    "\n"
    "      --activities           look first for the CRM's own Task or Event of the call\n"
    "      --activity-window=TIME how far an Event may start from the call (5m)\n"
    "      --duplicates=RULE      of several records with one address: oldest-modified (default),\n"
    "                             newest-created, all\n"
    "  -e, --explain              write the reasoning as text instead of lines\n"
    "      --fill                 give people and accounts only to lines that have none\n"
    "      --free-mail=FILE       domains that name no company, instead of the built-in list\n"
    "  -d, --internal-domain=D    a domain of our own; repeatable; 'none': none is\n"
    "  -j, --jobs=N               threads (as many as processors)\n"
    "  -k, --keep                 take away no account, person or virtual record\n"
    "      --opportunity=RULE     closest-activity (default), priority\n"
    "      --owned-by-organizer   priority: only opportunities that the organizer owns\n"
    "      --rules=FILE           these options as JSON ($SFPIPE_RULES)\n"
    "  -s, --store=FILE           the store ($SFPIPE_STORE)\n" OPT_LINE_HELP OPT_COMMON_HELP;

enum { EXPLAIN = 'e', FILL = OPT_OWN, JOBS = 'j', KEEP = 'k', STORE = 's' };

static const struct option long_options[] = {
    {"activities", no_argument, NULL, RULES_ACTIVITIES},
    {"activity-window", required_argument, NULL, RULES_ACTIVITY_WINDOW},
    {"duplicates", required_argument, NULL, RULES_DUPLICATES},
    {"explain", no_argument, NULL, EXPLAIN},
    {"fill", no_argument, NULL, FILL},
    {"free-mail", required_argument, NULL, RULES_FREE_MAIL},
    {"internal-domain", required_argument, NULL, RULES_INTERNAL_DOMAIN},
    {"jobs", required_argument, NULL, JOBS},
    {"keep", no_argument, NULL, KEEP},
    {"opportunity", required_argument, NULL, RULES_OPPORTUNITY},
    {"owned-by-organizer", no_argument, NULL, RULES_OWNED_BY_ORGANIZER},
    {"rules", required_argument, NULL, RULES_FILE},
    {"store", required_argument, NULL, STORE},
    OPT_LINE,
    OPT_COMMON,
    {NULL, 0, NULL, 0},
};

struct options {
	struct line_options line;
	struct rules_options rules;
	const char *store;
	unsigned jobs;
	enum associate_mode mode;
	bool explain;
};

static struct options
parse_options(int argc, char *argv[])
{
	struct options opt = {.line = line_options_default(), .jobs = jobs_default()};
	int value;

	while ((value = getopt_long(argc, argv, "d:ehj:ks:v", long_options, NULL)) != -1) {
		if (value == 'd')
			value = RULES_INTERNAL_DOMAIN;
		if (rules_option(&opt.rules, value, optarg))
			continue;
		if (value == EXPLAIN)
			opt.explain = opt.line.no_summary = true;
		else if (value == FILL || value == KEEP) {
			if (opt.mode != ASSOCIATE_ANEW)
				opt_misuse("--keep and --fill exclude each other");
			opt.mode = value == FILL ? ASSOCIATE_FILL : ASSOCIATE_KEEP;
		} else if (value == JOBS)
			opt.jobs = (unsigned)opt_number("--jobs", optarg, 1, 64);
		else if (value == STORE)
			opt.store = optarg;
		else
			opt_common(value, help, &opt.line);
	}
	opt_no_arguments(argc, argv);
	opt.store = opt_store(opt.store);
	return opt;
}

struct setup {
	const struct options *opt;
	const struct rules *rules;
	struct warm *warm;
};

/* Lines that are looked up together, unless they are long. */
#define AHEAD_LINES 16
#define AHEAD_BYTES ((size_t)64 * 1024)

struct worker {
	struct store *store;
	struct associate *associate;
	bool explain;
	struct associate_work works[AHEAD_LINES];
};

static void *
worker_open(void *arg, struct err *err)
{
	const struct setup *setup = arg;
	struct store *store = store_open(setup->opt->store, STORE_READ, err);

	if (!store)
		return NULL;
	struct worker *worker = xalloc(sizeof *worker);
	worker->store = store;
	worker->associate = associate_open(store, setup->rules, setup->opt->mode, setup->warm);
	worker->explain = setup->opt->explain;
	return worker;
}

static void
worker_wait(void *arg)
{
	struct worker *worker = arg;

	associate_wait(worker->associate);
}

static void
worker_close(void *arg)
{
	struct worker *worker = arg;

	if (!worker)
		return;
	associate_close(worker->associate);
	store_close(worker->store);
	free(worker);
}

static void
explain(struct line_stream *lines, struct worker *worker, struct associate_work *work)
{
	struct buf text = {0};
	struct err err = {0};

	if (associate_finish(worker->associate, work, &text, &err) != 0)
		line_reject(lines, &work->line, &err);
	else
		line_write(lines, text.text, text.size);
	buf_free(&text);
}

static void
finish(struct line_stream *lines, struct worker *worker, struct associate_work *work)
{
	struct err err = {0};

	if (!work->wanted) {
		if (!worker->explain)
			line_pass(lines, &work->line);
	} else if (worker->explain) {
		explain(lines, worker, work);
	} else if (associate_finish(worker->associate, work, NULL, &err) == 0) {
		line_put(lines, &work->line);
	} else {
		line_reject(lines, &work->line, &err);
	}
}

/* The next line, and those behind it that are there already. */
static size_t
read_ahead(struct line_stream *lines, struct associate_work *works)
{
	size_t n = 0, bytes = 0;

	while (n < AHEAD_LINES && bytes < AHEAD_BYTES &&
	       (n == 0 ? line_next : line_more)(lines, &works[n].line)) {
		const struct line *line = &works[n].line;
		/* what tells a part of an invitation is for store-apply to put together */
		works[n].wanted =
		    (line_is(line, "call") || line_is(line, "email")) && !calls_is_part(line);
		bytes += line->size;
		n++;
	}
	return n;
}

static void
worker_loop(struct line_stream *lines, void *arg)
{
	struct worker *worker = arg;
	size_t n;

	while ((n = read_ahead(lines, worker->works)) > 0) {
		associate_ahead(worker->associate, worker->works, n);
		for (size_t i = 0; i < n && !line_stopped(lines, n - i); i++)
			finish(lines, worker, &worker->works[i]);
	}
}

/* Also if there is not one line to associate: a store that cannot be read is never status 0. */
static int
check_store(const char *path, struct err *err)
{
	if (access(path, F_OK) != 0 && errno == ENOENT)
		return 0;
	struct store *store = store_open(path, STORE_READ, err);
	store_close(store);
	return store ? 0 : -1;
}

int
main(int argc, char *argv[])
{
	diag_init(argv[0]);

	struct options opt = parse_options(argc, argv);
	struct err err = {0};
	struct rules *rules = rules_open(&opt.rules, &err);
	struct line_stream *lines = NULL;

	if (rules && check_store(opt.store, &err) == 0)
		lines = line_open(STDIN_FILENO, "stdin", STDOUT_FILENO, &opt.line, &err);
	struct warm *warm = lines ? warm_open(opt.store, rules, STDIN_FILENO) : NULL;
	struct setup setup = {.opt = &opt, .rules = rules, .warm = warm};
	struct jobs_filter filter = {.open = worker_open,
	    .loop = worker_loop,
	    .wait = worker_wait,
	    .close = worker_close,
	    .arg = &setup};

	jobs_run(lines, &filter, opt.jobs);
	enum status status = line_close(lines, &err);
	warm_close(warm);
	rules_close(rules);
	return (int)status;
}

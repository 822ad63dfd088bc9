/* affected-calls: name the calls and emails whose associations a change of records changes. */
#include "affected.h"
#include "diag.h"
#include "line.h"
#include "opt.h"
#include "rules.h"
#include "store.h"
#include "warm.h"

#include <inttypes.h>
#include <unistd.h>

static const char help[] =
    "usage: affected-calls [options] < changes\n"
    "Write the stored calls and emails whose associations are others since these changes.\n"
    "\n"
    "      --activities           as for associate-call, as are all options that change results\n"
    "      --activity-window=TIME how far an Event may start from the call (5m)\n"
    "      --duplicates=RULE      of several records with one address: oldest-modified (default),\n"
    "                             newest-created, all\n"
    "      --free-mail=FILE       domains that name no company, instead of the built-in list\n"
    "  -d, --internal-domain=D    a domain of our own; repeatable; 'none': none is\n"
    "      --opportunity=RULE     closest-activity (default), priority\n"
    "      --owned-by-organizer   priority: only opportunities that the organizer owns\n"
    "      --rules=FILE           these options as JSON ($SFPIPE_RULES)\n"
    "  -s, --store=FILE           the store ($SFPIPE_STORE)\n" OPT_LINE_HELP OPT_COMMON_HELP;

static const struct option long_options[] = {
    {"activities", no_argument, NULL, RULES_ACTIVITIES},
    {"activity-window", required_argument, NULL, RULES_ACTIVITY_WINDOW},
    {"duplicates", required_argument, NULL, RULES_DUPLICATES},
    {"free-mail", required_argument, NULL, RULES_FREE_MAIL},
    {"internal-domain", required_argument, NULL, RULES_INTERNAL_DOMAIN},
    {"opportunity", required_argument, NULL, RULES_OPPORTUNITY},
    {"owned-by-organizer", no_argument, NULL, RULES_OWNED_BY_ORGANIZER},
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
};

static struct options
parse_options(int argc, char *argv[])
{
	struct options opt = {.line = line_options_default()};
	int value;

	while ((value = getopt_long(argc, argv, "d:hs:v", long_options, NULL)) != -1) {
		if (value == 'd')
			value = RULES_INTERNAL_DOMAIN;
		if (rules_option(&opt.rules, value, optarg))
			continue;
		if (value == 's')
			opt.store = optarg;
		else
			opt_common(value, help, &opt.line);
	}
	opt_no_arguments(argc, argv);
	opt.store = opt_store(opt.store);
	return opt;
}

static void
on_wait(void *affected)
{
	affected_wait(affected);
}

/* The changes up to a consumer's checkpoint are one set; behind it all calls may be named again. */
static void
filter(struct line_stream *lines, struct affected *affected)
{
	struct err err = {0};
	struct line line;

	line_on_wait(lines, on_wait, affected);
	while (line_next(lines, &line)) {
		if (!affected_takes(&line)) {
			if (line_is(&line, "checkpoint"))
				affected_forget(affected);
			line_pass(lines, &line);
		} else if (affected_line(affected, &line, lines, &err) != 0) {
			line_reject(lines, &line, &err);
		}
	}
	line_on_wait(lines, NULL, NULL);
}

static void
say_counts(const struct affected *affected)
{
	struct affected_counts n = affected_counts(affected);

	diag_summary("%" PRIu64 " changes, %" PRIu64 " calls and emails looked at, %" PRIu64
		     " named",
	    n.changes, n.reached, n.named);
}

int
main(int argc, char *argv[])
{
	diag_init(argv[0]);

	struct options opt = parse_options(argc, argv);
	struct err err = {0};
	struct rules *rules = rules_open(&opt.rules, &err);
	struct store *store = rules ? store_open(opt.store, STORE_READ, &err) : NULL;
	struct line_stream *lines =
	    store ? line_open(STDIN_FILENO, "stdin", STDOUT_FILENO, &opt.line, &err) : NULL;

	if (lines) {
		struct warm *warm = warm_open(opt.store, rules, -1);
		struct affected *affected = affected_open(store, rules, warm);
		filter(lines, affected);
		say_counts(affected);
		affected_close(affected);
		warm_close(warm);
	}
	enum status status = line_close(lines, &err);
	store_close(store);
	rules_close(rules);
	return (int)status;
}

/* merge-participants: invitees and attendees of each call -> one list of participants. */
#include "diag.h"
#include "jobs.h"
#include "line.h"
#include "opt.h"
#include "people_line.h"
#include "phone.h"
#include "rules.h"

#include <stddef.h>
#include <unistd.h>

static const char help[] =
    "usage: merge-participants [options] < lines\n"
    "Give each call line one list of participants, made of its invitees and attendees.\n"
    "\n"
    "  -d, --internal-domain=D    a domain of our own; repeatable; 'none': none is\n"
    "  -j, --jobs=N               threads (1)\n"
    "      --region=REGION        two letters, such as US, for phone numbers in national "
    "form\n" RULES_HELP_FILE OPT_LINE_HELP OPT_COMMON_HELP;

struct options {
	struct line_options line;
	struct rules_options rules;
	unsigned jobs;
};

static struct options
parse_options(int argc, char *argv[])
{
	static const struct option table[] = {OPT_COMMON, OPT_LINE,
	    {"internal-domain", required_argument, NULL, 'd'},
	    {"jobs", required_argument, NULL, 'j'},
	    {"region", required_argument, NULL, RULES_REGION},
	    {"rules", required_argument, NULL, RULES_FILE}, {NULL, 0, NULL, 0}};
	struct options options = {.line = line_options_default(), .jobs = 1};
	int value;

	while ((value = getopt_long(argc, argv, "d:hj:v", table, NULL)) != -1) {
		if (value == 'd')
			value = RULES_INTERNAL_DOMAIN;
		if (value == 'j')
			options.jobs = (unsigned)opt_number("--jobs", optarg, 1, 64);
		else if (!rules_option(&options.rules, value, optarg))
			opt_common(value, help, &options.line);
	}
	opt_no_arguments(argc, argv);
	return options;
}

/* The rules are all that a worker needs, and they are read-only. */
static void *
open_worker(void *rules, struct err *err)
{
	(void)err;
	return rules;
}

static void
merge_lines(struct line_stream *lines, void *rules)
{
	struct err err = {0};
	struct line line;

	while (line_next(lines, &line)) {
		if (!line_is(&line, "call"))
			line_pass(lines, &line);
		else if (people_line_merge(&line, rules, &err) == 0)
			line_put(lines, &line);
		else
			line_reject(lines, &line, &err);
	}
}

static void
close_worker(void *rules)
{
	(void)rules;
}

int
main(int argc, char *argv[])
{
	diag_init(argv[0]);

	struct err err = {0};
	struct options options = parse_options(argc, argv);
	struct rules *rules = rules_open(&options.rules, &err);
	struct line_stream *lines = NULL;

	if (rules)
		phone_region_check(rules->region, rules->region_status, &err);
	if (!err.status)
		lines = line_open(STDIN_FILENO, "stdin", STDOUT_FILENO, &options.line, &err);
	struct jobs_filter filter = {
	    .open = open_worker, .loop = merge_lines, .close = close_worker, .arg = rules};
	jobs_run(lines, &filter, options.jobs);
	enum status status = line_close(lines, &err);
	rules_close(rules);
	return (int)status;
}

/* quarantine-email: emails that match nothing are held for a while; what is older is dropped. */
#include "diag.h"
#include "line.h"
#include "opt.h"
#include "quarantine.h"
#include "rfc3339.h"

#include <inttypes.h>
#include <unistd.h>

static const char help[] =
    "usage: quarantine-email [options] < lines\n"
    "Pass emails that are associated with something, drop those that are not and are old, and\n"
    "mark the others as held, until a change of records gives them an association.\n"
    "\n"
    "      --months=N             how old is old (12)\n"
    "      --now=TIME             the clock (RFC 3339)\n" OPT_LINE_HELP OPT_COMMON_HELP;

enum { MONTHS = OPT_OWN, NOW };

struct options {
	struct line_options line;
	unsigned months;
	const char *now;
};

static struct options
parse_options(int argc, char *argv[])
{
	static const struct option table[] = {OPT_COMMON, OPT_LINE,
	    {"months", required_argument, NULL, MONTHS}, {"now", required_argument, NULL, NOW},
	    {NULL, 0, NULL, 0}};
	struct options opt = {.line = line_options_default(), .months = QUARANTINE_MONTHS};
	int value;

	while ((value = getopt_long(argc, argv, "hv", table, NULL)) != -1) {
		if (value == MONTHS)
			opt.months =
			    (unsigned)opt_number("--months", optarg, 0, QUARANTINE_MAX_MONTHS);
		else if (value == NOW)
			opt.now = optarg;
		else
			opt_common(value, help, &opt.line);
	}
	opt_no_arguments(argc, argv);
	return opt;
}

static void
judge_lines(struct line_stream *lines, int64_t since_ms)
{
	uint64_t counts[] = {[QUARANTINE_PASS] = 0, [QUARANTINE_HOLD] = 0, [QUARANTINE_DROP] = 0};
	struct err err = {0};
	struct line line;
	enum quarantine fate;
	char since[RFC3339_SIZE];

	while (line_next(lines, &line)) {
		if (!line_is(&line, "email")) {
			line_pass(lines, &line);
		} else if (quarantine_email(&line, since_ms, &fate, &err) != 0) {
			line_reject(lines, &line, &err);
		} else {
			counts[fate]++;
			if (fate != QUARANTINE_DROP)
				line_put(lines, &line);
		}
	}
	diag_summary("emails: %" PRIu64 " associated, %" PRIu64 " held, %" PRIu64
		     " dropped as they match nothing and are from before %s",
	    counts[QUARANTINE_PASS], counts[QUARANTINE_HOLD], counts[QUARANTINE_DROP],
	    rfc3339_format(since_ms, since));
}

int
main(int argc, char *argv[])
{
	diag_init(argv[0]);

	struct options opt = parse_options(argc, argv);
	struct err err = {0};
	struct line_stream *lines = NULL;
	int64_t now_ms;

	if (rfc3339_option_now(opt.now, &now_ms, &err) == 0 &&
	    (lines = line_open(STDIN_FILENO, "stdin", STDOUT_FILENO, &opt.line, &err)))
		judge_lines(lines, rfc3339_months_before(now_ms, opt.months));
	return (int)line_close(lines, &err);
}

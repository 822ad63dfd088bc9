#include "opt.h"

#include "diag.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void
print_and_exit(const char *text)
{
	bool failed = fputs(text, stdout) < 0;

	if (fflush(stdout) != 0 || failed) {
		diag_say("standard output: %s", strerror(errno));
		exit(ST_IO);
	}
	exit(ST_OK);
}

_Noreturn void
opt_misuse(const char *format, ...)
{
	char message[512], shown[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	diag_say("%s", diag_escape(shown, sizeof shown, message, strlen(message)));
	diag_say("try '%s --help'", diag_tool());
	exit(ST_USAGE);
}

void
opt_common(int value, const char *help, struct line_options *line)
{
	switch (value) {
	case OPT_HELP:
		print_and_exit(help);
	case OPT_VERSION: {
		char text[128];
		snprintf(text, sizeof text, "%s (sfpipe) %s\n", diag_tool(), SFPIPE_VERSION);
		print_and_exit(text);
	}
	case OPT_VERBOSE:
		diag_options(true, diag_json());
		return;
	case OPT_LOG:
		if (strcmp(optarg, "json") != 0)
			opt_misuse("--log takes json, not %s", optarg);
		diag_options(diag_verbose(), true);
		return;
	case OPT_MAX_LINE:
		line->max_line = opt_number("--max-line", optarg, 64, UINT32_MAX);
		return;
	case OPT_REJECTS:
		line->rejects = optarg;
		return;
	case OPT_STRICT:
		line->strict = true;
		return;
	default: /* getopt_long() has said what it did not know */
		diag_say("try '%s --help'", diag_tool());
		exit(ST_USAGE);
	}
}

uint64_t
opt_number(const char *option, const char *text, uint64_t min, uint64_t max)
{
	char *end;

	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || value < min || value > max)
		opt_misuse("%s takes a whole number from %" PRIu64 " to %" PRIu64 ", not '%s'",
		    option, min, max, text);
	return value;
}

int64_t
opt_duration_ms(const char *option, const char *text)
{
	static const char units[] = "smhd";
	static const int64_t factors[] = {1000, 60000, 3600000, 86400000};
	char *end;

	errno = 0;
	unsigned long long value = strtoull(text, &end, 10);
	const char *unit = *end ? strchr(units, *end) : units;
	if (*text < '0' || *text > '9' || errno || !unit || (*end && end[1]) || value > 100000000)
		opt_misuse("%s takes a time such as 90, 10m, 2h or 15d, not '%s'", option, text);
	return (int64_t)value * factors[unit - units];
}

void
opt_no_arguments(int argc, char *argv[])
{
	if (optind < argc)
		opt_misuse("takes no arguments, but got '%s'", argv[optind]);
}

const char *
opt_store(const char *given)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (given && !*given) /* a variable that is not set, say: not the default store */
		opt_misuse("--store takes a file");
	if (!given)
		given = getenv("SFPIPE_STORE");
	if (given && *given)
		return given;
	bool has_state = state && *state;
	if (!has_state && !(home && *home))
		opt_misuse("no --store, and neither SFPIPE_STORE nor HOME is set");
	static char path[4096]; /* for the run, as the environment's is */
	int size = snprintf(path, sizeof path, "%s%s/sfpipe/store.db", has_state ? state : home,
	    has_state ? "" : "/.local/state");
	if (size < 0 || (size_t)size >= sizeof path)
		opt_misuse("the path of the store is too long: give --store");
	return path;
}

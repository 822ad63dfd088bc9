/*
 * opt: the options that tools share, and numbers with bounds.
 *
 * A tool has a getopt_long table of its own, in alphabetical order, with OPT_COMMON in it; it hands
 * what it does not know itself to opt_common(). Only these functions and a tool's parse_options()
 * may exit: 64 for misuse, 0 for --help and --version, 78 for a rules file that cannot be used.
 */
#ifndef SFPIPE_OPT_H
#define SFPIPE_OPT_H

#include "line.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

/* Values of shared options; a tool's own begin at OPT_OWN (or are letters). */
enum {
	OPT_HELP = 'h',
	OPT_VERBOSE = 'v',
	OPT_LOG = 0x100,
	OPT_MAX_LINE,
	OPT_REJECTS,
	OPT_STRICT,
	OPT_VERSION,
	OPT_OWN = 0x200,
};

/* clang-format off */
#define OPT_COMMON \
	{"help", no_argument, NULL, OPT_HELP}, \
	{"log", required_argument, NULL, OPT_LOG}, \
	{"verbose", no_argument, NULL, OPT_VERBOSE}, \
	{"version", no_argument, NULL, OPT_VERSION}
#define OPT_LINE \
	{"max-line", required_argument, NULL, OPT_MAX_LINE}, \
	{"rejects", required_argument, NULL, OPT_REJECTS}, \
	{"strict", no_argument, NULL, OPT_STRICT}

/* The help lines of these, for the end of a tool's own help text. */
#define OPT_COMMON_HELP \
	"  -h, --help                 show this help and exit\n" \
	"      --log=json             messages as NDJSON notices on standard error\n" \
	"  -v, --verbose              say more on standard error\n" \
	"      --version              show the version and exit\n"
#define OPT_LINE_HELP \
	"      --max-line=BYTES       longest line taken (16777216)\n" \
	"      --rejects=FILE         write rejected lines to FILE as they came, or, if it is\n" \
	"                             'inline', reject lines to standard output in their place\n" \
	"      --strict               stop at the first line that is rejected\n"
/* clang-format on */

/* Takes a shared option's value; '?' and anything unknown is misuse. help is the tool's text for
 * OPT_HELP; line may be NULL for a tool that reads no lines. */
void opt_common(int value, const char *help, struct line_options *line);

/* "tool: message", "try 'tool --help'" on stderr; exits with 64. */
void opt_misuse(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* A whole number within bounds, else misuse naming the option. */
uint64_t opt_number(const char *option, const char *text, uint64_t min, uint64_t max);

/* A duration such as 90, 90s, 10m, 2h, 15d in milliseconds, else misuse. */
int64_t opt_duration_ms(const char *option, const char *text);

/* Misuse if arguments are left: a filter takes none. */
void opt_no_arguments(int argc, char *argv[]);

/* --store's value, else $SFPIPE_STORE, else the path under XDG_STATE_HOME (design 1); never freed. */
const char *opt_store(const char *given);

#endif

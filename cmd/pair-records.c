/* pair-records: change lines of both sides -> Salesforce record and local record side by side. */
#include "diag.h"
#include "fieldmap.h"
#include "line.h"
#include "opt.h"
#include "pair.h"
#include "sobject.h"
#include "store.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: pair-records --map=FILE [options] < changes\n"
    "Turn changes of records, on either side, into pairs of Salesforce record and local record.\n"
    "\n"
    "      --accept-switch        take what the map says anew of creation in Salesforce\n"
    "  -m, --map=FILE             which objects and fields are kept in step, as JSON\n"
    "      --only=OBJECT          pairs of this object alone, all others stay pending; repeatable\n"
    "  -s, --store=FILE           the store ($SFPIPE_STORE)\n" OPT_LINE_HELP OPT_COMMON_HELP;

enum { ACCEPT_SWITCH = OPT_OWN, ONLY };

#define MAX_ONLY 100

static const struct option long_options[] = {
    {"accept-switch", no_argument, NULL, ACCEPT_SWITCH},
    {"map", required_argument, NULL, 'm'},
    {"only", required_argument, NULL, ONLY},
    {"store", required_argument, NULL, 's'},
    OPT_LINE,
    OPT_COMMON,
    {NULL, 0, NULL, 0},
};

struct options {
	struct line_options line;
	const char *store;
	const char *map;
	struct pair_options pair;
	const char *only[MAX_ONLY + 1];
};

static struct options
parse_options(int argc, char *argv[])
{
	struct options opt = {.line = line_options_default()};
	int value;

	while ((value = getopt_long(argc, argv, "hm:s:v", long_options, NULL)) != -1) {
		if (value == 'm')
			opt.map = optarg;
		else if (value == 's')
			opt.store = optarg;
		else if (value == ACCEPT_SWITCH)
			opt.pair.accept_switch = true;
		else if (value == ONLY && opt.pair.n_only < MAX_ONLY)
			opt.only[opt.pair.n_only++] = optarg;
		else
			opt_common(value, help, &opt.line);
	}
	opt_no_arguments(argc, argv);
	if (!opt.map)
		opt_misuse("which map? give --map=FILE");
	opt.store = opt_store(opt.store);
	return opt;
}

static void
pair_line(struct line_stream *lines, struct pair *pair, const struct line *line, struct buf *out)
{
	struct err err = {0};

	buf_clear(out);
	if (pair_change(pair, line, out, &err) != 0)
		line_reject(lines, line, &err);
	else if (out->size > 0)
		line_write(lines, out->text, out->size - 1); /* its newline is ours */
}

/* An object that is not mapped has no pairs, but one that there is not is a mistake. */
static void
check_only(const struct options *opt, const struct fieldmap *map, struct err *err)
{
	char shown[64];

	for (size_t i = 0; map && i < opt->pair.n_only; i++)
		if (!fieldmap_object(map, opt->only[i]) && !sobject_find(opt->only[i]))
			err_set(err, ST_USAGE, "--only: no object '%s' is known, nor in the map",
			    diag_escape(shown, sizeof shown, opt->only[i], strlen(opt->only[i])));
}

int
main(int argc, char *argv[])
{
	diag_init(argv[0]);

	struct options opt = parse_options(argc, argv);
	struct err err = {0};
	opt.pair.only = opt.only;
	struct fieldmap *map = fieldmap_open(opt.map, &err);

	check_only(&opt, map, &err);
	struct store *store = map && !err.status ? store_open(opt.store, STORE_READ, &err) : NULL;
	struct pair *pair = store ? pair_open(store, map, &opt.pair, &err) : NULL;
	struct line_stream *lines =
	    pair ? line_open(STDIN_FILENO, "stdin", STDOUT_FILENO, &opt.line, &err) : NULL;
	struct buf out = {0};
	struct line line;

	while (line_next(lines, &line)) {
		if (line_is(&line, "change")) {
			pair_line(lines, pair, &line, &out);
			continue;
		}
		if (line_is(&line, "checkpoint"))
			pair_forget(pair);
		line_pass(lines, &line);
	}
	if (pair && pair_persons(pair) > 0)
		diag_notice("ok", "PERSON_ACCOUNTS", NULL,
		    "%" PRIu64 " person accounts were left out: they are never synced two-way",
		    pair_persons(pair));
	buf_free(&out);
	pair_close(pair);
	store_close(store);
	fieldmap_close(map);
	return (int)line_close(lines, &err);
}

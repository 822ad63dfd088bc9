/* sf-pull: Salesforce -> the records that changed since the watermark, with checkpoints. */
#include "diag.h"
#include "fieldmap.h"
#include "line.h"
#include "opt.h"
#include "pull.h"
#include "pull_audit.h"
#include "pull_count.h"
#include "pull_look.h"
#include "pull_whoami.h"
#include "rfc3339.h"
#include "salesforce.h"
#include "sobject.h"
#include "store.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
	OPT_AUDIT = OPT_OWN,
	OPT_CHECK,
	OPT_FIELDS,
	OPT_MAP,
	OPT_MAX_GONE,
	OPT_MAX_RECORDS,
	OPT_NOW,
	OPT_OVERLAP,
	OPT_RESET,
	OPT_SINCE,
	OPT_SOQL,
	OPT_WHERE,
	OPT_WHOAMI,
};

static const struct option long_options[] = {
    SALESFORCE_OPTIONS,
    OPT_COMMON,
    {"audit", no_argument, NULL, OPT_AUDIT},
    {"check", no_argument, NULL, OPT_CHECK},
    {"dry-run", no_argument, NULL, 'n'},
    {"fields", required_argument, NULL, OPT_FIELDS},
    {"map", required_argument, NULL, OPT_MAP},
    {"max-gone", required_argument, NULL, OPT_MAX_GONE},
    {"max-records", required_argument, NULL, OPT_MAX_RECORDS},
    {"now", required_argument, NULL, OPT_NOW},
    {"overlap", required_argument, NULL, OPT_OVERLAP},
    {"reset", required_argument, NULL, OPT_RESET},
    {"since", required_argument, NULL, OPT_SINCE},
    {"soql", required_argument, NULL, OPT_SOQL},
    {"store", required_argument, NULL, 's'},
    {"where", required_argument, NULL, OPT_WHERE},
    {"whoami", no_argument, NULL, OPT_WHOAMI},
    {NULL, 0, NULL, 0},
};

static const char help[] =
    "usage: sf-pull [options] [OBJECT...]\n"
    "Write the records of Salesforce that changed since the store's watermark, as NDJSON, with\n"
    "checkpoints; all objects that the store keeps, if none is named.\n"
    "\n"
    "      --audit                write what the store holds and Salesforce no longer has, as\n"
    "                             deletions, instead of pulling\n"
    "      --check                compare the numbers of records instead, and say what differs\n"
    "  -n, --dry-run              say what would be read, and the API calls that it costs\n"
    "      --fields=+A,OBJECT:+B  pull these fields too\n"
    "      --fields=A,B           pull these fields alone; no checkpoint\n"
    "      --map=FILE             pull the objects and fields of this map too: sfpipe-map(5)\n"
    "      --max-gone=PERCENT     more of an object than this gone, and more than 50 records, is\n"
    "                             not believed by --audit (20)\n"
    "      --max-records=N        new records an object and run (100000)\n"
    "      --now=TIME             take this for the time it is\n"
    "      --overlap=TIME         read again what is younger, as it may have committed late (10m)\n"
    "      --reset=OBJECT         pull it from the beginning; repeatable\n"
    "      --since=TIME           begin here; no checkpoint if that is later than the watermark\n"
    "      --soql=QUERY           write the rows of this query instead; no checkpoint\n"
    "  -s, --store=FILE           the store with the watermarks ($SFPIPE_STORE)\n"
    "      --where=CONDITION      only records that satisfy this SOQL; no checkpoint\n"
    "      --whoami               say which credentials work, which org and user this is, the\n"
    "                             API calls that are left, and what the user cannot see\n"
    "\n" SALESFORCE_HELP OPT_COMMON_HELP;

struct options {
	struct pull_options pull;
	struct salesforce_options salesforce;
	struct line_options line;
	const char *store, *now, *map;
	bool dry_run, whoami, audit, check;
	unsigned max_gone;
};

static const struct sobject *
object_named(const char *option, const char *name)
{
	const struct sobject *sobject = sobject_find(name);

	if (!sobject)
		opt_misuse("%s%sno object '%s' is known: --soql reads any", option,
		    *option ? ": " : "", name);
	return sobject;
}

static void
add_object(struct pull_options *pull, const struct sobject *sobject)
{
	for (size_t i = 0; i < pull->n_objects; i++)
		if (pull->objects[i] == sobject)
			return;
	if (pull->n_objects == PULL_MAX_OBJECTS)
		opt_misuse("more than %d objects", PULL_MAX_OBJECTS);
	pull->objects[pull->n_objects++] = sobject;
}

static void
add_reset(struct pull_options *pull, const char *name)
{
	if (pull->n_reset == PULL_MAX_OBJECTS)
		opt_misuse("--reset: more than %d objects", PULL_MAX_OBJECTS);
	pull->reset[pull->n_reset++] = object_named("--reset", name)->name;
}

static void
set_since(struct pull_options *pull, const char *text)
{
	if (rfc3339_parse(text, strlen(text), &pull->since_ms) != 0 &&
	    rfc3339_parse_date(text, strlen(text), &pull->since_ms) != 0)
		opt_misuse("--since takes a time such as 2026-11-20T15:00:00Z, not '%s'", text);
	pull->has_since = true;
}

static void
take_option(struct options *opt, int value)
{
	switch (value) {
	case 'n':
		opt->dry_run = true;
		break;
	case OPT_AUDIT:
		opt->audit = true;
		break;
	case OPT_CHECK:
		opt->check = true;
		break;
	case OPT_MAP:
		opt->map = optarg;
		break;
	case OPT_MAX_GONE:
		opt->max_gone = (unsigned)opt_number("--max-gone", optarg, 0, 100);
		break;
	case OPT_FIELDS:
		opt->pull.fields = optarg;
		break;
	case OPT_MAX_RECORDS:
		opt->pull.max_rows = opt_number("--max-records", optarg, 1, UINT64_MAX / 2);
		break;
	case OPT_NOW:
		opt->now = optarg;
		break;
	case OPT_OVERLAP:
		opt->pull.overlap_ms = opt_duration_ms("--overlap", optarg);
		break;
	case OPT_RESET:
		add_reset(&opt->pull, optarg);
		break;
	case OPT_SINCE:
		set_since(&opt->pull, optarg);
		break;
	case OPT_SOQL:
		opt->pull.soql = optarg;
		break;
	case 's':
		opt->store = optarg;
		break;
	case OPT_WHERE:
		opt->pull.where = optarg;
		break;
	case OPT_WHOAMI:
		opt->whoami = true;
		break;
	default:
		if (!salesforce_option(&opt->salesforce, value, optarg))
			opt_common(value, help, &opt->line);
	}
}

static void
take_objects(struct options *opt, int argc, char *argv[])
{
	for (; optind < argc; optind++) {
		const struct sobject *sobject = object_named("", argv[optind]);
		if (opt->audit && !sobject->keeps_deleted)
			opt_misuse("--audit: Salesforce deletes no %s", sobject->name);
		add_object(&opt->pull, sobject);
		opt->pull.named = true;
	}
	for (size_t i = 0; i < n_sobjects && !opt->pull.named; i++)
		if (sobjects[i].by_default && (!opt->audit || sobjects[i].keeps_deleted))
			add_object(&opt->pull, &sobjects[i]);
}

static struct options
parse_options(int argc, char *argv[])
{
	struct options opt = {.line = line_options_default(),
	    .salesforce = salesforce_options_default(),
	    .pull = {.max_rows = 100000, .overlap_ms = 600000},
	    .max_gone = 20};
	struct err err = {0};
	int value;

	while ((value = getopt_long(argc, argv, "hns:v", long_options, NULL)) != -1)
		take_option(&opt, value);
	take_objects(&opt, argc, argv);
	bool narrowed = opt.pull.where || opt.pull.fields || opt.pull.has_since;
	if (opt.pull.soql && (opt.pull.named || narrowed || opt.pull.n_reset > 0))
		opt_misuse("--soql goes with no objects, --fields, --reset, --since or --where");
	if (opt.audit + opt.check + opt.whoami + (opt.pull.soql != NULL) > 1)
		opt_misuse("--audit, --check, --soql and --whoami are one at a time");
	if ((opt.audit || opt.check) && (narrowed || opt.pull.n_reset > 0))
		opt_misuse("--audit and --check go with no --fields, --reset, --since or --where");
	if (rfc3339_option_now(opt.now, &opt.pull.now_ms, &err) != 0)
		opt_misuse("%s", err.text);
	opt.store = opt_store(opt.store);
	return opt;
}

/* Unless objects are named, those of the map are pulled too. */
static struct fieldmap *
add_map(struct options *opt, struct err *err)
{
	struct fieldmap *map = opt->map ? fieldmap_open(opt->map, err) : NULL;

	opt->pull.map = map;
	for (size_t i = 0; map && i < map->n_objects && !opt->pull.named; i++)
		add_object(&opt->pull, sobject_find(map->objects[i].name));
	return map;
}

static int
run(struct options *opt, struct salesforce *sf, struct line_stream *lines, struct err *err)
{
	struct store *store;
	int got;

	if (!(store = store_open(opt->store, STORE_READ, err)))
		return -1;
	opt->pull.org = salesforce_org(sf, err);
	if (!opt->pull.org || pull_check_org(opt->pull.org, store, err) != 0)
		got = -1;
	else if (opt->audit && opt->dry_run)
		got = pull_audit_plan(store, lines, &opt->pull, err);
	else if (opt->audit)
		got = pull_audit(sf, store, lines, &opt->pull, opt->max_gone, err);
	else if (opt->check)
		got = pull_count(sf, store, lines, &opt->pull, err);
	else if (opt->dry_run)
		got = pull_plan(sf, store, lines, &opt->pull, err);
	else if (opt->pull.soql)
		got = pull_soql(sf, lines, &opt->pull, err);
	else
		got = pull_run(sf, store, lines, &opt->pull, err);
	store_close(store);
	return got;
}

int
main(int argc, char *argv[])
{
	diag_init(argv[0]);

	struct err err = {0};
	struct options opt = parse_options(argc, argv);
	struct line_stream *lines = line_open(-1, "", STDOUT_FILENO, &opt.line, &err);
	struct fieldmap *map = add_map(&opt, &err);
	struct salesforce *sf = NULL;

	if (opt.whoami && !err.status)
		pull_whoami(&opt.salesforce, lines, &opt.pull, &err);
	else if (!err.status && (sf = salesforce_open(&opt.salesforce, &err)))
		run(&opt, sf, lines, &err);
	salesforce_close(sf);
	fieldmap_close(map);
	return (int)line_close(lines, &err);
}

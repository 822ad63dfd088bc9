/* resolve-conflicts: pairs -> the plan: ops for either side, each field with the rule that decided it. */
#include "described.h"
#include "diag.h"
#include "fieldmap.h"
#include "line.h"
#include "opt.h"
#include "plan_explain.h"
#include "plan_limits.h"
#include "plan_op.h"
#include "plan_pair.h"
#include "rfc3339.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_TAKEN 64

static const char help[] =
    "usage: resolve-conflicts --map=FILE [options] < pairs\n"
    "Decide each field of pairs by the rules of the map. Writes the ops for either side, once the\n"
    "whole input is read and no safety limit is exceeded; else nothing.\n"
    "\n"
    "      --check-map            check the map, also against the org as far as the store knows "
    "it,\n"
    "                             and say what it holds; no input is read\n"
    "  -e, --explain              write the reasoning as text instead of lines\n"
    "      --field=NAME           --take is for this field alone; repeatable\n"
    "  -m, --map=FILE             the map: sfpipe-map(5)\n"
    "      --max-create=N         refuse a plan that creates more, on either side (no limit)\n"
    "      --max-delete=N         refuse a plan that deletes more (0)\n"
    "      --max-share=PERCENT    refuse a plan that updates more of an object's linked records,\n"
    "                             and more than 50 (20)\n"
    "      --max-update=N         refuse a plan that updates more, on either side (no limit)\n"
    "      --now=TIME             take this for the time it is\n"
    "  -s, --store=FILE           the store, for --check-map ($SFPIPE_STORE)\n"
    "      --take=SIDE            end conflicts that are held: salesforce's or local's value is\n"
    "                             taken\n" OPT_LINE_HELP OPT_COMMON_HELP;

enum {
	CHECK_MAP = OPT_OWN,
	FIELD,
	MAX_CREATE,
	MAX_DELETE,
	MAX_SHARE,
	MAX_UPDATE,
	NOW,
	TAKE,
};

static const struct option long_options[] = {
    {"check-map", no_argument, NULL, CHECK_MAP},
    {"explain", no_argument, NULL, 'e'},
    {"field", required_argument, NULL, FIELD},
    {"map", required_argument, NULL, 'm'},
    {"max-create", required_argument, NULL, MAX_CREATE},
    {"max-delete", required_argument, NULL, MAX_DELETE},
    {"max-share", required_argument, NULL, MAX_SHARE},
    {"max-update", required_argument, NULL, MAX_UPDATE},
    {"now", required_argument, NULL, NOW},
    {"store", required_argument, NULL, 's'},
    {"take", required_argument, NULL, TAKE},
    OPT_LINE,
    OPT_COMMON,
    {NULL, 0, NULL, 0},
};

struct options {
	struct line_options line;
	struct plan_limits limits;
	const char *map, *now, *store, *take;
	const char *fields[MAX_TAKEN + 1];
	size_t n_fields;
	bool check_map, explain;
};

static void
take_option(struct options *opt, int value)
{
	switch (value) {
	case CHECK_MAP:
		opt->check_map = true;
		break;
	case 'e':
		opt->explain = opt->line.no_summary = true;
		break;
	case FIELD:
		if (opt->n_fields == MAX_TAKEN)
			opt_misuse("more than %d --field", MAX_TAKEN);
		opt->fields[opt->n_fields++] = optarg;
		break;
	case 'm':
		opt->map = optarg;
		break;
	case MAX_CREATE:
		opt->limits.max_create = opt_number("--max-create", optarg, 0, UINT64_MAX - 1);
		break;
	case MAX_DELETE:
		opt->limits.max_delete = opt_number("--max-delete", optarg, 0, UINT64_MAX - 1);
		break;
	case MAX_SHARE:
		opt->limits.max_share = opt_number("--max-share", optarg, 0, 100);
		break;
	case MAX_UPDATE:
		opt->limits.max_update = opt_number("--max-update", optarg, 0, UINT64_MAX - 1);
		break;
	case NOW:
		opt->now = optarg;
		break;
	case 's':
		opt->store = optarg;
		break;
	case TAKE:
		opt->take = optarg;
		break;
	default:
		opt_common(value, help, &opt->line);
	}
}

static struct options
parse_options(int argc, char *argv[])
{
	struct options opt = {.line = line_options_default(),
	    .limits = {.max_create = UINT64_MAX, .max_update = UINT64_MAX, .max_share = 20}};
	int value;

	while ((value = getopt_long(argc, argv, "ehm:s:v", long_options, NULL)) != -1)
		take_option(&opt, value);
	opt_no_arguments(argc, argv);
	if (!opt.map)
		opt_misuse("--map is needed: which fields, and by what rules");
	if (opt.check_map)
		opt.store = opt_store(opt.store);
	if (opt.take && strcmp(opt.take, "salesforce") != 0 && strcmp(opt.take, "local") != 0)
		opt_misuse("--take takes salesforce or local, not '%s'", opt.take);
	if (opt.n_fields > 0 && !opt.take)
		opt_misuse("--field goes with --take");
	return opt;
}

/* The map against the org, as far as the store knows that; then what it holds, an object a line. */
static void
check_map(const struct fieldmap *map, const char *path, struct err *err)
{
	struct store *store = store_open(path, STORE_READ, err);
	int good = store ? described_check(store, map, err) : -1;

	store_close(store);
	if (good != 0)
		return;
	for (size_t i = 0; i < map->n_objects; i++) {
		const struct fieldmap_object *object = &map->objects[i];
		printf("%s: local %s, %s, %zu fields, conflict %s, limit %" PRIu64 "%s%s\n",
		    object->name, object->local, fieldmap_direction_names[object->direction],
		    object->n_fields, fieldmap_conflict_names[object->conflict], object->limit,
		    object->create.local ? ", created locally" : "",
		    object->create.salesforce ? ", created in Salesforce" : "");
	}
}

static void
put(struct line_stream *lines, const struct buf *line)
{
	if (line->size > 0)
		line_write(lines, line->text, line->size);
}

/* The lines of a pair: the op for Salesforce, the one for the local side, what is held. */
static void
write_plan(struct line_stream *lines, const struct plan *plan, const char *result)
{
	struct buf line = {0};

	for (int side = 0; side < PLAN_SIDES; side++) {
		buf_clear(&line);
		plan_put_op(plan, (enum plan_side)side, result, &line);
		put(lines, &line);
	}
	buf_clear(&line);
	if (plan->settles && !plan->writes[PLAN_SALESFORCE] && !plan->writes[PLAN_LOCAL]) {
		plan_put_none(plan, &line);
		put(lines, &line);
	}
	buf_clear(&line);
	plan_put_conflict(plan, &line);
	put(lines, &line);
	buf_free(&line);
}

static void
resolve(struct line_stream *lines, const struct line *line, const struct plan_run *run,
    struct options *opt)
{
	struct plan plan;
	struct err err = {0};
	struct buf text = {0};

	if (plan_pair(run, line, &plan, &err) != 0) {
		line_reject(lines, line, &err);
		return;
	}
	const char *result = plan_limits_take(&opt->limits, &plan);
	if (opt->explain) {
		plan_explain(&plan, result, &text);
		line_write(lines, text.text, text.size - 1); /* less its newline */
	} else if (!plan.nothing) {
		write_plan(lines, &plan, result);
	}
	buf_free(&text);
}

static void
run_lines(struct line_stream *lines, struct plan_run *run, struct options *opt, struct err *err)
{
	struct line line;

	while (line_next(lines, &line)) {
		if (line_is(&line, "pair")) {
			resolve(lines, &line, run, opt);
			continue;
		}
		struct err bad = {0};
		if (line_is(&line, "op"))
			plan_limits_take_op(&opt->limits, &line);
		if ((line_is(&line, "map") || line_is(&line, "org")) &&
		    plan_run_take(run, &line, &bad) != 0)
			line_reject(lines, &line, &bad);
		else if (!opt->explain)
			line_pass(lines, &line);
	}
	if (!opt->explain)
		plan_limits_check(&opt->limits, run, err);
}

int
main(int argc, char *argv[])
{
	diag_init(argv[0]);

	struct options opt = parse_options(argc, argv);
	struct err err = {0};
	int64_t now_ms = 0;
	int now = rfc3339_option_now(opt.now, &now_ms, &err);
	struct fieldmap *map = now == 0 ? fieldmap_open(opt.map, &err) : NULL;
	struct plan_run *run = map ? plan_run_open(map, now_ms) : NULL;
	bool reads = run && !opt.check_map;
	struct line_stream *lines =
	    run ? line_open(reads ? STDIN_FILENO : -1, "stdin", STDOUT_FILENO, &opt.line, &err)
		: NULL;

	if (run && opt.take)
		run->sides = (struct conflict_sides){
		    .take = true, .taken = *opt.take == 'l' ? FIELDMAP_LOCAL : FIELDMAP_SALESFORCE};
	if (run && opt.n_fields > 0)
		run->take_fields = opt.fields;
	if (lines && opt.check_map)
		check_map(map, opt.store, &err);
	else if (lines && (opt.explain || line_hold(lines, &err) == 0))
		run_lines(lines, run, &opt, &err);
	plan_run_close(run);
	int status = (int)line_close(lines, &err);
	fieldmap_close(map);
	return status;
}

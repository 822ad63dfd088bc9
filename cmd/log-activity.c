/* log-activity: turn calls into the ops that log each as one Task in Salesforce. */
#include "diag.h"
#include "line.h"
#include "opt.h"
#include "rfc3339.h"
#include "store.h"
#include "task.h"

#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: log-activity [options] < lines\n"
    "Turn calls, or changes of calls, into ops that log each call as one Task in Salesforce.\n"
    "\n"
    "      --now=TIME             the clock (RFC 3339): what starts later is not logged yet\n"
    "  -s, --store=FILE           the store ($SFPIPE_STORE)\n" OPT_LINE_HELP OPT_COMMON_HELP;

enum { NOW = OPT_OWN };

static const struct option long_options[] = {
    {"now", required_argument, NULL, NOW},
    {"store", required_argument, NULL, 's'},
    OPT_LINE,
    OPT_COMMON,
    {NULL, 0, NULL, 0},
};

struct options {
	struct line_options line;
	const char *store;
	const char *now;
};

static struct options
parse_options(int argc, char *argv[])
{
	struct options opt = {.line = line_options_default()};
	int value;

	while ((value = getopt_long(argc, argv, "hs:v", long_options, NULL)) != -1) {
		if (value == 's')
			opt.store = optarg;
		else if (value == NOW)
			opt.now = optarg;
		else
			opt_common(value, help, &opt.line);
	}
	opt_no_arguments(argc, argv);
	opt.store = opt_store(opt.store);
	return opt;
}

/* The stored call that a change names. 1, 0 if it names none, -1 err. */
static int
changed_call(struct store *store, const struct line *line, struct json *call, struct err *err)
{
	static const char sql[] = "SELECT line FROM call WHERE id = ?1";
	const char *id = line_string(line, "id");
	size_t size;

	if (!id || !json_is(line_get(line, "side"), "calls") ||
	    !json_is(line_get(line, "object"), "call"))
		return 0;
	struct store_query *query = store_query(store, sql, err);
	if (!query)
		return -1;
	store_bind(query, 1, id);
	int step = store_step(query, err);
	if (step == 1) {
		const char *stored = store_text(query, 0, &size);
		const char *text = arena_dup(line->arena, stored, size);
		if (json_check(text, size, line->arena, call, err) != 0)
			step = -1;
	}
	store_reset(query);
	return step;
}

static void
write_ops(struct line_stream *lines, const char *ops)
{
	for (size_t size; *ops; ops += size + (ops[size] == '\n')) {
		size = strcspn(ops, "\n");
		line_write(lines, ops, size);
	}
}

/* What is to be done, or nothing, in the place of a call or of a change. */
static void
log_line(struct line_stream *lines, struct store *store, int64_t now_ms, const struct line *line)
{
	struct json call = line->object;
	struct buf op = {0};
	struct err err = {0};
	int made = line_is(line, "change") ? changed_call(store, line, &call, &err) : 1;

	if (made == 1)
		made = task_op(store, call, now_ms, line->arena, &op, &err);
	if (made < 0)
		line_reject(lines, line, &err);
	else if (made == 1)
		write_ops(lines, op.text);
	buf_free(&op);
}

int
main(int argc, char *argv[])
{
	diag_init(argv[0]);

	struct options opt = parse_options(argc, argv);
	struct err err = {0};
	int64_t now_ms = 0;
	int now = rfc3339_option_now(opt.now, &now_ms, &err);
	struct store *store = now == 0 ? store_open(opt.store, STORE_READ, &err) : NULL;
	struct line_stream *lines =
	    store ? line_open(STDIN_FILENO, "stdin", STDOUT_FILENO, &opt.line, &err) : NULL;
	struct line line;

	while (line_next(lines, &line)) {
		if (line_is(&line, "call") || line_is(&line, "change"))
			log_line(lines, store, now_ms, &line);
		else
			line_pass(lines, &line);
	}
	store_close(store);
	return (int)line_close(lines, &err);
}

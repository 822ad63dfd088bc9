/* store-query: read the store: records, calls, what changed, how it stands. */
#include "calls_find.h"
#include "diag.h"
#include "line.h"
#include "mirror_find.h"
#include "mirror_state.h"
#include "opt.h"
#include "phone.h"
#include "queue_op.h"
#include "queue_pending.h"
#include "queue_status.h"
#include "rfc3339.h"
#include "rules.h"
#include "settle_list.h"
#include "store.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: store-query [options] COMMAND [ARGUMENT]\n"
    "Read the store.\n"
    "\n"
    "  record OBJECT              records, as they came: --id, --email, --domain, --phone,\n"
    "                             --name, --deleted\n"
    "  calls, emails              as they are stored: --id, --account, --contact, --lead,\n"
    "                             --opportunity, --participant, --since\n"
    "  changes --consumer=NAME    what it has still to hear of, and its checkpoint: --all\n"
    "  changes --since=SEQ        a look at the changes behind SEQ\n"
    "  conflicts                  fields that both sides changed, and that are held\n"
    "  links                      which records are one, and which were\n"
    "  ops                        results of ops: --failed\n"
    "  ops --consumer=app         what an importer has still to write, and its checkpoint\n"
    "  rejects                    lines that were rejected\n"
    "  status                     how the store stands: --brief, --json, --max-age\n"
    "  copy FILE                  make a consistent copy\n"
    "\n"
    "      --account=ID           associated with this account\n"
    "      --all                  as if the consumer had never asked\n"
    "      --brief                only what was pulled when: nothing is counted\n"
    "      --consumer=NAME        calls, sync, activity, app, or one that was added\n"
    "      --contact=ID           associated with this contact\n"
    "      --deleted              deleted records too\n"
    "      --domain=DOMAIN        with an email of this domain\n"
    "      --email=EMAIL          with this email\n"
    "      --emails               emails too, behind the calls\n"
    "      --failed               only those that failed\n"
    "      --id=ID                of this Id\n"
    "      --json                 the status as a line\n"
    "      --lead=ID              associated with this lead\n"
    "      --max-age=TIME         end with 69 if an object was pulled longer ago\n"
    "      --name=NAME            of this name, whatever its case and accents\n"
    "      --now=TIME             the clock (RFC 3339)\n"
    "      --opportunity=ID       associated with this opportunity\n"
    "      --participant=WHO      with this email, phone number or domain\n"
    "      --phone=NUMBER         with this phone number\n"
    "      --region=RR            of phone numbers in national form, such as US\n" RULES_HELP_FILE
    "      --since=TIME           calls that start then or later; changes behind this number\n"
    "  -s, --store=FILE           the store ($SFPIPE_STORE)\n" OPT_COMMON_HELP;

/* clang-format off */
enum {
	ACCOUNT = OPT_OWN, ALL, BRIEF, CONSUMER, CONTACT, DELETED, DOMAIN_OF, EMAIL, EMAILS, FAILED, ID,
	JSON, LEAD, MAX_AGE, NAME, NOW, OPPORTUNITY, PARTICIPANT, PHONE, SINCE,
};
/* clang-format on */

static const struct option long_options[] = {
    {"account", required_argument, NULL, ACCOUNT},
    {"all", no_argument, NULL, ALL},
    {"brief", no_argument, NULL, BRIEF},
    {"consumer", required_argument, NULL, CONSUMER},
    {"contact", required_argument, NULL, CONTACT},
    {"deleted", no_argument, NULL, DELETED},
    {"domain", required_argument, NULL, DOMAIN_OF},
    {"email", required_argument, NULL, EMAIL},
    {"emails", no_argument, NULL, EMAILS},
    {"failed", no_argument, NULL, FAILED},
    {"id", required_argument, NULL, ID},
    {"json", no_argument, NULL, JSON},
    {"lead", required_argument, NULL, LEAD},
    {"max-age", required_argument, NULL, MAX_AGE},
    {"name", required_argument, NULL, NAME},
    {"now", required_argument, NULL, NOW},
    {"opportunity", required_argument, NULL, OPPORTUNITY},
    {"participant", required_argument, NULL, PARTICIPANT},
    {"phone", required_argument, NULL, PHONE},
    {"region", required_argument, NULL, RULES_REGION},
    {"rules", required_argument, NULL, RULES_FILE},
    {"since", required_argument, NULL, SINCE},
    {"store", required_argument, NULL, 's'},
    OPT_COMMON,
    {NULL, 0, NULL, 0},
};

#define N_GIVEN (SINCE - ACCOUNT + 1)
#define SET(option) (UINT32_C(1) << ((option)-ACCOUNT))
#define OF_CALLS                                                                                   \
	(SET(ID) | SET(ACCOUNT) | SET(CONTACT) | SET(LEAD) | SET(OPPORTUNITY) | SET(PARTICIPANT) | \
	    SET(SINCE))

struct options {
	const char *given[N_GIVEN]; /* of each option of our own; "" for one without an argument */
	struct rules_options rules;
	const char *store;
	const struct command *command;
	const char *argument; /* the command's, or NULL */
};

struct query {
	const struct options *opt;
	struct rules *rules;
	struct store *store;
	struct line_stream *out;
};

struct command {
	const char *name;
	const char *argument; /* what it takes, or NULL */
	uint32_t options;
	int (*run)(const struct query *query, struct err *err);
};

static const char *
given(const struct query *query, int option)
{
	return query->opt->given[option - ACCOUNT];
}

static int
run_record(const struct query *query, struct err *err)
{
	struct mirror_find find = {.id = given(query, ID),
	    .email = given(query, EMAIL),
	    .domain = given(query, DOMAIN_OF),
	    .phone = given(query, PHONE),
	    .name = given(query, NAME),
	    .region = query->rules->region,
	    .deleted = given(query, DELETED) != NULL};

	return mirror_find(query->store, query->opt->argument, &find, query->out, err);
}

static int
run_calls(const struct query *query, struct err *err)
{
	struct calls_find find = {.id = given(query, ID),
	    .account = given(query, ACCOUNT),
	    .contact = given(query, CONTACT),
	    .lead = given(query, LEAD),
	    .opportunity = given(query, OPPORTUNITY),
	    .participant = given(query, PARTICIPANT),
	    .since = given(query, SINCE),
	    .region = query->rules->region};
	bool emails = strcmp(query->opt->command->name, "emails") == 0;
	int status = calls_find(query->store, emails, &find, query->out, err);

	if (status == 0 && given(query, EMAILS))
		status = calls_find(query->store, true, &find, query->out, err);
	return status;
}

static int
run_changes(const struct query *query, struct err *err)
{
	const char *consumer = given(query, CONSUMER), *since = given(query, SINCE);

	if (!consumer == !since)
		return err_set(err, ST_USAGE, "changes takes --consumer=NAME or --since=SEQ");
	if (consumer)
		return pending_write(
		    query->store, consumer, given(query, ALL) != NULL, query->out, err);
	return pending_look(
	    query->store, (int64_t)opt_number("--since", since, 0, INT64_MAX), query->out, err);
}

static int
run_kept(const struct query *query, struct err *err)
{
	const char *name = query->opt->command->name, *consumer = given(query, CONSUMER);

	if (strcmp(name, "rejects") == 0)
		return mirror_reject_list(query->store, query->out, err);
	if (strcmp(name, "links") == 0)
		return settle_list_links(query->store, query->out, err);
	if (strcmp(name, "conflicts") == 0)
		return settle_list_conflicts(query->store, query->out, err);
	if (consumer && given(query, FAILED))
		return err_set(err, ST_USAGE, "ops takes --consumer=NAME or --failed");
	if (consumer)
		return settle_list_ops(query->store, consumer, query->out, err);
	return queue_op_list(query->store, given(query, FAILED) != NULL, query->out, err);
}

/* The status is printed also if something is too old. */
static int
run_status(const struct query *query, struct err *err)
{
	const char *max_age = given(query, MAX_AGE);
	struct buf text = {0};
	int64_t now_ms;

	if (rfc3339_option_now(given(query, NOW), &now_ms, err) != 0)
		return -1;
	int status = status_write(query->store, now_ms, given(query, JSON) != NULL,
	    given(query, BRIEF) != NULL, &text, err);
	if (status == 0 && text.size > 0)
		line_write(query->out, text.text, text.size - 1);
	buf_free(&text);
	if (status == 0 && max_age)
		status =
		    status_check(query->store, now_ms, opt_duration_ms("--max-age", max_age), err);
	return status;
}

static int
run_copy(const struct query *query, struct err *err)
{
	return store_copy(query->store, query->opt->argument, err);
}

static const struct command commands[] = {
    {"calls", NULL, OF_CALLS | SET(EMAILS), run_calls},
    {"changes", NULL, SET(ALL) | SET(CONSUMER) | SET(SINCE), run_changes},
    {"conflicts", NULL, 0, run_kept},
    {"copy", "a file", 0, run_copy},
    {"emails", NULL, OF_CALLS, run_calls},
    {"links", NULL, 0, run_kept},
    {"ops", NULL, SET(CONSUMER) | SET(FAILED), run_kept},
    {"record", "an object",
	SET(DELETED) | SET(DOMAIN_OF) | SET(EMAIL) | SET(ID) | SET(NAME) | SET(PHONE), run_record},
    {"rejects", NULL, 0, run_kept},
    {"status", NULL, SET(BRIEF) | SET(JSON) | SET(MAX_AGE) | SET(NOW), run_status},
};

static const struct command *
find_command(const char *name)
{
	char known[128] = "";

	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		if (name && strcmp(commands[i].name, name) == 0)
			return &commands[i];
		snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", i ? ", " : "",
		    commands[i].name);
	}
	if (name)
		opt_misuse("no command '%s'; there are %s", name, known);
	opt_misuse("which command? there are %s", known);
}

/* An option that says nothing to the command is a mistake, not a wish to be passed over. */
static void
check_options(const struct options *opt)
{
	for (const struct option *o = long_options; o->name; o++) {
		int i = o->val - ACCOUNT;
		if (i >= 0 && i < N_GIVEN && opt->given[i] &&
		    !(opt->command->options & UINT32_C(1) << i))
			opt_misuse("%s takes no --%s", opt->command->name, o->name);
	}
}

static struct options
parse_options(int argc, char *argv[])
{
	struct options opt = {0};
	int value;

	while ((value = getopt_long(argc, argv, "hs:v", long_options, NULL)) != -1) {
		if (value == 's')
			opt.store = optarg;
		else if (value >= ACCOUNT && value <= SINCE)
			opt.given[value - ACCOUNT] = optarg ? optarg : "";
		else if (!rules_option(&opt.rules, value, optarg))
			opt_common(value, help, NULL);
	}
	opt.command = find_command(argv[optind]);
	if (argv[optind])
		optind++;
	if (opt.command->argument) {
		opt.argument = argv[optind];
		if (!opt.argument)
			opt_misuse("%s takes %s", opt.command->name, opt.command->argument);
		optind++;
	}
	if (optind < argc)
		opt_misuse("%s: '%s' is too much", opt.command->name, argv[optind]);
	check_options(&opt);
	opt.store = opt_store(opt.store);
	return opt;
}

int
main(int argc, char *argv[])
{
	diag_init(argv[0]);

	struct options opt = parse_options(argc, argv);
	struct line_options line = line_options_default();
	struct err err = {0};
	struct query query = {.opt = &opt, .rules = rules_open(&opt.rules, &err)};

	query.out = line_open(-1, "", STDOUT_FILENO, &line, &err);
	if (query.rules &&
	    phone_region_check(query.rules->region, query.rules->region_status, &err) == 0)
		query.store = store_open(opt.store, STORE_READ, &err);
	if (query.store)
		opt.command->run(&query, &err);
	enum status status = line_close(query.out, &err);
	store_close(query.store);
	rules_close(query.rules);
	return (int)status;
}

/*
 * rules: the options that change results, from the command line over --rules FILE or $SFPIPE_RULES
 * (design 1), so that a call gets the same answer live, in batch and by hand.
 *
 * The file is one JSON object whose members are the long options' names with _ for -:
 *   {"internal_domains":["us.example"],"region":"US","free_mail":"freemail.txt",
 *    "duplicates":"oldest-modified","opportunity":"priority","owned_by_organizer":true,
 *    "activities":true,"activity_window":300}
 * A relative free_mail is relative to the rules file. An unknown member is an error.
 *
 * Owner:   rules_close() frees all; strings live as long.
 * Errors:  ST_CONFIG, naming file and line.
 * Threads: read-only once opened: any number of threads.
 */
#ifndef SFPIPE_RULES_H
#define SFPIPE_RULES_H

#include "diag.h"
#include "email.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RULES_MAX_DOMAINS 64 /* on a command line */

enum duplicates { DUPLICATES_OLDEST_MODIFIED, DUPLICATES_NEWEST_CREATED, DUPLICATES_ALL };
enum opportunity_choice { OPPORTUNITY_CLOSEST_ACTIVITY, OPPORTUNITY_PRIORITY };

struct rules {
	char **internal_domains; /* normal form, NULL-terminated */
	size_t n_internal_domains;
	bool internal_given; /* --internal-domain was given, if only as none */
	char *region;        /* for national phone numbers, or NULL; see phone_region_check() */
	enum status region_status; /* if there is no such region */
	enum duplicates duplicates;
	enum opportunity_choice opportunity;
	bool owned_by_organizer;
	bool activities;
	int64_t activity_window_ms;
	struct freemail *freemail;
};

/* What was given on the command line, while options are read; zero-initialize. */
struct rules_options {
	const char *file;
	const char *internal_domains[RULES_MAX_DOMAINS];
	size_t n_internal_domains;
	const char *region, *free_mail, *duplicates, *opportunity;
	int owned_by_organizer, activities; /* 1 given */
	const char *activity_window;
};

/* Values for the options of struct rules_options; a tool lists in its table those that it uses. */
enum {
	RULES_ACTIVITIES = 0x180,
	RULES_ACTIVITY_WINDOW,
	RULES_DUPLICATES,
	RULES_FREE_MAIL,
	RULES_INTERNAL_DOMAIN,
	RULES_OPPORTUNITY,
	RULES_OWNED_BY_ORGANIZER,
	RULES_REGION,
	RULES_FILE,
};

/* Takes one of those values with its argument; false if it is none of them. */
/* clang-format off */
#define RULES_HELP_FILE \
	"      --rules=FILE           options that change results, as JSON ($SFPIPE_RULES)\n"
/* clang-format on */
bool rules_option(struct rules_options *given, int value, const char *argument);

/* NULL with err set (ST_USAGE for a bad option, ST_CONFIG for a bad file). */
struct rules *rules_open(const struct rules_options *given, struct err *err);
void rules_close(struct rules *rules);

/* Whether a domain (normal form) is one of --internal-domain. */
bool rules_internal(const struct rules *rules, const char *domain);

#endif

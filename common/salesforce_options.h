/*
 * salesforce_options: the options that the tools which talk to Salesforce share.
 *
 * Errors:  none: misuse exits, as in opt.h.
 */
#ifndef SFPIPE_SALESFORCE_OPTIONS_H
#define SFPIPE_SALESFORCE_OPTIONS_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The options that the tools share; salesforce_options_default() is without any. */
struct salesforce_options {
	const char *token_command;
	const char *credentials; /* a file */
	size_t source;           /* of the credentials that are there: 0 the first (auth.h) */
	const char *username;    /* log in as this user (auth.h), or NULL */
	const char *api_version; /* "66.0" */
	uint64_t retry_budget_ms;
	unsigned stall_s;
	unsigned reserve; /* per cent of the org's daily calls that are left alone */
};
struct salesforce_options salesforce_options_default(void);

/* Values for them in a tool's table; salesforce_option() takes one, false if it is none of them. */
enum {
	SALESFORCE_API_RESERVE = 0x1c0,
	SALESFORCE_API_VERSION,
	SALESFORCE_CREDENTIALS,
	SALESFORCE_RETRY_BUDGET,
	SALESFORCE_TIMEOUT,
	SALESFORCE_TOKEN_COMMAND,
};
/* clang-format off */
#define SALESFORCE_OPTIONS \
	{"api-reserve", required_argument, NULL, SALESFORCE_API_RESERVE}, \
	{"api-version", required_argument, NULL, SALESFORCE_API_VERSION}, \
	{"credentials", required_argument, NULL, SALESFORCE_CREDENTIALS}, \
	{"retry-budget", required_argument, NULL, SALESFORCE_RETRY_BUDGET}, \
	{"timeout", required_argument, NULL, SALESFORCE_TIMEOUT}, \
	{"token-command", required_argument, NULL, SALESFORCE_TOKEN_COMMAND}
#define SALESFORCE_HELP \
	"      --api-reserve=PERCENT  of the org's daily API calls that are left alone (20)\n" \
	"      --api-version=VERSION  of the REST API (66.0)\n" \
	"      --credentials=FILE     how to log in: a JSON file of mode 0600 ($SF_CREDENTIALS)\n" \
	"      --retry-budget=TIME    for failed requests and the waits behind them (5m)\n" \
	"      --timeout=TIME         drop a connection without a byte for so long (2m)\n" \
	"      --token-command=CMD    a command that prints the access token, such as\n" \
	"                             'sf org auth show-access-token --json -o ORG'\n"
/* clang-format on */
bool salesforce_option(struct salesforce_options *options, int value, const char *argument);

#endif

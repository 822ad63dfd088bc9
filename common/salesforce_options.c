#include "salesforce_options.h"

#include "opt.h"

#include <string.h>

struct salesforce_options
salesforce_options_default(void)
{
	return (struct salesforce_options){
	    .api_version = "66.0", .retry_budget_ms = 300000, .stall_s = 120, .reserve = 20};
}

static void
check_version(const char *text)
{
	size_t whole = strspn(text, "0123456789");

	if (whole == 0 || whole > 3 || strcmp(text + whole, ".0") != 0)
		opt_misuse("--api-version takes a version such as 66.0, not '%s'", text);
}

bool
salesforce_option(struct salesforce_options *options, int value, const char *argument)
{
	switch (value) {
	case SALESFORCE_API_RESERVE:
		options->reserve = (unsigned)opt_number("--api-reserve", argument, 0, 100);
		return true;
	case SALESFORCE_API_VERSION:
		check_version(argument);
		options->api_version = argument;
		return true;
	case SALESFORCE_CREDENTIALS:
		options->credentials = argument;
		return true;
	case SALESFORCE_RETRY_BUDGET:
		options->retry_budget_ms = (uint64_t)opt_duration_ms("--retry-budget", argument);
		return true;
	case SALESFORCE_TIMEOUT:
		options->stall_s = (unsigned)(opt_duration_ms("--timeout", argument) / 1000);
		if (options->stall_s == 0)
			opt_misuse("--timeout takes a second or more");
		return true;
	case SALESFORCE_TOKEN_COMMAND:
		options->token_command = argument;
		return true;
	default:
		return false;
	}
}

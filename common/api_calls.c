#include "api_calls.h"

#include <inttypes.h>

void
api_calls_count(struct api_calls *calls, const struct http_answer *answer)
{
	calls->made += answer->sent;
	if (answer->api_limit) {
		calls->used = answer->api_used;
		calls->limit = answer->api_limit;
	}
}

int
api_calls_check(const struct api_calls *calls, unsigned reserve, struct err *err)
{
	uint64_t reserved = calls->limit / 100 * reserve + calls->limit % 100 * reserve / 100;

	if (calls->limit == 0 || reserve == 0 || calls->used + reserved < calls->limit)
		return 0;
	return err_set(err, ST_LATER,
	    "stopped: %" PRIu64 " of the org's %" PRIu64
	    " API calls of 24 hours are used, and %u %% are reserved (--api-reserve): run again "
	    "when fewer than %" PRIu64 " are used, within 24 hours",
	    calls->used, calls->limit, reserve, calls->limit - reserved);
}

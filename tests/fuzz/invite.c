/* What is made of any input is JSON, one object for each id. */
#include "invite.h"
#include "json.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct invite_run run;
	struct buf out = {0};

	if (!invite_run_open(&run, NULL))
		abort();
	invite_read(&run, "input", (const char *)data, size);
	invite_merge(&run);
	for (size_t i = 0; i < run.n_events; i++) {
		struct json value;
		struct err err = {0};
		buf_clear(&out);
		invite_write(run.events[i], &out);
		if (json_check(out.text, out.size, run.scratch, &value, &err) != 0 ||
		    json_kind(json_get(value, "id")) != JSON_IS_STRING)
			abort();
	}
	buf_free(&out);
	invite_run_close(&run);
	return 0;
}

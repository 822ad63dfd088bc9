/* A credentials file that is taken keeps all but its refresh token when that is replaced. */
#include "credentials.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char token[] = "a\"b\\c";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct credentials first = {0}, second = {0};
	struct buf text = {0}, next = {0};
	struct err err = {0};

	buf_put(&text, (const char *)data, size);
	if (credentials_parse("f", text.text, text.size, &first, &err) == 0 &&
	    first.flow == CREDENTIALS_REFRESH) {
		if (credentials_put_token(text.text, text.size, token, &next, &err) != 0 ||
		    credentials_parse("f", next.text, next.size, &second, &err) != 0 ||
		    strcmp(second.values[CREDENTIALS_REFRESH_TOKEN], token) != 0 ||
		    strcmp(second.values[CREDENTIALS_CLIENT_ID],
			first.values[CREDENTIALS_CLIENT_ID]) != 0)
			abort();
	}
	credentials_free(&first);
	credentials_free(&second);
	buf_free(&text);
	buf_free(&next);
	return 0;
}

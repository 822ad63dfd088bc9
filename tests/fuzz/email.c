/* A normal form is its own normal form, has one @, and nothing that has to be quoted. */
#include "email.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_open();
	char *email = email_normalize((const char *)data, size, arena);

	if (email) {
		const char *domain = email_domain(email);
		char *again = email_normalize(email, strlen(email), arena);
		char *alone = email_normalize_domain(domain, strlen(domain), arena);
		if (!again || strcmp(again, email) != 0)
			abort();
		if (!alone || strcmp(alone, domain) != 0)
			abort();
		if (!*domain || strpbrk(email, "<> \t\n") || strchr(domain, '@'))
			abort();
	}
	arena_close(arena);
	return 0;
}

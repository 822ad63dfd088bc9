#include "decimal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

const char *
decimal_normal(const char *text, struct arena *arena)
{
	const char *minus = *text == '-' ? "-" : "";
	char *digits = arena_alloc(arena, strlen(text) + 1), *end;
	size_t n = 0;
	long power = 0;
	bool point = false, any = false;

	for (text += *minus != 0; (*text >= '0' && *text <= '9') || (*text == '.' && !point);
	     text++) {
		if (*text == '.') {
			point = true;
			continue;
		}
		any = true;
		power -= point;
		if (n > 0 || *text != '0')
			digits[n++] = *text;
	}
	if (any && (*text == 'e' || *text == 'E')) {
		long given = strtol(text + 1, &end, 10);
		power += given > 9999 ? 9999 : given < -9999 ? -9999 : given;
		if (end == text + 1)
			return NULL;
		text = end;
	}
	if (!any || *text)
		return NULL;
	for (; n > 0 && digits[n - 1] == '0'; n--)
		power++;
	return n == 0 ? "0" : arena_printf(arena, "%s%.*se%ld", minus, (int)n, digits, power);
}

#include "sfid.h"

#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_alnum(char c)
{
	return is_upper(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The character that says which of five are capitals; the first is the lowest bit. */
static char
check_of(const char *five)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < 5; i++)
		if (is_upper(five[i]))
			bits |= 1U << i;
	return letters[bits];
}

int
sfid_widen(const char *text, size_t size, char out[SFID_SIZE])
{
	if (size != 15 && size != 18)
		return -1;
	for (size_t i = 0; i < size; i++)
		if (!is_alnum(text[i]))
			return -1;
	memcpy(out, text, 15);
	for (size_t i = 0; i < 3; i++)
		out[15 + i] = check_of(text + 5 * i);
	out[18] = '\0';
	for (size_t i = 15; i < size; i++) {
		int upper = text[i] >= 'a' ? text[i] - 'a' + 'A' : text[i];
		if (upper != out[i])
			return -1;
	}
	return 0;
}

bool
sfid_has_prefix(const char *id, const char *prefix)
{
	return strncmp(id, prefix, strlen(prefix)) == 0;
}

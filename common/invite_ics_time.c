#include "invite_ics_time.h"

#include "rfc3339.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static bool
are_digits(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

int
ics_time(const char *text, struct ics_time *time)
{
	struct ics_time found = {0};
	char iso[32], seconds[3] = "00";

	text += strspn(text, " \t");
	if (!are_digits(text, 8))
		return -1;
	const char *clock = text + 8;
	found.date = clock[strspn(clock, " \t")] == '\0';
	if (!found.date) {
		if ((*clock != 'T' && *clock != 't') || !are_digits(++clock, 4))
			return -1;
		const char *after = clock + 4;
		if (are_digits(after, 2)) {
			memcpy(seconds, after, 2);
			after += 2;
		}
		found.utc = *after == 'Z' || *after == 'z';
		after += found.utc;
		if (after[strspn(after, " \t")])
			return -1;
	}
	snprintf(iso, sizeof iso, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", text, text + 4, text + 6,
	    found.date ? "00" : clock, found.date ? "00" : clock + 2, seconds);
	if (rfc3339_parse(iso, strlen(iso), &found.ms) != 0)
		return -1;
	*time = found;
	return 0;
}

/* The number before a unit; -1 without one, or if it is more than any meeting needs. */
static int
read_number(const char **text, int64_t *number)
{
	const char *start = *text;

	*number = 0;
	while (are_digits(*text, 1) && *number < 10000000)
		*number = *number * 10 + *(*text)++ - '0';
	return *text == start || are_digits(*text, 1) ? -1 : 0;
}

int
ics_duration(const char *text, int64_t *days, int64_t *ms)
{
	int64_t number, whole = 0, exact = 0;
	bool clock = false;

	text += *text == '+';
	if (*text++ != 'P' || !*text)
		return -1;
	for (; *text; text++) {
		if (*text == 'T' && !clock) {
			clock = true;
			continue;
		}
		if (read_number(&text, &number) != 0)
			return -1;
		if (!clock && (*text == 'W' || *text == 'D'))
			whole += number * (*text == 'W' ? 7 : 1);
		else if (clock && (*text == 'H' || *text == 'M' || *text == 'S'))
			exact += number * (*text == 'H' ? 3600 : *text == 'M' ? 60 : 1) * 1000;
		else
			return -1;
	}
	*days = whole;
	*ms = exact;
	return 0;
}

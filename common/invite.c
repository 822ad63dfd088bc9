#include "invite.h"

#include "invite_ics.h"
#include "invite_json.h"

#include <string.h>

void
invite_read(struct invite_run *run, const char *file, const char *text, size_t size)
{
	size_t mark = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
	size_t first = mark;

	run->file = file;
	while (first < size && text[first] && strchr(" \t\r\n", text[first]))
		first++;
	if (first == size)
		return;
	if (text[first] == '{' || text[first] == '[')
		invite_json_read(run, text + mark, size - mark);
	else if (ics_is(text + mark, size - mark))
		ics_read(run, text + mark, size - mark);
	else
		invite_reject(run, 1, "neither iCalendar nor JSON");
	invite_say_rest(run);
}

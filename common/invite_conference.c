#include "invite_conference.h"

#include "buf.h"

#include <string.h>
#include <strings.h>

enum { MAX_LINK = 2048 };

enum id_rule { ID_DIGITS, ID_CODE, ID_SEGMENT, ID_MTID };

static const struct link {
	const char *provider;
	const char *host; /* or any host that ends in "." and this */
	const char *path;
	enum id_rule id;
	bool id_needed;
} links[] = {
    {"zoom", "zoom.us", "/j/", ID_DIGITS, true},
    {"zoom", "zoom.us", "/w/", ID_DIGITS, true},
    {"zoom", "zoom.us", "/wc/join/", ID_DIGITS, true},
    {"zoom", "zoom.us", "/my/", ID_DIGITS, false},
    {"zoom", "zoomgov.com", "/j/", ID_DIGITS, true},
    {"meet", "meet.google.com", "/", ID_CODE, true},
    {"teams", "teams.microsoft.com", "/l/meetup-join/", ID_SEGMENT, true},
    {"teams", "teams.microsoft.com", "/meet/", ID_DIGITS, true},
    {"teams", "teams.live.com", "/meet/", ID_DIGITS, true},
    {"webex", "webex.com", "/meet/", ID_MTID, false},
    {"webex", "webex.com", "/m/", ID_MTID, false},
    {"webex", "webex.com", "/join/", ID_MTID, false},
    {"webex", "webex.com", "/wbxmjs/", ID_MTID, false},
    {"webex", "webex.com", "/webappng/", ID_MTID, false},
    {"webex", "webex.com", "", ID_MTID, true},
};

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t
percent_decode(char *text, size_t size)
{
	size_t out = 0;

	for (size_t i = 0; i < size; i++) {
		int high = text[i] == '%' && i + 2 < size ? hex(text[i + 1]) : -1;
		int low = high >= 0 ? hex(text[i + 2]) : -1;
		if (low >= 0 && high + low > 0) {
			text[out++] = (char)(high << 4 | low);
			i += 2;
		} else {
			text[out++] = text[i];
		}
	}
	return out;
}

static bool
ends_link(char c)
{
	return (unsigned char)c <= ' ' || strchr("<>\"'`\\^{}|\x7f", c) != NULL;
}

/* HTML's &amp; is taken off, and the full stop of a sentence that ends with the link. */
static void
copy_link(const char *text, size_t size, char out[MAX_LINK])
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		out[n++] = text[i];
		if (text[i] == '&' && size - i > 4 && strncmp(text + i, "&amp;", 5) == 0)
			i += 4;
	}
	while (n > 0 && strchr(".,;:!?)]", out[n - 1]))
		n--;
	out[n] = '\0';
}

static const char *
first_run(const char *text, const char *alphabet, size_t min, struct arena *arena)
{
	size_t size = strspn(text, alphabet);

	return size >= min ? arena_dup(arena, text, size) : NULL;
}

/* What names the meeting, from behind the link's path on. */
static const char *
link_id(enum id_rule rule, const char *rest, struct arena *arena)
{
	const char *mtid;

	switch (rule) {
	case ID_DIGITS:
		return first_run(rest, "0123456789", 9, arena);
	case ID_CODE:
		return strspn(rest, "abcdefghijklmnopqrstuvwxyz") == 3 && rest[3] == '-'
			   ? first_run(rest, "abcdefghijklmnopqrstuvwxyz-", 12, arena)
			   : NULL;
	case ID_SEGMENT: {
		size_t size = strcspn(rest, "/?#");
		char *id = arena_dup(arena, rest, size);
		id[percent_decode(id, size)] = '\0';
		return *id ? id : NULL;
	}
	case ID_MTID:
		mtid = strstr(rest, "MTID=");
		return mtid ? arena_dup(arena, mtid + 5, strcspn(mtid + 5, "&#")) : NULL;
	}
	return NULL;
}

/* Whether text ends, before slash, in a link's host; *start is where the whole host begins. */
static bool
is_host(const char *text, size_t slash, const char *host, size_t *start)
{
	size_t size = strlen(host), at = slash;

	if (slash < size || strncasecmp(text + slash - size, host, size) != 0)
		return false;
	while (at > 0 && slash - at < 253 && !ends_link(text[at - 1]) &&
	       !strchr("/:@=(,;", text[at - 1]))
		at--;
	*start = at;
	return at == slash - size || text[slash - size - 1] == '.';
}

static bool
take_link(const struct link *link, const char *text, size_t size, size_t slash, struct arena *arena,
    struct conference *conference)
{
	size_t path = strlen(link->path), start, end = slash;

	if (size - slash < path || strncmp(text + slash, link->path, path) != 0 ||
	    !is_host(text, slash, link->host, &start))
		return false;
	while (end < size && end - start < MAX_LINK - 10 && !ends_link(text[end]))
		end++;
	if (start >= 8 && strncasecmp(text + start - 8, "https://", 8) == 0)
		start -= 8;
	else if (start >= 7 && strncasecmp(text + start - 7, "http://", 7) == 0)
		start -= 7;
	char url[MAX_LINK];
	copy_link(text + start, end - start, url);
	if (strlen(url) < slash - start + path)
		return false;
	const char *id = link_id(link->id, url + (slash - start) + path, arena);
	if (!id && link->id_needed)
		return false;
	*conference = (struct conference){link->provider, id, arena_dup(arena, url, strlen(url))};
	return true;
}

static bool
find_plain(const char *text, size_t size, struct arena *arena, struct conference *conference)
{
	for (const char *c = text; (c = memchr(c, '/', size - (size_t)(c - text))); c++)
		for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
			if (take_link(&links[i], text, size, (size_t)(c - text), arena, conference))
				return true;
	return false;
}

bool
conference_find(const char *text, size_t size, struct arena *arena, struct conference *conference)
{
	if (!text || size == 0)
		return false;
	if (find_plain(text, size, arena, conference))
		return true;
	if (!memchr(text, '%', size))
		return false;
	struct buf decoded = {0};
	buf_put(&decoded, text, size);
	bool found =
	    find_plain(decoded.text, percent_decode(decoded.text, size), arena, conference);
	buf_free(&decoded);
	return found;
}

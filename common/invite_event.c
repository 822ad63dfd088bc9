#include "invite_event.h"

#include "diag.h"
#include "email.h"
#include "fold.h"
#include "json.h"
#include "rfc3339.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_SAID = 50 };

bool
invite_run_open(struct invite_run *run, const char *zone)
{
	*run = (struct invite_run){.arena = arena_open(), .scratch = arena_open()};
	run->zones = zones_open();
	run->zone = zones_find(run->zones, zone ? zone : "UTC");
	run->zone_given = zone != NULL;
	return run->zone != NULL;
}

void
invite_run_close(struct invite_run *run)
{
	free(run->events);
	zones_close(run->zones);
	arena_close(run->scratch);
	arena_close(run->arena);
}

void
invite_reject(struct invite_run *run, uint64_t line, const char *format, ...)
{
	char why[1024];
	va_list args;

	run->rejected++;
	if (run->said++ >= MAX_SAID) {
		run->unsaid++;
		return;
	}
	va_start(args, format);
	vsnprintf(why, sizeof why, format, args);
	va_end(args);
	diag_say("%s:%" PRIu64 ": %s", run->file, line, why);
}

void
invite_say_rest(struct invite_run *run)
{
	if (run->unsaid > 0)
		diag_say("%s: %" PRIu64 " more of the kind", run->file, run->unsaid);
	run->said = run->unsaid = 0;
}

void
invite_skip(struct invite_run *run, uint64_t line, const char *format, ...)
{
	char why[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(why, sizeof why, format, args);
	va_end(args);
	diag_detail("%s:%" PRIu64 ": %s", run->file, line, why);
}

struct invite *
invite_new(struct invite_run *run, uint64_t line)
{
	struct invite *invite = arena_alloc(run->arena, sizeof *invite);

	invite->file = run->file;
	invite->line = line;
	invite->sequence = -1;
	invite->stamp_ms = INT64_MIN;
	invite->last = &invite->invitees;
	return invite;
}

/* tel:+1-555-0100;ext=3 without its parameters; merge-participants makes E.164 of it. */
static const char *
phone_of(const char *address, struct arena *arena)
{
	size_t size = strcspn(address, ";");
	char *phone = arena_dup(arena, address, size);

	phone[percent_decode(phone, size)] = '\0';
	return fold_trim(phone, strlen(phone), arena);
}

/* An address is no name; Outlook puts names between quotes. */
static const char *
name_of(const char *name, struct arena *arena)
{
	size_t size = strlen(name);

	fold_trim_span(&name, &size);
	if (size >= 2 && name[0] == name[size - 1] && (name[0] == '\'' || name[0] == '"')) {
		name++;
		size -= 2;
	}
	return size > 0 && memchr(name, '@', size) ? NULL : fold_trim(name, size, arena);
}

/* Whether an address stands for a calendar, a room or a machine of the calendar's, not for people;
 * email in normal form. */
static bool
is_calendar(const char *email)
{
	static const char *const domains[] = {"group.calendar.google.com",
	    "resource.calendar.google.com", "import.calendar.google.com",
	    "group.v.calendar.google.com"};
	static const char *const emails[] = {
	    "unknownorganizer@calendar.google.com", "calendar-notification@google.com"};

	for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++)
		if (strcmp(email_domain(email), domains[i]) == 0)
			return true;
	return strcmp(email, emails[0]) == 0 || strcmp(email, emails[1]) == 0;
}

struct invitee *
invitee_new(struct invite_run *run, const char *address, const char *name)
{
	struct invitee who = {0};

	if (address && strncasecmp(address, "tel:", 4) == 0)
		who.phone = phone_of(address + 4, run->arena);
	else if (address)
		who.email = email_normalize(address, strlen(address), run->arena);
	if (name)
		who.name = name_of(name, run->arena);
	if (!who.email && name)
		who.email = email_normalize(name, strlen(name), run->arena);
	if (!who.email && !who.name && !who.phone)
		return NULL;
	if (who.email && is_calendar(who.email))
		who.type = "resource";
	struct invitee *invitee = arena_alloc(run->arena, sizeof *invitee);
	*invitee = who;
	return invitee;
}

void
invite_add(struct invite *invite, struct invitee *invitee)
{
	*invite->last = invitee;
	invite->last = &invitee->next;
	invite->n_invitees++;
}

struct invitee *
invite_find(const struct invite *invite, const struct invitee *who)
{
	for (struct invitee *i = invite->invitees; i; i = i->next) {
		bool emails = i->email && who->email;
		bool names = !i->email && !who->email && i->name && who->name;
		if (i == who || (emails && strcmp(i->email, who->email) == 0) ||
		    (names && strcmp(i->name, who->name) == 0))
			return i;
	}
	return NULL;
}

int
invite_local_time(
    struct invite_run *run, uint64_t line, const char *name, int64_t local_ms, int64_t *utc_ms)
{
	const struct zone *zone = run->zone;
	char shown[128];

	if (name && *name)
		zone = zones_find(run->zones, name);
	if (name && !zone) {
		diag_escape(shown, sizeof shown, name, strlen(name));
		if (!run->zone_given) {
			invite_reject(run, line,
			    "time zone \"%s\" is unknown (--timezone says what to take for such)",
			    shown);
			return -1;
		}
		invite_skip(run, line, "time zone \"%s\" is unknown: --timezone is taken", shown);
		zone = run->zone;
	}
	*utc_ms = zone_to_utc(zone, local_ms);
	return 0;
}

const char *
invite_instance(struct invite_run *run, struct invite_time time)
{
	char text[RFC3339_SIZE], out[RFC3339_SIZE], *end = out;

	if (time.date)
		rfc3339_format_date(time.ms, text);
	else
		rfc3339_format(time.ms, text);
	for (const char *c = text; *c; c++)
		if (*c != '-' && *c != ':')
			*end++ = *c;
	return arena_dup(run->arena, out, (size_t)(end - out));
}

/* Who calls a meeting takes part in it; an answer, though, names only who gives it. */
static void
place_organizer(struct invite *invite)
{
	struct invitee *organizer = invite->organizer;
	struct invitee *listed = organizer ? invite_find(invite, organizer) : NULL;

	if (listed) {
		if (!listed->name)
			listed->name = organizer->name;
		if (!listed->response && invite->method == INVITE_WHOLE)
			listed->response = "accepted";
	} else if (organizer && invite->method == INVITE_WHOLE) {
		organizer->response = "accepted";
		organizer->next = invite->invitees;
		if (!invite->invitees)
			invite->last = &organizer->next;
		invite->invitees = organizer;
		invite->n_invitees++;
	}
}

void
invite_collect(struct invite_run *run, struct invite *invite)
{
	bool sparse = invite->cancelled || invite->method != INVITE_WHOLE;

	if (!invite->uid || !*invite->uid) {
		invite_reject(run, invite->line, "event without a UID: nothing to know it by");
		return;
	}
	if (!invite->start.known && !sparse) {
		invite_reject(run, invite->line, "event without a start");
		return;
	}
	if (invite->n_invitees >= INVITE_MAX_INVITEES) {
		invite_reject(
		    run, invite->line, "event with more than %d invitees", INVITE_MAX_INVITEES - 1);
		return;
	}
	if (invite->end.known && (!invite->start.known || invite->end.ms < invite->start.ms))
		invite->end.known = false;
	invite->id = invite->uid;
	if (invite->instance)
		invite->id = arena_printf(run->arena, "%s/%s", invite->uid, invite->instance);
	place_organizer(invite);
	for (struct invitee *i = invite->invitees; i; i = i->next)
		if (!i->response && invite->method == INVITE_WHOLE)
			i->response = "needs-action";
	if (run->n_events == run->room) {
		run->room = run->room ? 2 * run->room : 64;
		run->events = xrealloc(run->events, run->room * sizeof(struct invite *));
	}
	invite->order = run->n_events;
	run->events[run->n_events++] = invite;
}

static void
put_time(struct buf *out, const char *name, struct invite_time time)
{
	char text[RFC3339_SIZE];

	if (time.known)
		json_put_member(out, name, rfc3339_format(time.ms, text));
}

static void
put_true(struct buf *out, const char *name, bool value)
{
	if (value) {
		json_put_name(out, name);
		buf_puts(out, "true");
	}
}

static void
put_invitees(struct buf *out, const struct invitee *invitee)
{
	json_put_name(out, "invitees");
	buf_putc(out, '[');
	for (const char *comma = ""; invitee; invitee = invitee->next, comma = ",") {
		buf_puts(out, comma);
		buf_putc(out, '{');
		json_put_member(out, "email", invitee->email);
		json_put_member(out, "name", invitee->name);
		json_put_member(out, "phone", invitee->phone);
		json_put_member(out, "response", invitee->response);
		json_put_member(out, "type", invitee->type);
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}

void
invite_write(const struct invite *invite, struct buf *out)
{
	static const char *const methods[] = {NULL, "reply", "counter", "cancel"};
	const struct conference *conference = &invite->conference;

	buf_putc(out, '{');
	json_put_member(out, "kind", "call");
	json_put_member(out, "id", invite->id);
	put_time(out, "start", invite->start);
	put_time(out, "end", invite->end);
	put_true(out, "all_day", invite->start.known && invite->start.date);
	json_put_member(out, "subject", invite->subject);
	json_put_member(out, "organizer", invite->organizer ? invite->organizer->email : NULL);
	put_invitees(out, invite->invitees);
	put_true(out, "invitees_omitted", invite->invitees_omitted);
	json_put_member(out, "method", methods[invite->method]);
	json_put_member(out, "status", invite->cancelled ? "cancelled" : NULL);
	put_true(out, "recurs", invite->recurs);
	json_put_member(out, "series", invite->instance ? invite->uid : NULL);
	if (conference->provider) {
		json_put_name(out, "conference");
		buf_putc(out, '{');
		json_put_member(out, "provider", conference->provider);
		json_put_member(out, "id", conference->id);
		json_put_member(out, "url", conference->url);
		buf_putc(out, '}');
	}
	buf_putc(out, '}');
}

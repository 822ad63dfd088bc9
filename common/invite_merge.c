#include "invite_merge.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_UPDATES = 20000 };

static int
by_id(const void *a, const void *b)
{
	const struct invite *x = *(struct invite *const *)a, *y = *(struct invite *const *)b;
	int order = strcmp(x->id, y->id);

	return order ? order : x->order < y->order ? -1 : 1;
}

static int
by_order(const void *a, const void *b)
{
	const struct invite *x = *(struct invite *const *)a, *y = *(struct invite *const *)b;

	return x->order < y->order ? -1 : x->order > y->order;
}

/* Answers in the order in which they were given. */
static int
by_stamp(const void *a, const void *b)
{
	const struct invite *x = *(struct invite *const *)a, *y = *(struct invite *const *)b;

	if (x->stamp_ms != y->stamp_ms)
		return x->stamp_ms < y->stamp_ms ? -1 : 1;
	return by_order(a, b);
}

/* Whether a is of an older version than b; only Graph's events have no sequence. */
static bool
is_outdated(const struct invite *a, const struct invite *b)
{
	return a->sequence >= 0 && b->sequence >= 0 && a->sequence < b->sequence;
}

/* Of two whole ones, a read before b: whether b is no older. */
static bool
is_newer(const struct invite *b, const struct invite *a)
{
	if (a->sequence >= 0 && b->sequence >= 0 && a->sequence != b->sequence)
		return b->sequence > a->sequence;
	return b->stamp_ms >= a->stamp_ms;
}

static void
add_new(struct invite *to, struct invitee *person)
{
	if (invite_find(to, person) || to->n_invitees >= INVITE_MAX_INVITEES)
		return;
	person->next = NULL;
	invite_add(to, person);
}

/* What a cancellation leaves out: Google's holds little more than an id. */
static void
fill(struct invite *cancelled, const struct invite *before)
{
	if (!cancelled->start.known) {
		cancelled->start = before->start;
		cancelled->end = before->end;
	}
	if (!cancelled->subject)
		cancelled->subject = before->subject;
	if (!cancelled->organizer)
		cancelled->organizer = before->organizer;
	if (!cancelled->conference.provider)
		cancelled->conference = before->conference;
	for (struct invitee *i = before->invitees, *next; i; i = next) {
		next = i->next;
		add_new(cancelled, i);
	}
}

/* An answer counts where there is none yet, or an older one. */
static void
answer(struct invite *whole, const struct invite *reply)
{
	bool newer = whole->method != INVITE_WHOLE || reply->stamp_ms >= whole->stamp_ms;

	for (struct invitee *i = reply->invitees, *next; i; i = next) {
		next = i->next;
		struct invitee *listed = invite_find(whole, i);
		bool open =
		    listed && (!listed->response || !strcmp(listed->response, "needs-action"));
		if (!listed)
			add_new(whole, i);
		else if (i->response && (open || newer))
			listed->response = i->response;
		if (listed && !listed->name)
			listed->name = i->name;
	}
}

static bool
is_organizer(const struct invite *invite, const struct invitee *person)
{
	const struct invitee *organizer = invite->organizer;

	return organizer &&
	       (organizer == person || (organizer->email && person->email &&
					   strcmp(organizer->email, person->email) == 0));
}

/* Of either telling: an organizer may be known by several addresses. */
static bool
is_theirs(const struct invite *whole, const struct invite *cancel, const struct invitee *person)
{
	return is_organizer(whole, person) || is_organizer(cancel, person);
}

/* Those whom it names are no longer invited; if nobody would be left but the organizer, the
 * meeting is off: some producers leave STATUS:CANCELLED out. */
static void
let_go(struct invite *whole, const struct invite *cancel)
{
	struct invitee *kept = NULL, **last = &kept;
	size_t n_kept = 0, n_others = 0;

	for (struct invitee *i = whole->invitees; i; i = i->next)
		n_others += !invite_find(cancel, i) && !is_theirs(whole, cancel, i);
	if (n_others == 0) {
		whole->cancelled = true;
		return;
	}
	for (struct invitee *i = whole->invitees; i; i = i->next) {
		if (invite_find(cancel, i) && !is_theirs(whole, cancel, i))
			continue;
		*last = i;
		last = &i->next;
		n_kept++;
	}
	*last = NULL;
	whole->invitees = kept;
	whole->last = last;
	whole->n_invitees = n_kept;
}

/* The newest of the whole ones; NULL if there is none. */
static struct invite *
newest(struct invite **events, size_t n)
{
	struct invite *found = NULL, *told = NULL;

	for (size_t i = 0; i < n; i++) {
		if (events[i]->method != INVITE_WHOLE)
			continue;
		if (!found || is_newer(events[i], found))
			found = events[i];
		if (!events[i]->cancelled && (!told || is_newer(events[i], told)))
			told = events[i];
	}
	if (found && found->cancelled && told)
		fill(found, told);
	return found;
}

/* All tellings of one id, in the order in which they were read. */
static struct invite *
merge(struct invite_run *run, struct invite **events, size_t n)
{
	struct invite *whole = newest(events, n);
	size_t order = events[0]->order, n_updates = 0;

	qsort(events, n, sizeof(struct invite *), by_stamp);
	for (size_t i = 0; i < n; i++) {
		struct invite *update = events[i];
		if (update->method == INVITE_WHOLE || update == whole)
			continue;
		if (!whole) {
			whole = update;
		} else if (++n_updates > MAX_UPDATES) {
			run->file = update->file;
			invite_reject(run, update->line, "more than %d answers", MAX_UPDATES);
		} else if (update->method != INVITE_CANCEL && !is_outdated(update, whole)) {
			answer(whole, update);
		} else if (update->method == INVITE_CANCEL && whole->method == INVITE_WHOLE &&
			   !is_outdated(update, whole)) {
			let_go(whole, update);
		}
	}
	whole->order = order;
	return whole;
}

static int
by_graph_id(const void *a, const void *b)
{
	const struct invite *x = *(struct invite *const *)a, *y = *(struct invite *const *)b;

	return strcmp(x->graph_id, y->graph_id);
}

static void
inherit(struct invite_run *run, struct invite *occurrence, const struct invite *master)
{
	occurrence->uid = master->uid;
	occurrence->instance = invite_instance(run, occurrence->start);
	occurrence->id = arena_printf(run->arena, "%s/%s", master->uid, occurrence->instance);
	occurrence->stamp_ms = master->stamp_ms;
	occurrence->subject = master->subject;
	occurrence->organizer = master->organizer;
	occurrence->conference = master->conference;
	occurrence->invitees_omitted = master->invitees_omitted;
	for (const struct invitee *i = master->invitees; i; i = i->next) {
		struct invitee *copy = arena_alloc(run->arena, sizeof *copy);
		*copy = *i;
		copy->next = NULL;
		invite_add(occurrence, copy);
	}
}

/* Graph's delta pages name a series once, and of its occurrences little more than the time. */
static void
complete_occurrences(struct invite_run *run)
{
	struct invite **masters = xalloc((run->n_events + 1) * sizeof(struct invite *));
	size_t n_masters = 0, n_kept = 0;

	for (size_t i = 0; i < run->n_events; i++)
		if (run->events[i]->graph_id && !run->events[i]->master)
			masters[n_masters++] = run->events[i];
	qsort(masters, n_masters, sizeof(struct invite *), by_graph_id);
	for (size_t i = 0; i < run->n_events; i++) {
		struct invite *event = run->events[i], key = {.graph_id = event->master};
		const struct invite *wanted = &key;
		struct invite **found = event->master ? bsearch(&wanted, masters, n_masters,
							    sizeof(struct invite *), by_graph_id)
						      : NULL;
		run->file = event->file;
		if (found)
			inherit(run, event, *found);
		if (found || !event->master)
			run->events[n_kept++] = event;
		else
			invite_reject(run, event->line, "occurrence without its series");
	}
	run->n_events = n_kept;
	free(masters);
}

void
invite_merge(struct invite_run *run)
{
	size_t n_merged = 0;

	if (run->n_events == 0)
		return;
	invite_say_rest(run);
	complete_occurrences(run);
	qsort(run->events, run->n_events, sizeof(struct invite *), by_id);
	for (size_t start = 0, end; start < run->n_events; start = end) {
		for (end = start + 1; end < run->n_events; end++)
			if (strcmp(run->events[end]->id, run->events[start]->id) != 0)
				break;
		run->events[n_merged++] = merge(run, run->events + start, end - start);
	}
	run->n_events = n_merged;
	qsort(run->events, run->n_events, sizeof(struct invite *), by_order);
	invite_say_rest(run);
}

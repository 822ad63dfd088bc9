/*
 * invite_event: one meeting as an invitation tells it, whatever its format; and the run that reads
 * invitations: what it collects, and how it names what it cannot read.
 *
 * Owner:   all that a run collects lives in its arena, until invite_run_close().
 * Threads: a run belongs to one thread.
 */
#ifndef SFPIPE_INVITE_EVENT_H
#define SFPIPE_INVITE_EVENT_H

#include "arena.h"
#include "buf.h"
#include "invite_conference.h"
#include "invite_zone.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct invite_time {
	bool known;
	bool date; /* a day, its midnight in ms */
	int64_t ms;
};

#define INVITE_MAX_INVITEES 10000

/* Somebody invited; what is unknown is NULL. */
struct invitee {
	const char *email; /* normal form */
	const char *name;
	const char *phone;
	const char *response; /* accepted, declined, tentative, needs-action, delegated */
	const char *type;     /* room, resource, group; a person has none */
	struct invitee *next;
};

enum invite_method {
	INVITE_WHOLE,   /* the meeting and all who are invited */
	INVITE_REPLY,   /* answers of those whom it names */
	INVITE_COUNTER, /* the same, with another time proposed */
	INVITE_CANCEL,  /* those whom it names are no longer invited */
};

struct invite {
	const char *file;
	uint64_t line; /* where it begins in its file, from 1 */
	size_t order;
	enum invite_method method;
	const char *uid;
	const char *instance; /* of a series: which, as 20261120T150000Z or 20261120; else NULL */
	const char *id;       /* uid, or uid/instance */
	const char *graph_id; /* Graph's own for the event; NULL if it is not Graph's */
	const char *master;   /* of an occurrence that says when, and all else is said by the series
			       * with this graph_id */
	int64_t sequence;     /* -1 unknown */
	int64_t stamp_ms;     /* when this version was made; INT64_MIN unknown */
	struct invite_time start, end;
	const char *subject;
	struct invitee *organizer; /* NULL unknown; may be one of the invitees */
	struct invitee *invitees;
	struct invitee **last; /* where the next one goes */
	size_t n_invitees;
	bool cancelled;
	bool recurs;           /* stands for several instances */
	bool invitees_omitted; /* the source does not show all of them */
	struct conference conference;
};

struct invite_run {
	struct arena *arena;   /* of all that is collected */
	struct arena *scratch; /* of one event */
	struct zones *zones;
	const struct zone *zone; /* for times that name none: --timezone */
	bool zone_given;         /* also for times that name one nobody knows */
	const char *file;
	struct invite **events;
	size_t n_events, room;
	uint64_t rejected;
	uint64_t unsaid; /* of those, not named, as the file had too many */
	uint64_t said;
};

/* zone: --timezone or NULL for UTC. False if it is no zone. */
bool invite_run_open(struct invite_run *run, const char *zone);
void invite_run_close(struct invite_run *run);

/* Says "FILE:LINE: why" and counts; of a file that is all wrong only the first are named. */
void invite_reject(struct invite_run *run, uint64_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The end of a file: says how many were not named. */
void invite_say_rest(struct invite_run *run);

/* As invite_reject(), but with -v only and not counted: nothing was lost. */
void invite_skip(struct invite_run *run, uint64_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct invite *invite_new(struct invite_run *run, uint64_t line);

/* Somebody of whom at least one of these is known (any may be NULL), else NULL. address may be an
 * email in any form or a tel: URI; an address is no name. Not yet in a list. */
struct invitee *invitee_new(struct invite_run *run, const char *address, const char *name);
void invite_add(struct invite *invite, struct invitee *invitee);

/* The invitee with the same email, or, without one, the same name; NULL if there is none. */
struct invitee *invite_find(const struct invite *invite, const struct invitee *who);

/* A local time in a zone; zone NULL: the run's. -1 if nobody knows the zone (said). */
int invite_local_time(
    struct invite_run *run, uint64_t line, const char *zone, int64_t local_ms, int64_t *utc_ms);

/* The text of struct invite.instance. */
const char *invite_instance(struct invite_run *run, struct invite_time time);

/* Checks the event, gives it its id and the organizer his place in the list, and collects it; or
 * rejects it. */
void invite_collect(struct invite_run *run, struct invite *invite);

/* The event as a call line. */
void invite_write(const struct invite *invite, struct buf *out);

#endif

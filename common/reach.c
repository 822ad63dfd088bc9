#include "reach.h"

#include "email.h"
#include "rfc3339.h"
#include "set.h"

#include <stdlib.h>
#include <string.h>

struct reach {
	struct store *store;
	const struct rules *rules;
	struct set calls;  /* all that were added, "call" or "email" before the id */
	struct set keys;   /* that may reach many, and were probed */
	struct arena *ids; /* of found */
	struct reach_call *found;
	size_t n, room;
};

/* Whoever has an address in a domain that is internal takes no part, nor does he whom the line
 * calls internal. Without --internal-domain the organizer's domain is, if they are an active User. */
#define PARTICIPANT "SELECT DISTINCT p.kind, p.call_id FROM call_participant p "

static const char by_domain[] =
    PARTICIPANT "LEFT JOIN call c ON p.kind = 'call' AND c.id = p.call_id"
		" WHERE p.domain = ?1 AND p.internal = 0 AND NOT ifnull(?2 = 0"
		" AND substr(c.organizer, instr(c.organizer, '@') + 1) = ?1"
		" AND EXISTS (SELECT 1 FROM user u WHERE u.email = c.organizer"
		" AND ifnull(u.is_active, 1) <> 0 AND u.is_deleted = 0), 0)";

#define ASSOCIATED(object)                                                                         \
	"SELECT DISTINCT kind, call_id FROM association WHERE object = '" object                   \
	"' AND record_id = ?1"

static const struct {
	const char *sql;
	bool many; /* may reach many: it is remembered that it was probed */
} probes[] = {
    [REACH_ID] = {"SELECT 'call', id FROM call WHERE id = ?1"
		  " UNION ALL SELECT 'email', id FROM email WHERE id = ?1",
	false},
    [REACH_ADDRESS] = {PARTICIPANT "WHERE p.email = ?1 AND p.internal = 0", false},
    [REACH_DOMAIN] = {by_domain, true},
    [REACH_PHONE] = {PARTICIPANT "WHERE p.phone = ?1 AND p.internal = 0", false},
    [REACH_ACCOUNT] = {ASSOCIATED("Account"), true},
    [REACH_CONTACT] = {ASSOCIATED("Contact"), false},
    [REACH_LEAD] = {ASSOCIATED("Lead"), false},
    [REACH_OPPORTUNITY] = {ASSOCIATED("Opportunity"), false},
    [REACH_MANUAL] = {"SELECT DISTINCT kind, call_id FROM call_manual"
		      " WHERE object IN ('Account', 'Contact', 'Lead', 'Opportunity')"
		      " AND record_id = ?1",
	false},
    [REACH_ORGANIZER] = {"SELECT 'call', id FROM call WHERE organizer = ?1", true},
    [REACH_START] = {"SELECT 'call', id FROM call WHERE start >= ?1 AND start <= ?2"
		     " UNION ALL SELECT 'email', id FROM email WHERE date >= ?1 AND date <= ?2",
	false},
};

struct reach *
reach_open(struct store *store, const struct rules *rules)
{
	struct reach *reach = xalloc(sizeof *reach);

	*reach = (struct reach){.store = store, .rules = rules, .ids = arena_open()};
	return reach;
}

void
reach_close(struct reach *reach)
{
	if (!reach)
		return;
	set_free(&reach->calls);
	set_free(&reach->keys);
	arena_close(reach->ids);
	free(reach->found);
	free(reach);
}

const struct reach_call *
reach_calls(const struct reach *reach, size_t *n)
{
	*n = reach->n;
	return reach->found;
}

void
reach_clear(struct reach *reach)
{
	reach->n = 0;
	arena_reset(reach->ids);
}

void
reach_forget(struct reach *reach)
{
	set_clear(&reach->calls);
	set_clear(&reach->keys);
}

void
reach_add(struct reach *reach, bool email, const char *id)
{
	char *key = arena_printf(reach->ids, "%s %s", email ? "email" : "call", id);

	if (!set_add(&reach->calls, key))
		return;
	if (reach->n == reach->room) {
		reach->room = reach->room ? reach->room * 2 : 64;
		reach->found = xrealloc(reach->found, reach->room * sizeof *reach->found);
	}
	reach->found[reach->n++] = (struct reach_call){email, strchr(key, ' ') + 1};
}

/* What cannot reach a call under these rules, or did so already. */
static bool
is_idle(struct reach *reach, enum reach_by by, const char *key)
{
	const char *domain = key;

	if (by == REACH_ADDRESS)
		domain = email_domain(key);
	if ((by == REACH_ADDRESS || by == REACH_DOMAIN) && rules_internal(reach->rules, domain))
		return true;
	if (by == REACH_DOMAIN && freemail_has(reach->rules->freemail, domain))
		return true;
	if (!probes[by].many)
		return false;
	char *probed = arena_printf(reach->ids, "%d %s", (int)by, key);
	return !set_add(&reach->keys, probed);
}

/* As text 15:00:00.5Z stands before 15:00:00Z: wider by a second, the distance decides. */
static int
bind_window(struct reach *reach, struct store_query *query, const char *key)
{
	int64_t at, window = reach->rules->activity_window_ms + 1000;
	char from[RFC3339_SIZE], to[RFC3339_SIZE];

	if (rfc3339_parse(key, strlen(key), &at) != 0)
		return -1;
	rfc3339_format(at - window, from);
	rfc3339_format(at + window, to);
	store_bind(query, 1, arena_dup(reach->ids, from, strlen(from)));
	store_bind(query, 2, arena_dup(reach->ids, to, strlen(to)));
	return 0;
}

int
reach_key(struct reach *reach, enum reach_by by, const char *key, struct err *err)
{
	struct store_query *query;
	int step;

	if (is_idle(reach, by, key))
		return 0;
	if (!(query = store_query(reach->store, probes[by].sql, err)))
		return -1;
	if (by != REACH_START)
		store_bind(query, 1, key);
	else if (bind_window(reach, query, key) != 0)
		return 0;
	if (by == REACH_DOMAIN)
		store_bind_int(query, 2, reach->rules->internal_given);
	while ((step = store_step(query, err)) == 1)
		reach_add(reach, strcmp(store_text(query, 0, NULL), "email") == 0,
		    store_text(query, 1, NULL));
	return step;
}

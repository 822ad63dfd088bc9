#include "calls.h"

#include "calls_change.h"
#include "calls_merge.h"
#include "calls_read.h"
#include "email.h"
#include "queue_consumer.h"

#include <stdlib.h>
#include <string.h>

#define MAX_MEMBERS 4000

struct calls {
	struct store *store;
	struct queue *queue;
	struct calls_counts counts;
	struct buf change;
};

/* What the store holds of a call. */
struct stored {
	struct json json; /* absent: nothing */
	int64_t seq;
};

struct calls *
calls_open(struct store *store, struct queue *queue)
{
	struct calls *calls = xalloc(sizeof *calls);

	*calls = (struct calls){.store = store, .queue = queue};
	return calls;
}

void
calls_close(struct calls *calls)
{
	if (!calls)
		return;
	buf_free(&calls->change);
	free(calls);
}

struct calls_counts
calls_counts(const struct calls *calls)
{
	return calls->counts;
}

static int
select_stored(struct calls *calls, const char *id, bool email, struct arena *arena,
    struct stored *stored, struct err *err)
{
	static const char call[] = "SELECT line, seq FROM call WHERE id = ?1";
	static const char mail[] = "SELECT line, seq FROM email WHERE id = ?1";
	struct store_query *query = store_query(calls->store, email ? mail : call, err);
	size_t size;

	*stored = (struct stored){0};
	if (!query)
		return -1;
	store_bind(query, 1, id);
	int step = store_step(query, err);
	if (step == 1) {
		const char *text = store_text(query, 0, &size);
		stored->json = (struct json){arena_dup(arena, text, size), size};
		stored->seq = store_int(query, 1);
		store_reset(query);
	}
	return step < 0 ? -1 : 0;
}

static int
put_line(struct calls *calls, const struct call *call, struct err *err)
{
	static const char put_call[] =
	    "INSERT INTO call (id, start, \"end\", subject, organizer, primary_account,"
	    " primary_opportunity, status, held, seq, line)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (id) DO UPDATE SET"
	    " start = ?2, \"end\" = ?3, subject = ?4, organizer = ?5, primary_account = ?6,"
	    " primary_opportunity = ?7, status = ?8, held = ?9, seq = ?10, line = ?11";
	static const char put_email[] =
	    "INSERT INTO email (id, date, subject, sender, primary_account,"
	    " primary_opportunity, status, held, seq, line)"
	    " VALUES (?1, ?2, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (id) DO UPDATE SET"
	    " date = ?2, subject = ?4, sender = ?5, primary_account = ?6,"
	    " primary_opportunity = ?7, status = ?8, held = ?9, seq = ?10, line = ?11";
	struct store_query *query =
	    store_query(calls->store, call->email ? put_email : put_call, err);

	if (!query)
		return -1;
	store_bind(query, 1, call->id);
	store_bind(query, 2, call->start);
	if (!call->email)
		store_bind(query, 3, call->end);
	store_bind(query, 4, call->subject);
	store_bind(query, 5, call->organizer);
	store_bind(query, 6, call->primary_account);
	store_bind(query, 7, call->primary_opportunity);
	store_bind(query, 8, call->status);
	store_bind_int(query, 9, call->held);
	store_bind_int(query, 10, queue_next_seq(calls->queue));
	store_bind_bytes(query, 11, call->text.at, call->text.size);
	return store_run(query, err);
}

/* The rows of a call in a table that are to be written anew. */
static int
drop_rows(struct calls *calls, const char *sql, const struct call *call, struct err *err)
{
	struct store_query *query;

	/* without its index each would be looked for in the whole table */
	if (store_build_indexes(calls->store, err) != 0 ||
	    !(query = store_query(calls->store, sql, err)))
		return -1;
	store_bind(query, 1, call->kind);
	store_bind(query, 2, call->id);
	return store_run(query, err);
}

/* One row an address; the phone and the name stand in the first. */
static int
put_participant(
    struct calls *calls, const struct call *call, size_t n, size_t address, struct err *err)
{
	const struct party *party = &call->parties.items[n];
	struct store_query *query = store_query(calls->store,
	    "INSERT INTO call_participant (kind, call_id, n, email, domain, phone, name, internal)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	    err);

	if (!query)
		return -1;
	store_bind(query, 1, call->kind);
	store_bind(query, 2, call->id);
	store_bind_int(query, 3, (int64_t)n);
	if (address < party->n_addresses) {
		store_bind(query, 4, party->addresses[address]);
		store_bind(query, 5, email_domain(party->addresses[address]));
	}
	if (address == 0) {
		store_bind(query, 6, party->phone);
		store_bind(query, 7, call->names[n]);
	}
	store_bind_int(query, 8, party->internal);
	return store_run(query, err);
}

static int
put_participants(struct calls *calls, const struct call *call, bool is_new, struct err *err)
{
	if (!is_new &&
	    drop_rows(calls, "DELETE FROM call_participant WHERE kind = ?1 AND call_id = ?2", call,
		err) != 0)
		return -1;
	for (size_t n = 0; n < call->parties.n; n++) {
		size_t address = 0;
		do {
			if (put_participant(calls, call, n, address, err) != 0)
				return -1;
		} while (++address < call->parties.items[n].n_addresses);
	}
	return 0;
}

static int
put_virtual(struct calls *calls, const struct call_association *a, struct err *err)
{
	struct store_query *query = store_query(calls->store,
	    "INSERT INTO virtual_record (id, object, email, account_id, company)"
	    " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id, object) DO UPDATE"
	    " SET account_id = ?4, company = ?5, record_id = NULL"
	    " WHERE account_id IS NOT ?4 OR company IS NOT ?5 OR record_id IS NOT NULL",
	    err);

	if (!query)
		return -1;
	store_bind(query, 1, a->id);
	store_bind(query, 2, a->object);
	store_bind(query, 3, a->id + strlen("virtual:"));
	store_bind(query, 4, a->account);
	store_bind(query, 5, a->company);
	return store_run(query, err);
}

static int
put_association(struct calls *calls, const struct call *call, size_t n, struct err *err)
{
	const struct call_association *a = &call->associations[n];
	struct store_query *query = store_query(calls->store,
	    "INSERT INTO association (kind, call_id, n, object, record_id, account_id, \"by\")"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	    err);

	if (!query)
		return -1;
	store_bind(query, 1, call->kind);
	store_bind(query, 2, call->id);
	store_bind_int(query, 3, (int64_t)n);
	store_bind(query, 4, a->object);
	store_bind(query, 5, a->id);
	store_bind(query, 6, a->account);
	store_bind(query, 7, a->by);
	if (store_run(query, err) != 0)
		return -1;
	return strncmp(a->id, "virtual:", 8) == 0 ? put_virtual(calls, a, err) : 0;
}

/* For somebody who was virtual there is a real contact or lead now. */
static int
link_virtual(struct calls *calls, const struct call_real *real, struct err *err)
{
	struct store_query *query = store_query(calls->store,
	    "UPDATE virtual_record SET record_id = ?2"
	    " WHERE id = 'virtual:' || ?1 AND record_id IS NOT ?2",
	    err);

	if (!query)
		return -1;
	store_bind(query, 1, real->email);
	store_bind(query, 2, real->id);
	return store_run(query, err);
}

static int
put_associations(struct calls *calls, const struct call *call, bool is_new, struct err *err)
{
	if (!is_new && drop_rows(calls, "DELETE FROM association WHERE kind = ?1 AND call_id = ?2",
			   call, err) != 0)
		return -1;
	for (size_t n = 0; n < call->n_associations; n++)
		if (put_association(calls, call, n, err) != 0)
			return -1;
	for (size_t n = 0; n < call->n_real && !is_new; n++)
		if (link_virtual(calls, &call->real[n], err) != 0)
			return -1;
	return 0;
}

static int
put_manual(struct calls *calls, const struct call *call, bool is_new, struct err *err)
{
	if (!is_new && drop_rows(calls, "DELETE FROM call_manual WHERE kind = ?1 AND call_id = ?2",
			   call, err) != 0)
		return -1;
	for (size_t n = 0; n < call->n_manual; n++) {
		struct store_query *query = store_query(
		    calls->store, "INSERT INTO call_manual VALUES (?1, ?2, ?3, ?4, ?5)", err);
		if (!query)
			return -1;
		store_bind(query, 1, call->kind);
		store_bind(query, 2, call->id);
		store_bind_int(query, 3, (int64_t)n);
		store_bind(query, 4, call->manual[n].object);
		store_bind(query, 5, call->manual[n].id);
		if (store_run(query, err) != 0)
			return -1;
	}
	return 0;
}

static int
write_call(struct calls *calls, const struct call *call, const struct mirror_change *changes,
    size_t n, bool is_new, struct err *err)
{
	static const char *const people[] = {"participants", "from", "to", "cc"};
	bool moved = is_new;

	for (size_t i = 0; i < sizeof people / sizeof *people; i++)
		moved |= calls_differ_in(changes, n, people[i]);
	if (put_line(calls, call, err) != 0 ||
	    (moved && put_participants(calls, call, is_new, err) != 0))
		return -1;
	if ((is_new || calls_differ_in(changes, n, "associations")) &&
	    put_associations(calls, call, is_new, err) != 0)
		return -1;
	if ((is_new || calls_differ_in(changes, n, "manual")) &&
	    put_manual(calls, call, is_new, err) != 0)
		return -1;
	buf_clear(&calls->change);
	calls_change_line(
	    &calls->change, queue_next_seq(calls->queue), call->kind, call->id, changes, n, is_new);
	return queue_put(calls->queue, "calls", call->kind, call->id, &calls->change, false, err);
}

/* design 5: what associate-call read may be out of date by now. */
static int
owe_if_late(struct calls *calls, const struct call *call, const struct stored *stored, bool people,
    struct err *err)
{
	const char *why = NULL;

	if (people)
		why = "an answer to the invitation changed its participants";
	else if (call->as_of >= 0 && queue_newest_record(calls->queue) > call->as_of)
		why = "records changed while it was processed";
	else if (call->as_of >= 0 && stored->seq > call->as_of)
		why = "it was stored anew while it was processed";
	return why ? queue_owe(calls->queue, "calls", "calls", call->kind, call->id, why, err) : 0;
}

/* What is stored already owes nothing: it was owed when it was stored if it was late then, and what
 * changed since finds it in the store. So a stream that is applied again changes nothing. */
static int
apply(struct calls *calls, struct call *call, const struct stored *stored, struct arena *arena,
    bool people, struct err *err)
{
	size_t n;
	bool destroyed = call->stored >= 0 && !stored->json.at; /* by --purge, since it was read */
	struct mirror_change *changes = calls_differ(stored->json, call->text, arena, &n);

	if (n == 0 || destroyed) {
		calls->counts.unchanged++;
		return 0;
	}
	if (call->stored >= 0 && stored->seq > call->stored)
		return queue_owe(calls->queue, "calls", "calls", call->kind, call->id,
		    "it was stored anew after it was read from the store", err);
	if (stored->json.at)
		calls->counts.changed++;
	else
		calls->counts.added++;
	if (write_call(calls, call, changes, n, !stored->json.at, err) != 0)
		return -1;
	return owe_if_late(calls, call, stored, people, err);
}

/* The stored call with what the line says, as a line. */
static int
merge(
    const struct line *line, struct json stored, struct line *merged, bool *people, struct err *err)
{
	struct json text;

	if (calls_merge(stored, line, &text, people, err) != 0)
		return -1;
	*merged = (struct line){
	    .text = text.at, .size = text.size, .number = line->number, .arena = line->arena};
	return line_check(merged, err);
}

int
calls_put(struct calls *calls, const struct line *line, struct err *err)
{
	bool email = line_is(line, "email"), people = false;
	const char *id = line_string(line, "id");
	struct stored stored;
	struct line merged;
	struct call call;

	if (line->n_members > MAX_MEMBERS)
		return err_set(err, ST_REJECTED, "more than %d members", MAX_MEMBERS);
	if (select_stored(calls, id ? id : "", email, line->arena, &stored, err) != 0)
		return -1;
	if (!email && !stored.json.at && calls_is_bare(line)) {
		calls->counts.unchanged++;
		return 0;
	}
	if (!email && stored.json.at && calls_is_part(line)) {
		if (merge(line, stored.json, &merged, &people, err) != 0)
			return -1;
		line = &merged;
	}
	if (calls_read(line, &call, err) != 0)
		return -1;
	return apply(calls, &call, &stored, line->arena, people, err);
}

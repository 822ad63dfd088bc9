#include "associate.h"

#include "activity.h"
#include "associate_keep.h"
#include "association.h"
#include "choose.h"
#include "identify.h"
#include "match.h"
#include "rfc3339.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Then a newer state is read, or keys that were loaded meanwhile; the first transactions are short, so
 * that it is soon known whether loading pays. */
#define TRANSACTION_LINES 1000
#define FIRST_LINES 10

struct associate {
	struct store *store;
	const struct rules *rules;
	enum associate_mode mode;
	bool reading; /* in a read transaction */
	char as_of[24];
	struct warm *warm;
	const struct keys *keys; /* of this transaction, or NULL */
	struct known known;      /* of its version */
	uint64_t lines, bytes;   /* of this transaction */
	uint64_t lines_before;   /* of the one before it */
	uint64_t max_lines;      /* of it */
	struct buf results;      /* of the last line: associate_finish() lends them to it */
};

struct associate *
associate_open(
    struct store *store, const struct rules *rules, enum associate_mode mode, struct warm *warm)
{
	struct associate *a = xalloc(sizeof *a);

	*a = (struct associate){
	    .store = store, .rules = rules, .mode = mode, .warm = warm, .max_lines = FIRST_LINES};
	return a;
}

void
associate_set_mode(struct associate *a, enum associate_mode mode)
{
	a->mode = mode;
}

void
associate_wait(struct associate *a)
{
	if (!a || !a->reading)
		return;
	if (a->warm) {
		warm_give(a->warm, a->keys);
		warm_note(a->warm, a->store, a->lines, a->bytes);
	}
	a->keys = NULL;
	a->lines_before = a->lines;
	a->lines = a->bytes = 0;
	store_rollback(a->store);
	a->reading = false;
}

void
associate_close(struct associate *a)
{
	associate_wait(a);
	if (!a)
		return;
	known_free(&a->known);
	buf_free(&a->results);
	free(a);
}

/* One transaction for all lines until the input blocks, and the newest change that it sees. */
static int
begin(struct associate *a, struct err *err)
{
	static const char sql[] = "SELECT seq FROM sqlite_sequence WHERE name = 'change'";

	if (a->reading)
		return 0;
	if (store_begin(a->store, err) != 0)
		return -1;
	a->reading = true;
	int64_t version = 0, as_of = 0;
	if (store_number(a->store, sql, &as_of, err) != 0 ||
	    store_version(a->store, &version, err) != 0)
		return -1;
	snprintf(a->as_of, sizeof a->as_of, "%" PRId64, as_of);
	a->keys = a->warm ? warm_take(a->warm, version) : NULL;
	/* with keys nobody asks who is a User */
	return known_read(&a->known, a->store, version, a->keys ? 0 : a->lines_before, err);
}

/* Manual accounts, contacts and leads stand first; a deleted record counts as not there. */
static int
add_manual(struct match *match, const struct associate_input *input, struct choose *choose)
{
	choose->manual_opportunities =
	    arena_array(match->arena, input->n_manual + 1, sizeof *choose->manual_opportunities);
	for (size_t i = 0; i < input->n_manual; i++) {
		const struct associate_manual *m = &input->manual[i];
		enum match_state state;
		const char *name;
		if (match_state(match, m->object, m->id, &state, &name) != 0)
			return -1;
		match_explain(match, 1, "manual: %s %s%s", m->object, m->id,
		    state == MATCH_DELETED ? ": deleted" : "");
		if (state == MATCH_DELETED)
			continue;
		if (strcmp(m->object, "Opportunity") == 0) {
			choose->manual_opportunities[choose->n_manual_opportunities++] = m->id;
			continue;
		}
		if (!choose->manual_account && strcmp(m->object, "Account") == 0)
			choose->manual_account = m->id;
		if (choose->closed)
			continue;
		struct association *entry = association_add(choose->list, m->object, m->id);
		entry->name = name;
		association_because(choose->list, entry, NULL, "manual", NULL, 0);
	}
	return 0;
}

static void
add_all(struct association_list *list, const struct association_list *more)
{
	for (size_t i = 0; i < more->n; i++) {
		const struct association *from = more->items[i];
		struct association *to = association_add(list, from->object, from->id);
		to->name = from->name;
		to->account = from->account;
		to->company = from->company;
		for (size_t r = 0; r < from->n_reasons; r++) {
			const struct association_reason *reason = &from->reasons[r];
			association_because(
			    list, to, reason->participant, reason->by, reason->record, reason->of);
		}
	}
}

static void
put_primary(struct buf *out, const struct choose *choose)
{
	buf_putc(out, '{');
	json_put_member(out, "account", choose->primary_account);
	json_put_member(out, "opportunity", choose->primary_opportunity);
	buf_putc(out, '}');
}

static void
put_unmatched(struct buf *out, const struct identify_result *found)
{
	buf_putc(out, '[');
	for (size_t i = 0; i < found->n_unmatched; i++) {
		buf_puts(out, i ? ",{" : "{");
		json_put_member(out, "participant", found->unmatched[i].participant);
		json_put_member(out, "reason", found->unmatched[i].reason);
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
}

/* found is NULL where --fill leaves unmatched as it was. */
static void
set_results(struct associate *a, struct line *line, const struct choose *choose,
    const struct identify_result *found)
{
	struct buf *out = &a->results;

	buf_clear(out);
	association_write(choose->list, out);
	size_t associations = out->size;
	put_primary(out, choose);
	size_t primary = out->size;
	if (found)
		put_unmatched(out, found);
	size_t unmatched = out->size;
	buf_puts(out, a->as_of);
	line_set(line, "associations", out->text, associations);
	line_set(line, "primary", out->text + associations, primary - associations);
	if (found)
		line_set(line, "unmatched", out->text + primary, unmatched - primary);
	line_set(line, "as_of", out->text + unmatched, out->size - unmatched);
}

/* Where nothing was chosen by hand: what the CRM's own activity says (design 5, --activities). */
static int
find_activity(const struct associate_input *input, const struct association_list *matched,
    struct choose *choose)
{
	struct match *match = choose->match;
	struct activity activity;

	if (!match->rules->activities || choose->manual_account ||
	    choose->n_manual_opportunities > 0)
		return 0;
	int there =
	    activity_find(match, input->id, input->start_ms, matched, input->organizer, &activity);
	return there > 0 ? choose_activity(choose, &activity) : there;
}

/* The accounts and people: by hand, by the CRM's activity, by the participants; then what is kept.
 * With --fill those that the line has; the others choose among opportunities alone. */
static int
find_people(struct associate *a, const struct associate_input *input, struct choose *choose,
    struct identify_result *found)
{
	struct match *match = choose->match;

	if (choose->closed) {
		if (associate_refill(match, choose->list, &input->old) != 0 ||
		    add_manual(match, input, choose) != 0)
			return -1;
		return find_activity(input, choose->list, choose);
	}
	if (identify(match, &input->participants, input->organizer, found) != 0 ||
	    add_manual(match, input, choose) != 0 ||
	    find_activity(input, &found->list, choose) != 0)
		return -1;
	if (choose->list->n == 0)
		*choose->list = found->list;
	else
		add_all(choose->list, &found->list);
	return a->mode == ASSOCIATE_KEEP ? associate_keep(match, choose->list, &input->old) : 0;
}

static void
explain_head(struct match *match, const struct line *line, const struct associate_input *input)
{
	char start[RFC3339_SIZE];
	const char *subject = line_string(line, "subject");

	match_explain(match, 0, "%s %s, %s%s%s", input->email ? "email" : "call", input->id,
	    rfc3339_format(input->start_ms, start), subject ? ": " : "", subject ? subject : "");
}

/* A batch counts as a whole: no transaction ends in the middle, with what was fetched. */
static void
count(struct associate *a, const struct associate_work *works, size_t n)
{
	uint64_t lines = 0, bytes = 0;

	for (size_t i = 0; i < n; i++) {
		lines += works[i].wanted;
		bytes += works[i].wanted ? works[i].line.size : 0;
	}
	if (a->lines + lines > a->max_lines) {
		associate_wait(a);
		a->max_lines =
		    a->max_lines < TRANSACTION_LINES / 2 ? a->max_lines * 2 : TRANSACTION_LINES;
	}
	a->lines += lines;
	a->bytes += bytes;
}

static void
read_one(struct associate *a, struct associate_work *w)
{
	w->err.status = ST_OK;
	if (w->wanted && associate_read(&w->line, &w->input, &w->err) == 0)
		begin(a, &w->err);
	keys_look(&w->keys, a->keys);
	if (a->keys && w->wanted && !w->err.status)
		identify_expect(&w->keys, &w->input.participants, w->input.organizer);
}

/* Each step is a line behind the one before, so that what it asked for has come. */
void
associate_ahead(struct associate *a, struct associate_work *works, size_t n)
{
	count(a, works, n);
	for (size_t i = 0; i < n + 3; i++) {
		if (i < n)
			read_one(a, &works[i]);
		if (i >= 1 && i - 1 < n)
			keys_fetch(&works[i - 1].keys);
		if (i >= 2 && i - 2 < n)
			keys_expect_accounts(&works[i - 2].keys);
		if (i >= 3)
			keys_fetch(&works[i - 3].keys);
	}
}

int
associate_finish(
    struct associate *a, struct associate_work *work, struct buf *explanation, struct err *err)
{
	const struct associate_input *input = &work->input;
	struct match match = {.store = a->store,
	    .rules = a->rules,
	    .arena = work->line.arena,
	    .err = err,
	    .keys =
		a->keys && !explanation ? &work->keys : NULL, /* to explain, the store is asked */
	    .known = &a->known,
	    .explain = explanation};
	struct association_list list = {.arena = work->line.arena};
	struct identify_result found = {0};
	struct choose choose = {.match = &match,
	    .list = &list,
	    .start_ms = input->start_ms,
	    .organizer = input->organizer,
	    .closed = a->mode == ASSOCIATE_FILL && input->has_people};

	if (work->err.status) {
		*err = work->err;
		return -1;
	}
	if (explanation)
		explain_head(&match, &work->line, input);
	if (find_people(a, input, &choose, &found) != 0 || choose_opportunities(&choose) != 0)
		return -1;
	set_results(a, &work->line, &choose, choose.closed ? NULL : &found);
	return 0;
}

int
associate_line(struct associate *a, struct line *line, struct err *err)
{
	struct associate_work work;

	work.line = *line;
	work.wanted = true;
	associate_ahead(a, &work, 1);
	int status = associate_finish(a, &work, NULL, err);
	*line = work.line;
	return status;
}

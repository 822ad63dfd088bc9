#include "match.h"

#include <string.h>

#define MERGE_CHAIN_MAX 32

/* Whether a query with this key has a row; what its first column says, unless it is NULL. */
static int
probe(struct match *match, const char *sql, const char *key, bool *row, const char **text)
{
	struct store_query *query = store_query(match->store, sql, match->err);

	if (!query)
		return -1;
	store_bind(query, 1, key);
	int step = store_step(query, match->err);
	*row = step == 1;
	if (step == 1 && text)
		*text = match_text(match, query, 0);
	store_reset(query);
	return step < 0 ? -1 : 0;
}

int
match_active_user(struct match *match, const char *email, bool *active)
{
	static const char sql[] =
	    "SELECT id FROM user WHERE email = ?1 AND ifnull(is_active, 1) <> 0 AND is_deleted = 0"
	    " LIMIT 1";

	if (match->keys) {
		*active = keys_find(match->keys, KEYS_USER, email) != NULL;
		return 0;
	}
	if (match->known->has_users) {
		*active = set_has(&match->known->users, email);
		return 0;
	}
	return probe(match, sql, email, active, NULL);
}

enum { BY_ACCOUNT, BY_CONTACT, BY_LEAD, BY_OPPORTUNITY, BY_NONE };

static int
object_index(const char *object)
{
	static const char *const names[] = {"Account", "Contact", "Lead", "Opportunity"};

	for (int i = 0; i < BY_NONE; i++)
		if (strcmp(object, names[i]) == 0)
			return i;
	return BY_NONE;
}

static void
account_from_keys(struct match *match, const char *id, enum match_state *state, const char **name)
{
	const struct keys_entry *account = keys_find(match->keys, KEYS_ACCOUNT, id);

	if (!account)
		return;
	*state = account->n & KEYS_GONE ? MATCH_DELETED : MATCH_HELD;
	if (name && account->n & KEYS_NAMED)
		*name = keys_values(account);
}

/* False if the keys do not know. */
static bool
state_from_keys(
    struct match *match, int by, const char *id, enum match_state *state, const char **name)
{
	if (!match->keys || by == BY_OPPORTUNITY)
		return false;
	if (by == BY_ACCOUNT)
		account_from_keys(match, id, state, name);
	else
		*state = keys_find(match->keys, KEYS_DELETED, id) ? MATCH_DELETED : MATCH_HELD;
	return true;
}

int
match_state(struct match *match, const char *object, const char *id, enum match_state *state,
    const char **name)
{
	static const char *const sql[] = {
	    /* by the key alone SQLite would go to the record, not to the index that holds all of it */
	    [BY_ACCOUNT] = "SELECT is_deleted, name FROM account WHERE id BETWEEN ?1 AND ?1",
	    [BY_CONTACT] = "SELECT is_deleted, NULL FROM contact WHERE id = ?1",
	    [BY_LEAD] = "SELECT is_deleted, NULL FROM lead WHERE id = ?1",
	    [BY_OPPORTUNITY] = "SELECT is_deleted, NULL FROM opportunity WHERE id = ?1",
	};
	int by = object_index(object);

	*state = MATCH_UNKNOWN;
	if (name)
		*name = NULL;
	if (by == BY_NONE)
		return 0;
	if (state_from_keys(match, by, id, state, name))
		return 0;
	struct store_query *query = store_query(match->store, sql[by], match->err);
	if (!query)
		return -1;
	store_bind(query, 1, id);
	int step = store_step(query, match->err);
	if (step == 1) {
		*state = store_int(query, 0) ? MATCH_DELETED : MATCH_HELD;
		if (name)
			*name = match_text(match, query, 1);
	}
	store_reset(query);
	return step < 0 ? -1 : 0;
}

int
match_winner(struct match *match, const char *object, const char *id, const char **winner)
{
	static const char *const sql[] = {
	    [BY_ACCOUNT] = "SELECT master_record_id FROM account WHERE id = ?1 AND is_deleted = 1",
	    [BY_CONTACT] = "SELECT master_record_id FROM contact WHERE id = ?1 AND is_deleted = 1",
	    [BY_LEAD] = "SELECT master_record_id FROM lead WHERE id = ?1 AND is_deleted = 1",
	};
	int by = object_index(object);
	enum match_state state = MATCH_UNKNOWN;

	*winner = NULL;
	if (by != BY_NONE && state_from_keys(match, by, id, &state, NULL) && state != MATCH_DELETED)
		return 0;
	for (int i = 0; i < MERGE_CHAIN_MAX && by < BY_OPPORTUNITY; i++) {
		const char *next = NULL;
		bool row;
		if (probe(match, sql[by], id, &row, &next) != 0)
			return -1;
		if (!next)
			break;
		*winner = id = next;
	}
	return 0;
}

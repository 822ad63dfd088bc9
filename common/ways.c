#include "ways.h"

#include "email.h"
#include "fold.h"
#include "sfid.h"
#include "sobject.h"

#include <stdlib.h>
#include <string.h>

struct way {
	const char *object;
	unsigned matters; /* if a change matters so: enum sobject_matter */
	enum reach_by by;
	const char *sql;   /* gives keys for the record's Id, ?1; NULL: it is the Id itself */
	const char *field; /* instead: the value that this field had before */
};

/* Besides what a field can matter to: the record is there or not, and --activities is given. */
#define NAMED (1U << 31)

struct ways {
	struct store *store;
	struct reach *reach;
	unsigned matters; /* what matters under these rules */
};

#define CHOSEN (SOBJECT_MATCHED | SOBJECT_OLDEST | SOBJECT_NEWEST)
#define STATE SOBJECT_STATE
#define CLOSEST SOBJECT_CLOSEST
#define PRIORITY (SOBJECT_PRIORITY | SOBJECT_OWNER)
#define ANY (~0U)

/* The Tasks and Events that name a record; by + they are looked for by its Id, not among all Tasks. */
#define TASKS(column)                                                                              \
	"SELECT call_object FROM activity WHERE " column " = ?1 AND +object = 'Task'"              \
	" AND is_deleted = 0"
#define EVENTS(column)                                                                             \
	"SELECT at FROM activity WHERE " column " = ?1 AND +object = 'Event' AND is_deleted = 0"

/* The account of an open opportunity, from one of its activities. */
#define OPEN_ACCOUNT(table, column)                                                                \
	"SELECT o.account_id FROM " table " a JOIN opportunity o ON o.id = a." column              \
	" WHERE a.id = ?1 AND a.is_deleted = 0 AND o.is_deleted = 0 AND o.is_closed = 0"
#define HISTORY_ACCOUNT OPEN_ACCOUNT("opportunity_activity", "opportunity_id")
#define HISTORY_OPPORTUNITY "SELECT opportunity_id FROM opportunity_activity WHERE id = ?1"
#define WHAT_ACCOUNT OPEN_ACCOUNT("activity", "what_id")

#define CONTACT_PHONES                                                                             \
	"SELECT phone FROM contact WHERE id = ?1 AND is_deleted = 0"                               \
	" UNION ALL SELECT mobile_phone FROM contact WHERE id = ?1 AND is_deleted = 0"             \
	" UNION ALL SELECT home_phone FROM contact WHERE id = ?1 AND is_deleted = 0"               \
	" UNION ALL SELECT other_phone FROM contact WHERE id = ?1 AND is_deleted = 0"
#define LEAD_PHONES                                                                                \
	"SELECT phone FROM lead WHERE id = ?1 AND is_deleted = 0"                                  \
	" UNION ALL SELECT mobile_phone FROM lead WHERE id = ?1 AND is_deleted = 0"
#define CONTACT_DOMAINS                                                                            \
	"SELECT DISTINCT email_domain FROM contact WHERE account_id = ?1 AND is_deleted = 0"
#define ROLE_CONTACTS                                                                              \
	"SELECT contact_id FROM opportunity_contact_role"                                          \
	" WHERE opportunity_id = ?1 AND is_deleted = 0"

/* clang-format off */
static const struct way table[] = {
	{"Account", ANY, REACH_ACCOUNT, NULL, NULL},
	{"Account", STATE, REACH_MANUAL, NULL, NULL},
	{"Account", STATE, REACH_CONTACT, "SELECT id FROM contact WHERE account_id = ?1 AND is_deleted = 0", NULL},
	{"Account", STATE, REACH_DOMAIN, CONTACT_DOMAINS, NULL},
	{"Account", STATE, REACH_LEAD, "SELECT id FROM lead WHERE converted_account_id = ?1 AND is_deleted = 0", NULL},
	{"Account", STATE, REACH_OPPORTUNITY, "SELECT id FROM opportunity WHERE account_id = ?1 AND is_deleted = 0", NULL},
	{"Account", NAMED, REACH_ID, TASKS("what_id"), NULL},
	{"Account", NAMED, REACH_START, EVENTS("what_id"), NULL},

	{"Contact", ANY, REACH_CONTACT, NULL, NULL},
	{"Contact", CHOSEN, REACH_ADDRESS, "SELECT email FROM contact WHERE id = ?1 AND is_deleted = 0", NULL},
	{"Contact", CHOSEN, REACH_PHONE, CONTACT_PHONES, NULL},
	{"Contact", SOBJECT_DOMAIN, REACH_DOMAIN, "SELECT email_domain FROM contact WHERE id = ?1", NULL},
	{"Contact", SOBJECT_DOMAIN, REACH_DOMAIN, NULL, "Email"},
	{"Contact", STATE, REACH_MANUAL, NULL, NULL},
	{"Contact", STATE, REACH_LEAD, "SELECT id FROM lead WHERE converted_contact_id = ?1 AND is_deleted = 0", NULL},
	{"Contact", NAMED, REACH_ID, TASKS("who_id"), NULL},
	{"Contact", NAMED, REACH_START, EVENTS("who_id"), NULL},

	{"Lead", ANY, REACH_LEAD, NULL, NULL},
	{"Lead", CHOSEN, REACH_ADDRESS, "SELECT email FROM lead WHERE id = ?1 AND is_deleted = 0", NULL},
	{"Lead", CHOSEN, REACH_PHONE, LEAD_PHONES, NULL},
	{"Lead", SOBJECT_DOMAIN, REACH_DOMAIN, "SELECT email_domain FROM lead WHERE id = ?1", NULL},
	{"Lead", SOBJECT_DOMAIN, REACH_DOMAIN, NULL, "Email"},
	{"Lead", STATE, REACH_MANUAL, NULL, NULL},
	{"Lead", NAMED, REACH_ID, TASKS("who_id"), NULL},
	{"Lead", NAMED, REACH_START, EVENTS("who_id"), NULL},

	{"Opportunity", ANY, REACH_OPPORTUNITY, NULL, NULL},
	{"Opportunity", CLOSEST, REACH_ACCOUNT,
	    "SELECT account_id FROM opportunity WHERE id = ?1 AND is_deleted = 0 AND is_closed = 0", NULL},
	{"Opportunity", PRIORITY, REACH_ACCOUNT, "SELECT account_id FROM opportunity WHERE id = ?1 AND is_deleted = 0", NULL},
	{"Opportunity", PRIORITY, REACH_CONTACT, "SELECT contact_id FROM opportunity WHERE id = ?1 AND is_deleted = 0", NULL},
	{"Opportunity", PRIORITY, REACH_CONTACT, ROLE_CONTACTS, NULL},
	{"Opportunity", STATE, REACH_MANUAL, NULL, NULL},
	{"Opportunity", NAMED, REACH_ID, TASKS("what_id"), NULL},
	{"Opportunity", NAMED, REACH_START, EVENTS("what_id"), NULL},

	{"OpportunityContactRole", PRIORITY, REACH_CONTACT, "SELECT contact_id FROM opportunity_contact_role WHERE id = ?1", NULL},
	{"OpportunityContactRole", PRIORITY, REACH_CONTACT, NULL, "ContactId"},

	{"OpportunityHistory", CLOSEST, REACH_ACCOUNT, HISTORY_ACCOUNT, NULL},
	{"OpportunityHistory", CLOSEST, REACH_OPPORTUNITY, HISTORY_OPPORTUNITY, NULL},
	{"OpportunityHistory", CLOSEST, REACH_OPPORTUNITY, NULL, "OpportunityId"},
	{"OpportunityFieldHistory", CLOSEST, REACH_ACCOUNT, HISTORY_ACCOUNT, NULL},
	{"OpportunityFieldHistory", CLOSEST, REACH_OPPORTUNITY, HISTORY_OPPORTUNITY, NULL},
	{"OpportunityFieldHistory", CLOSEST, REACH_OPPORTUNITY, NULL, "OpportunityId"},

	/* one that log-activity made may count since, or no longer: without any value before */
	{"Task", CLOSEST, REACH_ACCOUNT, WHAT_ACCOUNT, NULL},
	{"Task", CLOSEST, REACH_OPPORTUNITY, "SELECT what_id FROM activity WHERE id = ?1", NULL},
	{"Task", CLOSEST, REACH_OPPORTUNITY, NULL, "WhatId"},
	{"Task", SOBJECT_ACTIVITY, REACH_ID, "SELECT call_object FROM activity WHERE id = ?1", NULL},
	{"Task", SOBJECT_ACTIVITY, REACH_ID, NULL, "CallObject"},

	{"Event", CLOSEST, REACH_ACCOUNT, WHAT_ACCOUNT, NULL},
	{"Event", CLOSEST, REACH_OPPORTUNITY, "SELECT what_id FROM activity WHERE id = ?1", NULL},
	{"Event", CLOSEST, REACH_OPPORTUNITY, NULL, "WhatId"},
	{"Event", SOBJECT_ACTIVITY, REACH_START, "SELECT at FROM activity WHERE id = ?1", NULL},
	{"Event", SOBJECT_ACTIVITY, REACH_START, NULL, "StartDateTime"},

	{"User", SOBJECT_INTERNAL, REACH_ADDRESS, "SELECT email FROM user WHERE id = ?1", NULL},
	{"User", SOBJECT_INTERNAL, REACH_ADDRESS, NULL, "Email"},
	{"User", SOBJECT_ORGANIZER, REACH_ORGANIZER, "SELECT email FROM user WHERE id = ?1", NULL},
	{"User", SOBJECT_ORGANIZER, REACH_ORGANIZER, NULL, "Email"},
};
/* clang-format on */

/* A field's are among them, a new or deleted record's all. */
static unsigned
matters_under(const struct rules *rules)
{
	bool priority = rules->opportunity == OPPORTUNITY_PRIORITY;
	bool owned = priority && rules->owned_by_organizer;
	unsigned matters =
	    SOBJECT_MATCHED | SOBJECT_DOMAIN | SOBJECT_BROUGHT | SOBJECT_INTERNAL | SOBJECT_STATE;

	if (rules->duplicates == DUPLICATES_OLDEST_MODIFIED)
		matters |= SOBJECT_OLDEST;
	if (rules->duplicates == DUPLICATES_NEWEST_CREATED)
		matters |= SOBJECT_NEWEST;
	if (!priority)
		matters |= SOBJECT_CLOSEST;
	if (priority || rules->activities) /* an activity's account has its opportunity by it */
		matters |= SOBJECT_PRIORITY;
	if (owned)
		matters |= SOBJECT_OWNER;
	if (rules->activities)
		matters |= SOBJECT_ACTIVITY | NAMED;
	if (owned || rules->activities || !rules->internal_given)
		matters |= SOBJECT_ORGANIZER;
	return matters;
}

struct ways *
ways_open(struct store *store, const struct rules *rules, struct reach *reach)
{
	struct ways *ways = xalloc(sizeof *ways);

	*ways = (struct ways){.store = store, .reach = reach, .matters = matters_under(rules)};
	return ways;
}

void
ways_close(struct ways *ways)
{
	free(ways);
}

struct change {
	const struct sobject *sobject;
	char id[SFID_SIZE];
	struct json before;
	unsigned matters;
	struct arena *arena;
};

static const char *
email_of(struct json value, struct arena *arena)
{
	size_t size;
	const char *text = json_decode(value, arena, &size);

	return text ? email_normalize(text, size, arena) : NULL;
}

/* Another address of the same domain is nothing new to who asks for the domain. */
static bool
same_domain(const struct line *line, struct arena *arena)
{
	const char *old = email_of(json_get(line_get(line, "before"), "Email"), arena);
	const char *new = email_of(json_get(line_get(line, "after"), "Email"), arena);

	if (!old || !new)
		return old == new;
	return strcmp(email_domain(old), email_domain(new)) == 0;
}

static unsigned
matters_of(const struct line *line, const struct sobject *sobject)
{
	struct json fields = line_get(line, "fields");
	struct json_each each = json_each(fields);
	struct json_member m;
	unsigned matters = 0;

	if (json_kind(fields) != JSON_IS_ARRAY || !json_has(line_get(line, "before")) ||
	    !json_has(line_get(line, "after")))
		return ~0U;
	while (json_next(&each, &m)) {
		const char *name = json_decode(m.value, line->arena, NULL);
		const struct sobject_field *f = name ? sobject_field(sobject, name) : NULL;
		if (!f)
			continue;
		unsigned of_field = f->matters;
		if (f->type == SOBJECT_EMAIL && same_domain(line, line->arena))
			of_field &= ~(unsigned)SOBJECT_DOMAIN;
		matters |= of_field;
	}
	return matters;
}

/* 1, or 0 for an object that no rule reads. */
static int
read_change(
    const struct ways *ways, const struct line *line, struct change *change, struct err *err)
{
	const char *object = line_string(line, "object");
	size_t size = 0;
	const char *id = json_decode(line_get(line, "id"), line->arena, &size);

	*change = (struct change){.arena = line->arena, .before = line_get(line, "before")};
	if (!object)
		return err_set(err, ST_REJECTED, "change without object");
	if (!id || sfid_widen(id, size, change->id) != 0)
		return err_set(err, ST_REJECTED, "change: id is no Salesforce Id");
	change->sobject = sobject_find_exact(object, strlen(object));
	if (!change->sobject)
		return 0;
	change->matters = matters_of(line, change->sobject) & ways->matters;
	return change->matters != 0;
}

/* The value that a field had before, as the key that it was; NULL: none. */
static const char *
key_before(const struct change *change, const struct way *way)
{
	const struct sobject_field *field = sobject_field(change->sobject, way->field);
	size_t size;
	const char *text = json_decode(json_get(change->before, way->field), change->arena, &size);
	char id[SFID_SIZE];

	if (!text || !field)
		return NULL;
	if (field->type == SOBJECT_ID)
		return sfid_widen(text, size, id) == 0 ? arena_dup(change->arena, id, SFID_SIZE - 1)
						       : NULL;
	if (field->type != SOBJECT_EMAIL)
		return fold_trim(text, size, change->arena);
	const char *email = email_normalize(text, size, change->arena);
	return email && way->by == REACH_DOMAIN ? email_domain(email) : email;
}

struct key_list {
	const char *key;
	struct key_list *next;
};

/* All keys first, as each asks the store again. */
static int
read_keys(struct ways *ways, const struct change *change, const char *sql, struct key_list **keys,
    struct err *err)
{
	struct store_query *query = store_query(ways->store, sql, err);
	size_t size;
	int step;

	if (!query)
		return -1;
	store_bind(query, 1, change->id);
	while ((step = store_step(query, err)) == 1) {
		const char *text = store_text(query, 0, &size);
		if (!text)
			continue;
		*keys = arena_alloc(change->arena, sizeof **keys);
		(*keys)->key = arena_dup(change->arena, text, size);
		keys = &(*keys)->next;
	}
	return step;
}

static int
go(struct ways *ways, const struct change *change, const struct way *way, struct err *err)
{
	struct key_list *keys = NULL;

	if (!way->sql) {
		const char *key = way->field ? key_before(change, way) : change->id;
		return key ? reach_key(ways->reach, way->by, key, err) : 0;
	}
	if (read_keys(ways, change, way->sql, &keys, err) != 0)
		return -1;
	for (; keys; keys = keys->next)
		if (reach_key(ways->reach, way->by, keys->key, err) != 0)
			return -1;
	return 0;
}

int
ways_follow(struct ways *ways, const struct line *line, struct err *err)
{
	struct change change;
	int read = read_change(ways, line, &change, err);

	if (read <= 0)
		return read;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].matters & change.matters &&
		    strcmp(table[i].object, change.sobject->name) == 0 &&
		    go(ways, &change, &table[i], err) != 0)
			return -1;
	return 0;
}

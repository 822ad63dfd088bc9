#include "ways.h"

#define CHOSEN (SOBJECT_MATCHED | SOBJECT_OLDEST | SOBJECT_NEWEST)
#define STATE SOBJECT_STATE
#define CLOSEST SOBJECT_CLOSEST
#define PRIORITY (SOBJECT_PRIORITY | SOBJECT_OWNER)
#define ANY (~0U)

/* The Tasks and Events that name a record. */
#define TASKS(column)                                                                              \
	"SELECT call_object FROM activity WHERE " column " = ?1 AND object = 'Task'"               \
	" AND is_deleted = 0"
#define EVENTS(column)                                                                             \
	"SELECT at FROM activity WHERE " column " = ?1 AND object = 'Event' AND is_deleted = 0"

/* The account of an open opportunity, from one of its activities. */
#define OPEN_ACCOUNT(table, column)                                                                \
	"SELECT o.account_id FROM " table " a JOIN opportunity o ON o.id = a." column              \
	" WHERE a.id = ?1 AND a.is_deleted = 0 AND o.is_deleted = 0 AND o.is_closed = 0"
#define HISTORY_ACCOUNT OPEN_ACCOUNT("opportunity_activity", "opportunity_id")
#define HISTORY_OPPORTUNITY "SELECT opportunity_id FROM opportunity_activity WHERE id = ?1"
#define WHAT_ACCOUNT OPEN_ACCOUNT("activity", "what_id")

#define CONTACT_PHONES                                                                             \
	"SELECT phone FROM contact WHERE id = ?1 AND is_deleted = 0"                               \
	" UNION ALL SELECT mobile_phone FROM contact WHERE id = ?1 AND is_deleted = 0"                 \
	" UNION ALL SELECT home_phone FROM contact WHERE id = ?1 AND is_deleted = 0"                   \
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
const struct way ways[] = {
	{"Account", ANY, REACH_ACCOUNT, NULL, NULL},
	{"Account", STATE, REACH_MANUAL, NULL, NULL},
	{"Account", STATE, REACH_CONTACT, "SELECT id FROM contact WHERE account_id = ?1 AND is_deleted = 0", NULL},
	{"Account", STATE, REACH_DOMAIN, CONTACT_DOMAINS, NULL},
	{"Account", STATE, REACH_LEAD, "SELECT id FROM lead WHERE converted_account_id = ?1 AND is_deleted = 0", NULL},
	{"Account", STATE, REACH_OPPORTUNITY, "SELECT id FROM opportunity WHERE account_id = ?1 AND is_deleted = 0", NULL},
	{"Account", WAYS_NAMED, REACH_ID, TASKS("what_id"), NULL},
	{"Account", WAYS_NAMED, REACH_START, EVENTS("what_id"), NULL},

	{"Contact", ANY, REACH_CONTACT, NULL, NULL},
	{"Contact", CHOSEN, REACH_ADDRESS, "SELECT email FROM contact WHERE id = ?1 AND is_deleted = 0", NULL},
	{"Contact", CHOSEN, REACH_PHONE, CONTACT_PHONES, NULL},
	{"Contact", SOBJECT_DOMAIN, REACH_DOMAIN, "SELECT email_domain FROM contact WHERE id = ?1", NULL},
	{"Contact", SOBJECT_DOMAIN, REACH_DOMAIN, NULL, "Email"},
	{"Contact", STATE, REACH_MANUAL, NULL, NULL},
	{"Contact", STATE, REACH_LEAD, "SELECT id FROM lead WHERE converted_contact_id = ?1 AND is_deleted = 0", NULL},
	{"Contact", WAYS_NAMED, REACH_ID, TASKS("who_id"), NULL},
	{"Contact", WAYS_NAMED, REACH_START, EVENTS("who_id"), NULL},

	{"Lead", ANY, REACH_LEAD, NULL, NULL},
	{"Lead", CHOSEN, REACH_ADDRESS, "SELECT email FROM lead WHERE id = ?1 AND is_deleted = 0", NULL},
	{"Lead", CHOSEN, REACH_PHONE, LEAD_PHONES, NULL},
	{"Lead", SOBJECT_DOMAIN, REACH_DOMAIN, "SELECT email_domain FROM lead WHERE id = ?1", NULL},
	{"Lead", SOBJECT_DOMAIN, REACH_DOMAIN, NULL, "Email"},
	{"Lead", STATE, REACH_MANUAL, NULL, NULL},
	{"Lead", WAYS_NAMED, REACH_ID, TASKS("who_id"), NULL},
	{"Lead", WAYS_NAMED, REACH_START, EVENTS("who_id"), NULL},

	{"Opportunity", ANY, REACH_OPPORTUNITY, NULL, NULL},
	{"Opportunity", CLOSEST, REACH_ACCOUNT,
	    "SELECT account_id FROM opportunity WHERE id = ?1 AND is_deleted = 0 AND is_closed = 0", NULL},
	{"Opportunity", PRIORITY, REACH_ACCOUNT, "SELECT account_id FROM opportunity WHERE id = ?1 AND is_deleted = 0", NULL},
	{"Opportunity", PRIORITY, REACH_CONTACT, "SELECT contact_id FROM opportunity WHERE id = ?1 AND is_deleted = 0", NULL},
	{"Opportunity", PRIORITY, REACH_CONTACT, ROLE_CONTACTS, NULL},
	{"Opportunity", STATE, REACH_MANUAL, NULL, NULL},
	{"Opportunity", WAYS_NAMED, REACH_ID, TASKS("what_id"), NULL},
	{"Opportunity", WAYS_NAMED, REACH_START, EVENTS("what_id"), NULL},

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
const size_t n_ways = sizeof ways / sizeof *ways;

unsigned
ways_matter(const struct rules *rules)
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
		matters |= SOBJECT_ACTIVITY | WAYS_NAMED;
	if (owned || rules->activities || !rules->internal_given)
		matters |= SOBJECT_ORGANIZER;
	return matters;
}

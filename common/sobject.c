#include "sobject.h"

#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The fields that every object with the usual system fields has; what its dates decide. */
#define SYSTEM_FIELDS(type, created, modified)                                                     \
	{"CreatedDate", "created_date", type, created, false},                                     \
	    {"LastModifiedDate", "last_modified_date", type, modified, false},                     \
	{                                                                                          \
		"SystemModstamp", "system_modstamp", SOBJECT_TIME, 0, false                        \
	}
#define DELETED                                                                                    \
	{                                                                                          \
		"IsDeleted", "is_deleted", SOBJECT_BOOL, SOBJECT_STATE, false                      \
	}
#define MASTER                                                                                     \
	{                                                                                          \
		"MasterRecordId", "master_record_id", SOBJECT_ID, SOBJECT_BROUGHT, false           \
	}

/* clang-format off */
static const struct sobject_field account[] = {
	{"Id", "id", SOBJECT_ID, 0, false},
	{"Name", "name", SOBJECT_TEXT, SOBJECT_BROUGHT, false},
	{"OwnerId", "owner_id", SOBJECT_ID, 0, false},
	{"Website", NULL, SOBJECT_TEXT, 0, false},
	{"IsPersonAccount", "is_person_account", SOBJECT_BOOL, 0, true},
	DELETED, MASTER, SYSTEM_FIELDS(SOBJECT_TIME, 0, 0),
};

static const struct sobject_field contact[] = {
	{"Id", "id", SOBJECT_ID, 0, false},
	{"AccountId", "account_id", SOBJECT_ID, SOBJECT_BROUGHT | SOBJECT_DOMAIN, false},
	{"Name", "name", SOBJECT_TEXT, 0, false},
	{"FirstName", NULL, SOBJECT_TEXT, 0, false},
	{"LastName", NULL, SOBJECT_TEXT, 0, false},
	{"Title", NULL, SOBJECT_TEXT, 0, false},
	{"Email", "email", SOBJECT_EMAIL, SOBJECT_MATCHED | SOBJECT_DOMAIN, false},
	{"Phone", "phone", SOBJECT_PHONE, SOBJECT_MATCHED, false},
	{"MobilePhone", "mobile_phone", SOBJECT_PHONE, SOBJECT_MATCHED, false},
	{"HomePhone", "home_phone", SOBJECT_PHONE, SOBJECT_MATCHED, false},
	{"OtherPhone", "other_phone", SOBJECT_PHONE, SOBJECT_MATCHED, false},
	{"OwnerId", "owner_id", SOBJECT_ID, 0, false},
	{"IsPersonAccount", "is_person_account", SOBJECT_BOOL, 0, true},
	DELETED, MASTER, SYSTEM_FIELDS(SOBJECT_TIME_MS, SOBJECT_NEWEST, SOBJECT_OLDEST),
};

static const struct sobject_field lead[] = {
	{"Id", "id", SOBJECT_ID, 0, false},
	{"Name", "name", SOBJECT_TEXT, 0, false},
	{"FirstName", NULL, SOBJECT_TEXT, 0, false},
	{"LastName", NULL, SOBJECT_TEXT, 0, false},
	{"Title", NULL, SOBJECT_TEXT, 0, false},
	{"Company", "company", SOBJECT_TEXT, SOBJECT_DOMAIN, false},
	{"Email", "email", SOBJECT_EMAIL, SOBJECT_MATCHED | SOBJECT_DOMAIN, false},
	{"Phone", "phone", SOBJECT_PHONE, SOBJECT_MATCHED, false},
	{"MobilePhone", "mobile_phone", SOBJECT_PHONE, SOBJECT_MATCHED, false},
	{"Status", NULL, SOBJECT_TEXT, 0, false},
	{"OwnerId", "owner_id", SOBJECT_ID, 0, false},
	{"IsConverted", "is_converted", SOBJECT_BOOL, SOBJECT_BROUGHT | SOBJECT_DOMAIN, false},
	{"ConvertedDate", NULL, SOBJECT_DATE, 0, false},
	{"ConvertedAccountId", "converted_account_id", SOBJECT_ID, SOBJECT_BROUGHT, false},
	{"ConvertedContactId", "converted_contact_id", SOBJECT_ID, SOBJECT_BROUGHT, false},
	{"ConvertedOpportunityId", "converted_opportunity_id", SOBJECT_ID, 0, false},
	DELETED, MASTER, SYSTEM_FIELDS(SOBJECT_TIME_MS, SOBJECT_NEWEST | SOBJECT_DOMAIN, SOBJECT_OLDEST),
};

static const struct sobject_field opportunity[] = {
	{"Id", "id", SOBJECT_ID, 0, false},
	{"Name", "name", SOBJECT_TEXT, 0, false},
	{"AccountId", "account_id", SOBJECT_ID, SOBJECT_BROUGHT | SOBJECT_CLOSEST | SOBJECT_PRIORITY, false},
	{"ContactId", "contact_id", SOBJECT_ID, SOBJECT_PRIORITY, false},
	{"OwnerId", "owner_id", SOBJECT_ID, SOBJECT_OWNER, false},
	{"StageName", "stage_name", SOBJECT_TEXT, 0, false},
	{"Amount", NULL, SOBJECT_TEXT, 0, false},
	{"IsClosed", "is_closed", SOBJECT_BOOL, SOBJECT_CLOSEST | SOBJECT_PRIORITY, false},
	{"IsWon", "is_won", SOBJECT_BOOL, 0, false},
	{"CloseDate", "close_date", SOBJECT_DATE, SOBJECT_PRIORITY, false},
	{"CampaignId", "campaign_id", SOBJECT_ID, 0, true},
	DELETED, SYSTEM_FIELDS(SOBJECT_TIME_MS, SOBJECT_CLOSEST | SOBJECT_PRIORITY, SOBJECT_CLOSEST),
};

static const struct sobject_field opportunity_contact_role[] = {
	{"Id", "id", SOBJECT_ID, 0, false},
	{"OpportunityId", "opportunity_id", SOBJECT_ID, SOBJECT_PRIORITY, false},
	{"ContactId", "contact_id", SOBJECT_ID, SOBJECT_PRIORITY, false},
	{"Role", "role", SOBJECT_TEXT, 0, false},
	{"IsPrimary", "is_primary", SOBJECT_BOOL, 0, false},
	DELETED, SYSTEM_FIELDS(SOBJECT_TIME, 0, 0),
};

static const struct sobject_field opportunity_history[] = {
	{"Id", "id", SOBJECT_ID, 0, false},
	{"OpportunityId", "opportunity_id", SOBJECT_ID, SOBJECT_CLOSEST, false},
	{"StageName", NULL, SOBJECT_TEXT, 0, false},
	{"Amount", NULL, SOBJECT_TEXT, 0, false},
	{"CloseDate", NULL, SOBJECT_DATE, 0, false},
	{"CreatedDate", "at", SOBJECT_TIME, SOBJECT_CLOSEST, false},
	DELETED,
	{"SystemModstamp", "system_modstamp", SOBJECT_TIME, 0, true},
};

static const struct sobject_field opportunity_field_history[] = {
	{"Id", "id", SOBJECT_ID, 0, false},
	{"OpportunityId", "opportunity_id", SOBJECT_ID, SOBJECT_CLOSEST, false},
	{"Field", NULL, SOBJECT_TEXT, 0, false},
	{"CreatedDate", "at", SOBJECT_TIME, SOBJECT_CLOSEST, false},
	DELETED,
};

static const struct sobject_field task[] = {
	{"Id", "id", SOBJECT_ID, 0, false},
	{"WhoId", "who_id", SOBJECT_ID, SOBJECT_CLOSEST | SOBJECT_ACTIVITY, false},
	{"WhatId", "what_id", SOBJECT_ID, SOBJECT_CLOSEST | SOBJECT_ACTIVITY, false},
	{"OwnerId", "owner_id", SOBJECT_ID, 0, false},
	{"Subject", "subject", SOBJECT_TEXT, 0, false},
	{"ActivityDate", "at", SOBJECT_DATE, SOBJECT_CLOSEST, false},
	{"CallObject", "call_object", SOBJECT_TEXT, SOBJECT_ACTIVITY, false},
	{"CallDurationInSeconds", NULL, SOBJECT_TEXT, 0, false},
	{"Status", NULL, SOBJECT_TEXT, 0, false},
	DELETED, SYSTEM_FIELDS(SOBJECT_TIME, 0, 0),
};

static const struct sobject_field event[] = {
	{"Id", "id", SOBJECT_ID, 0, false},
	{"WhoId", "who_id", SOBJECT_ID, SOBJECT_ACTIVITY, false},
	{"WhatId", "what_id", SOBJECT_ID, SOBJECT_CLOSEST | SOBJECT_ACTIVITY, false},
	{"OwnerId", "owner_id", SOBJECT_ID, SOBJECT_ACTIVITY, false},
	{"Subject", "subject", SOBJECT_TEXT, 0, false},
	{"StartDateTime", "at", SOBJECT_TIME, SOBJECT_CLOSEST | SOBJECT_ACTIVITY, false},
	{"EndDateTime", NULL, SOBJECT_TIME, 0, false},
	DELETED, SYSTEM_FIELDS(SOBJECT_TIME, 0, 0),
};

static const struct sobject_field campaign[] = {
	{"Id", "id", SOBJECT_ID, 0, false},
	{"Name", "name", SOBJECT_TEXT, 0, false},
	{"IsActive", "is_active", SOBJECT_BOOL, 0, false},
	{"Status", NULL, SOBJECT_TEXT, 0, false},
	{"Type", NULL, SOBJECT_TEXT, 0, false},
	{"StartDate", NULL, SOBJECT_DATE, 0, false},
	{"EndDate", NULL, SOBJECT_DATE, 0, false},
	{"OwnerId", "owner_id", SOBJECT_ID, 0, false},
	DELETED, SYSTEM_FIELDS(SOBJECT_TIME, 0, 0),
};

static const struct sobject_field user[] = {
	{"Id", "id", SOBJECT_ID, 0, false},
	{"Username", "username", SOBJECT_TEXT, 0, false},
	{"Email", "email", SOBJECT_EMAIL, SOBJECT_INTERNAL | SOBJECT_ORGANIZER, false},
	{"Name", "name", SOBJECT_TEXT, 0, false},
	{"IsActive", "is_active", SOBJECT_BOOL, SOBJECT_INTERNAL | SOBJECT_ORGANIZER, false},
	SYSTEM_FIELDS(SOBJECT_TIME, 0, 0),
};

#define STAMP "SystemModstamp"
#define FIELDS(f) f, COUNT(f)
const struct sobject sobjects[] = {
	{"Account", "001", "account", STAMP, true, true, FIELDS(account)},
	{"Contact", "003", "contact", STAMP, true, true, FIELDS(contact)},
	{"Lead", "00Q", "lead", STAMP, true, true, FIELDS(lead)},
	{"Opportunity", "006", "opportunity", STAMP, true, true, FIELDS(opportunity)},
	{"OpportunityContactRole", "00K", "opportunity_contact_role", STAMP, true, true, FIELDS(opportunity_contact_role)},
	{"OpportunityHistory", "008", "opportunity_activity", STAMP, true, true, FIELDS(opportunity_history)},
	{"OpportunityFieldHistory", "017", "opportunity_activity", "CreatedDate", true, true, FIELDS(opportunity_field_history)},
	{"Task", "00T", "activity", STAMP, true, true, FIELDS(task)},
	{"Event", "00U", "activity", STAMP, true, true, FIELDS(event)},
	{"User", "005", "user", STAMP, true, false, FIELDS(user)},
	{"Campaign", "701", "campaign", STAMP, false, true, FIELDS(campaign)},
};
/* clang-format on */
const size_t n_sobjects = COUNT(sobjects);

const struct sobject *
sobject_find(const char *name)
{
	for (size_t i = 0; i < n_sobjects; i++)
		if (strcasecmp(sobjects[i].name, name) == 0)
			return &sobjects[i];
	return NULL;
}

const struct sobject *
sobject_find_exact(const char *name, size_t size)
{
	for (size_t i = 0; i < n_sobjects; i++)
		if (strlen(sobjects[i].name) == size && memcmp(sobjects[i].name, name, size) == 0)
			return &sobjects[i];
	return NULL;
}

const struct sobject *
sobject_find_table(const char *table)
{
	for (size_t i = 0; i < n_sobjects; i++)
		if (strcmp(sobjects[i].table, table) == 0)
			return &sobjects[i];
	return NULL;
}

const struct sobject *
sobject_find_id(const char *id)
{
	for (size_t i = 0; i < n_sobjects; i++)
		if (strncmp(sobjects[i].prefix, id, strlen(sobjects[i].prefix)) == 0)
			return &sobjects[i];
	return NULL;
}

const struct sobject_field *
sobject_field(const struct sobject *sobject, const char *name)
{
	for (size_t i = 0; i < sobject->n_fields; i++)
		if (strcasecmp(sobject->fields[i].name, name) == 0)
			return &sobject->fields[i];
	return NULL;
}

const char *
sobject_second(const struct sobject_field *field)
{
	if (field->type == SOBJECT_EMAIL)
		return "_domain";
	return field->type == SOBJECT_TIME_MS ? "_ms" : NULL;
}

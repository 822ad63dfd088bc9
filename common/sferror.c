#include "sferror.h"

#include <string.h>

struct entry {
	const char *code;
	enum sferror_class class;
	const char *advice;
};

/* clang-format off */
static const struct entry catalogue[] = {
	{"ALL_OR_NONE_OPERATION_ROLLED_BACK", SFERROR_AGAIN, NULL},
	{"API_CURRENTLY_DISABLED", SFERROR_REFUSED, "the user needs the permission API Enabled"},
	{"API_DISABLED_FOR_ORG", SFERROR_REFUSED, "the edition needs the API add-on, or the user the permission API Enabled"},
	{"CANNOT_UPDATE_CONVERTED_LEAD", SFERROR_FAILED, "the lead was converted: write to its contact"},
	{"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", SFERROR_FAILED, "an Apex trigger or flow of the org failed"},
	{"DUPLICATES_DETECTED", SFERROR_FAILED, "a duplicate rule blocks it: merge the records, or change the rule's action"},
	{"DUPLICATE_EXTERNAL_ID", SFERROR_FAILED, "several records have this external ID: clean them up"},
	{"DUPLICATE_VALUE", SFERROR_FAILED, "another record has this unique value"},
	{"ENTITY_IS_DELETED", SFERROR_FAILED, "the record is in the recycle bin"},
	{"ENTITY_IS_LOCKED", SFERROR_AGAIN, "an approval process holds the record"},
	{"FIELD_CUSTOM_VALIDATION_EXCEPTION", SFERROR_FAILED, "a validation rule of the org refused it"},
	{"FIELD_FILTER_VALIDATION_EXCEPTION", SFERROR_FAILED, "a lookup filter refuses the reference"},
	{"FUNCTIONALITY_NOT_ENABLED", SFERROR_REFUSED, "the org lacks this feature"},
	{"INACTIVE_OWNER_OR_USER", SFERROR_FAILED, "the owner is no active user: give another owner"},
	{"INSUFFICIENT_ACCESS", SFERROR_FAILED, "the user lacks the permission on the object or record"},
	{"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", SFERROR_FAILED, "the user may not see the record that is referred to"},
	{"INSUFFICIENT_ACCESS_OR_READONLY", SFERROR_FAILED, "the user may not edit the record, or it is locked"},
	{"INVALID_AUTH_HEADER", SFERROR_LOGIN, NULL},
	{"INVALID_CROSS_REFERENCE_KEY", SFERROR_FAILED, "an Id names nothing that this user can see"},
	{"INVALID_FIELD", SFERROR_FIELD, "hidden by field-level security, renamed or mistyped"},
	{"INVALID_FIELD_FOR_INSERT_UPDATE", SFERROR_FAILED, "the user may not write these fields: see the field permissions"},
	{"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", SFERROR_FAILED, "no value of the picklist: add it in Setup, or send another"},
	{"INVALID_QUERY_LOCATOR", SFERROR_LOCATOR, NULL},
	{"INVALID_SESSION_ID", SFERROR_LOGIN, NULL},
	{"INVALID_TYPE", SFERROR_OBJECT, "the feature is off, or the user may not read the object"},
	{"MALFORMED_ID", SFERROR_FAILED, "no Id of this object"},
	{"NOT_FOUND", SFERROR_OBJECT, "not there, or the user may not see it"},
	{"OPERATION_TOO_LARGE", SFERROR_FAILED, "the user needs View All Data, or smaller ranges"},
	{"ORG_LOCKED", SFERROR_REFUSED, "the org is locked: contact Salesforce"},
	{"PROCESSING_HALTED", SFERROR_AGAIN, NULL},
	{"QUERY_TIMEOUT", SFERROR_AGAIN, "narrow it: --where, --since"},
	{"QUERY_LOCATOR_EXPIRED", SFERROR_LOCATOR, NULL},
	{"QUERY_LOCATOR_NOT_FOUND", SFERROR_LOCATOR, NULL},
	{"REQUEST_LIMIT_EXCEEDED", SFERROR_LIMIT, "the org has used its API calls of the last 24 hours, all integrations together: run again later"},
	{"REQUEST_RUNNING_TOO_LONG", SFERROR_AGAIN, "triggers of the org take too long"},
	{"REQUIRED_FIELD_MISSING", SFERROR_FAILED, "give these fields a value"},
	{"SERVER_UNAVAILABLE", SFERROR_AGAIN, "see trust.salesforce.com"},
	{"STORAGE_LIMIT_EXCEEDED", SFERROR_FAILED, "the org's data storage is full"},
	{"STRING_TOO_LONG", SFERROR_FAILED, "shorten the value"},
	{"TEMPORARY_QUERY_MORE_FAILURE", SFERROR_LOCATOR, NULL},
	{"TOO_MANY_APEX_REQUESTS", SFERROR_AGAIN, NULL},
	{"TXN_SECURITY_NO_ACCESS", SFERROR_REFUSED, "a transaction security policy of the org blocks this user"},
	{"UNABLE_TO_LOCK_ROW", SFERROR_AGAIN, "another process holds the row"},
	{"UNAUTHORIZED_USER_FOR_CURSOR", SFERROR_LOCATOR, NULL},
	{"UNKNOWN_EXCEPTION", SFERROR_AGAIN, NULL},
	{"UNSUPPORTED_API_VERSION", SFERROR_REFUSED, "give --api-version"},
	{"URL_NOT_RESET", SFERROR_REFUSED, "wrong host: use the instance_url that the login gave"},
};
/* clang-format on */

/* Codes whose class the message decides. */
static enum sferror_class
refine(enum sferror_class class, const char *message)
{
	if (class == SFERROR_LIMIT && strstr(message, "oncurrent"))
		return SFERROR_BUSY;
	if (strstr(message, "UNABLE_TO_LOCK_ROW"))
		return SFERROR_AGAIN;
	if (class == SFERROR_LOGIN && strstr(message, "not valid for use with the REST API"))
		return SFERROR_REFUSED;
	return class;
}

static struct sferror
look_up(const char *code, const char *message)
{
	struct sferror error = {.code = code, .message = message};

	for (size_t i = 0; i < sizeof catalogue / sizeof *catalogue; i++)
		if (strcmp(catalogue[i].code, code) == 0) {
			error.class = catalogue[i].class;
			error.advice = catalogue[i].advice;
		}
	error.class = refine(error.class, message);
	return error;
}

static char *
escaped(struct arena *arena, const char *text, size_t size, size_t most)
{
	char *out = arena_alloc(arena, most);

	return diag_escape(out, most, text, size);
}

/* A query's error shows a piece of it and a mark below: what follows says all. */
static char *
sentence(char *text)
{
	char *at = strstr(text, "ERROR at Row:");

	if (at && (at = strchr(at, '\n')) && at[strspn(at, " \r\n\t")])
		return at;
	return text;
}

static const char *
string_member(struct json object, const char *a, const char *b, struct arena *arena)
{
	size_t size;
	struct json value = json_get(object, a);
	char *text = json_decode(value.at ? value : json_get(object, b), arena, &size);

	if (!text)
		return "";
	text = sentence(text);
	size = strlen(text);
	for (char *c = text; *c; c++)
		if (*c == '\n' || *c == '\r' || *c == '\t')
			*c = ' ';
	size_t space = strspn(text, " ");
	return escaped(arena, text + space, size - space, 700);
}

struct sferror
sferror_read(struct json body, struct arena *arena)
{
	struct json first = body;
	struct json_each each = json_each(body);
	struct json_member member;

	if (json_kind(body) == JSON_IS_ARRAY && json_next(&each, &member))
		first = member.value;
	if (json_kind(first) != JSON_IS_OBJECT)
		return look_up("", escaped(arena, body.at ? body.at : "", body.size, 200));
	/* OAuth's errors are {"error","error_description"} */
	const char *code = string_member(first, "errorCode", "statusCode", arena);
	if (!*code)
		code = string_member(first, "error", "error", arena);
	return look_up(code, string_member(first, "message", "error_description", arena));
}

struct sferror
sferror_read_text(const char *text, size_t size, struct arena *arena)
{
	struct json body;
	struct json_member *members;
	struct err err = {0};
	size_t n;

	if (json_check(text, size, arena, &body, &members, &n, &err) == 0)
		return sferror_read(body, arena);
	return look_up("", escaped(arena, text, size, 200));
}

const char *
sferror_text(const struct sferror *error, struct arena *arena)
{
	const char *colon = *error->code && *error->message ? ": " : "";
	const char *said = *error->code || *error->message ? "" : "no reason given";

	if (error->advice)
		return arena_printf(arena, "%s%s%s%s (%s)", error->code, colon, error->message,
		    said, error->advice);
	return arena_printf(arena, "%s%s%s%s", error->code, colon, error->message, said);
}

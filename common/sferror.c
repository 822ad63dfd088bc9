#include "sferror.h"

#include "buf.h"
#include "http.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

struct entry {
	const char *code;
	enum sferror_class class;
	const char *advice;
};

/* A refused login: the code alone says little, the description (in lower case here) more. */
struct login_entry {
	const char *code; /* NULL: any */
	const char *says; /* a piece of the description; NULL: any */
	enum sferror_class class;
	const char *advice;
};

/* sfpipe-errors(7) says the same, and tests/errors.bats that it does. */
/* clang-format off */
static const struct entry catalogue[] = {
	{"ALL_OR_NONE_OPERATION_ROLLED_BACK", SFERROR_AGAIN, "another record of the call failed"},
	{"ANSWER_LOST", SFERROR_FAILED, "look in Salesforce before it is created again, or give the op a find"},
	{"API_CURRENTLY_DISABLED", SFERROR_REFUSED, "the user needs the permission API Enabled"},
	{"API_DISABLED_FOR_ORG", SFERROR_REFUSED, "the edition needs the API add-on, or the user the permission API Enabled"},
	{"AS_REFUSED", SFERROR_FAILED, "let the user use the app (pre-authorize it), or set run_as to integration in the map"},
	{"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", SFERROR_FAILED, "an Apex trigger or flow of the org failed"},
	{"CANNOT_UPDATE_CONVERTED_LEAD", SFERROR_FAILED, "the lead was converted: write to its contact"},
	{"CHANGED_SINCE_SEEN", SFERROR_RACE, "pull it, and decide anew"},
	{"DUPLICATES_DETECTED", SFERROR_FAILED, "a duplicate rule blocks it: merge the records, or change the rule's action"},
	{"DUPLICATE_EXTERNAL_ID", SFERROR_FAILED, "several records have this external ID: clean them up"},
	{"DUPLICATE_VALUE", SFERROR_FAILED, "another record has this unique value"},
	{"ENTITY_IS_DELETED", SFERROR_FAILED, "the record is in the recycle bin"},
	{"ENTITY_IS_LOCKED", SFERROR_AGAIN, "an approval process holds the record"},
	{"EXCEEDEDQUOTA", SFERROR_LIMIT, "a daily limit of the org is used up: run again later"},
	{"EXCEEDED_ID_LIMIT", SFERROR_NARROW, "narrow it: --where, --since"},
	{"FIELD_CUSTOM_VALIDATION_EXCEPTION", SFERROR_FAILED, "a validation rule of the org refused it"},
	{"FIELD_FILTER_VALIDATION_EXCEPTION", SFERROR_FAILED, "a lookup filter refuses the reference"},
	{"FIELD_INTEGRITY_EXCEPTION", SFERROR_FAILED, "the value does not go with that of another field, such as state and country"},
	{"FUNCTIONALITY_NOT_ENABLED", SFERROR_REFUSED, "the org lacks this feature"},
	{"INACTIVE_ORG", SFERROR_REFUSED, "the org is closed: contact Salesforce"},
	{"INACTIVE_OWNER_OR_USER", SFERROR_FAILED, "the owner is no active user: give another owner"},
	{"INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", SFERROR_LIMIT, "the org is read-only during maintenance, for hours: see trust.salesforce.com"},
	{"INSUFFICIENT_ACCESS", SFERROR_FAILED, "the user lacks the permission on the object or record"},
	{"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", SFERROR_FAILED, "the user may not see the record that is referred to"},
	{"INSUFFICIENT_ACCESS_OR_READONLY", SFERROR_FAILED, "the user may not edit the record, or it is locked"},
	{"INTERNAL_ERROR", SFERROR_AGAIN, "Salesforce's own fault: give its support the error id"},
	{"INVALID_AUTH_HEADER", SFERROR_LOGIN, "the token is none: see sf-pull --whoami"},
	{"INVALID_CROSS_REFERENCE_KEY", SFERROR_FAILED, "an Id names nothing that this user can see"},
	{"INVALID_EMAIL_ADDRESS", SFERROR_FAILED, "no address that Salesforce takes: correct it"},
	{"INVALID_FIELD", SFERROR_FIELD, "hidden by field-level security, renamed or mistyped"},
	{"INVALID_FIELD_FOR_INSERT_UPDATE", SFERROR_FAILED, "the user may not write these fields: see the field permissions"},
	{"INVALID_ID_FIELD", SFERROR_FAILED, "an Id names nothing that this user can see"},
	{"INVALID_LOGIN", SFERROR_REFUSED, "user name, password or security token is wrong, or the user is locked: see its login history in Setup"},
	{"INVALID_OPERATION_WITH_EXPIRED_PASSWORD", SFERROR_REFUSED, "the user's password has expired: set a new one"},
	{"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", SFERROR_FAILED, "no value of the picklist: add it in Setup, or send another"},
	{"INVALID_QUERY_LOCATOR", SFERROR_LOCATOR, "the query's cursor ended: run it again"},
	{"INVALID_REPLICATION_DATE", SFERROR_FAILED, "the time is too long ago: pull the object anew with --reset"},
	{"INVALID_SESSION_ID", SFERROR_LOGIN, "the session expired or was ended: see sf-pull --whoami"},
	{"INVALID_TYPE", SFERROR_OBJECT, "the feature is off, or the user may not read the object"},
	{"INVALID_TYPE_ON_FIELD_IN_RECORD", SFERROR_FAILED, "a value of this type does not fit the field"},
	{"INVALID_VERSION", SFERROR_REFUSED, "give --api-version"},
	{"IP_RANGE_LIMIT_EXCEEDED", SFERROR_REFUSED, "admit this machine's address in the user's profile"},
	{"JSON_PARSER_ERROR", SFERROR_FAILED, "a value of this type does not fit the field"},
	{"LIMIT_EXCEEDED", SFERROR_LIMIT, "a limit of the org is used up: run again later"},
	{"LOGIN_CHALLENGE_ISSUED", SFERROR_REFUSED, "this machine's address is not trusted: log in with --credentials"},
	{"LOGIN_DURING_RESTRICTED_DOMAIN", SFERROR_REFUSED, "admit this machine's address in the user's profile"},
	{"LOGIN_DURING_RESTRICTED_TIME", SFERROR_REFUSED, "outside the login hours of the user's profile"},
	{"LOGIN_MUST_USE_SECURITY_TOKEN", SFERROR_REFUSED, "this machine's address is not trusted: log in with --credentials"},
	{"MALFORMED_ID", SFERROR_FAILED, "no Id of this object"},
	{"MALFORMED_QUERY", SFERROR_FAILED, "Salesforce does not understand the query: see --where, --soql"},
	{"MATCH_PRECONDITION_FAILED", SFERROR_RACE, "the record changed after the plan was made: pull it, and decide anew"},
	{"METHOD_NOT_ALLOWED", SFERROR_FAILED, "the object does not take this, or an external ID is empty"},
	{"NOT_FOUND", SFERROR_OBJECT, "not there, or the user may not see it"},
	{"NOT_LOOKED_AT", SFERROR_RACE, "see that the user may read the object, and run it again"},
	{"NUMBER_OUTSIDE_VALID_RANGE", SFERROR_FAILED, "the number is too large or too small for the field"},
	{"OPERATION_TOO_LARGE", SFERROR_NARROW, "the user needs View All Data, or smaller ranges"},
	{"ORG_LOCKED", SFERROR_REFUSED, "the org is locked: contact Salesforce"},
	{"PASSWORD_LOCKOUT", SFERROR_REFUSED, "too many wrong passwords: unlock the user in Setup"},
	{"PROCESSING_HALTED", SFERROR_AGAIN, "another part of the call failed"},
	{"QUERY_LOCATOR_EXPIRED", SFERROR_LOCATOR, "the query's cursor ended: run it again"},
	{"QUERY_LOCATOR_NOT_FOUND", SFERROR_LOCATOR, "the query's cursor ended: run it again"},
	{"QUERY_TIMEOUT", SFERROR_NARROW, "narrow it: --where, --since"},
	{"QUERY_TOO_COMPLICATED", SFERROR_FAILED, "leave out formula fields: --fields"},
	{"REQUEST_LIMIT_EXCEEDED", SFERROR_LIMIT, "the org has used its API calls of the last 24 hours, all integrations together: run again later"},
	{"REQUEST_RUNNING_TOO_LONG", SFERROR_AGAIN, "triggers of the org take too long"},
	{"REQUIRED_FIELD_MISSING", SFERROR_FAILED, "give these fields a value"},
	{"SERVER_UNAVAILABLE", SFERROR_AGAIN, "see trust.salesforce.com"},
	{"STORAGE_LIMIT_EXCEEDED", SFERROR_FAILED, "the org's data storage is full"},
	{"STRING_TOO_LONG", SFERROR_FAILED, "shorten the value"},
	{"TEMPORARY_QUERY_MORE_FAILURE", SFERROR_LOCATOR, "the query's cursor ended: run it again"},
	{"TOO_MANY_APEX_REQUESTS", SFERROR_AGAIN, "the org is busy with Apex"},
	{"TRANSFER_REQUIRES_READ", SFERROR_FAILED, "the new owner may not read the object"},
	{"TRIAL_EXPIRED", SFERROR_REFUSED, "the org's trial is over: contact Salesforce"},
	{"TXN_SECURITY_APEX_ERROR", SFERROR_AGAIN, "a transaction security policy of the org failed: exempt the user from it"},
	{"TXN_SECURITY_METERING_ERROR", SFERROR_AGAIN, "a transaction security policy of the org took too long: exempt the user from it"},
	{"TXN_SECURITY_NO_ACCESS", SFERROR_REFUSED, "a transaction security policy of the org blocks this user"},
	{"TXN_SECURITY_RUNTIME_ERROR", SFERROR_AGAIN, "a transaction security policy of the org failed: exempt the user from it"},
	{"UNABLE_TO_LOCK_ROW", SFERROR_AGAIN, "another process holds the row"},
	{"UNAUTHORIZED_USER_FOR_CURSOR", SFERROR_LOCATOR, "the query's cursor ended: run it again"},
	{"UNKNOWN_ERROR", SFERROR_FAILED, "the answer names no error: see what stands before Salesforce, such as a proxy"},
	{"UNKNOWN_EXCEPTION", SFERROR_AGAIN, "Salesforce's own fault: give its support the error id"},
	{"UNSUPPORTED_API_VERSION", SFERROR_REFUSED, "give --api-version"},
	{"URL_NOT_RESET", SFERROR_REFUSED, "wrong host: use the instance_url that the login gave"},
};

static const struct login_entry logins[] = {
	{NULL, "login rate exceeded", SFERROR_LIMIT, "too many logins of this user in an hour: run again later"},
	{"rate_limit_exceeded", NULL, SFERROR_LIMIT, "too many logins of this user in an hour: run again later"},
	{NULL, "hasn't approved this consumer", SFERROR_REFUSED, "pre-authorize the user: let the app's policy admit admin approved users, and give the user its permission set; that takes some 10 minutes"},
	{"invalid_app_access", NULL, SFERROR_REFUSED, "pre-authorize the user: let the app's policy admit admin approved users, and give the user its permission set; that takes some 10 minutes"},
	{NULL, "audience", SFERROR_REFUSED, "the audience must be https://login.salesforce.com, or https://test.salesforce.com for a sandbox: give audience in the credentials file"},
	{NULL, "token validity expired", SFERROR_REFUSED, "this machine's clock is wrong: set it"},
	{NULL, "expired authorization code", SFERROR_REFUSED, "this machine's clock is wrong: set it"},
	{NULL, "invalid assertion", SFERROR_REFUSED, "the private key does not belong to the app's certificate, or that has expired, or client_id is another app's, or this machine's clock is wrong"},
	{NULL, "expired access/refresh token", SFERROR_REFUSED, "the refresh token was used, revoked or has expired: authorize the app again, and put the new one into the credentials file"},
	{NULL, "user is inactive", SFERROR_REFUSED, "activate the user, or log in as another"},
	{"inactive_user", NULL, SFERROR_REFUSED, "activate the user, or log in as another"},
	{"inactive_org", NULL, SFERROR_REFUSED, "the org is locked or closed: contact Salesforce"},
	{NULL, "not supported on this domain", SFERROR_REFUSED, "give the org's My Domain as login_url: https://MyDomain.my.salesforce.com"},
	{NULL, "no client credentials user", SFERROR_REFUSED, "set the Run As user of the app's client credentials flow"},
	{NULL, "ip restricted", SFERROR_REFUSED, "admit this machine's address in the user's profile or the app's policy"},
	{"invalid_client_id", NULL, SFERROR_REFUSED, "client_id is no consumer key of this org, or the app is younger than 10 minutes"},
	{"invalid_client", NULL, SFERROR_REFUSED, "client_id and client_secret do not go together"},
	{"unsupported_grant_type", NULL, SFERROR_REFUSED, "the flow is switched off for the app or the org"},
	{NULL, "authentication failure", SFERROR_REFUSED, "wrong user, or login hours or addresses are restricted"},
};
/* clang-format on */

/* Codes whose class the message decides. */
static enum sferror_class
refine(enum sferror_class class, const char *message)
{
	if (strstr(message, "UNABLE_TO_LOCK_ROW"))
		return SFERROR_AGAIN;
	if (class == SFERROR_LOGIN && strstr(message, "not valid for use with the REST API"))
		return SFERROR_REFUSED;
	return class;
}

struct sferror
sferror_of(const char *code, const char *message)
{
	struct sferror error = {.code = code, .message = message};

	for (size_t i = 0; i < sizeof catalogue / sizeof *catalogue; i++)
		if (strcmp(catalogue[i].code, code) == 0) {
			error.class = catalogue[i].class;
			error.advice = catalogue[i].advice;
		}
	if (error.class == SFERROR_LIMIT && strstr(message, "oncurrent")) {
		error.class = SFERROR_BUSY;
		error.advice = "too many long requests at once in the org, of all integrations";
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
		return sferror_of("", escaped(arena, body.at ? body.at : "", body.size, 200));
	if (json_get(first, "error_description").at) /* a proxy's, or of the login's kind */
		return sferror_of(string_member(first, "error", "errorCode", arena),
		    string_member(first, "error_description", "message", arena));
	return sferror_of(string_member(first, "errorCode", "statusCode", arena),
	    string_member(first, "message", "message", arena));
}

struct json
sferror_whole(int status, struct json body, struct arena *arena)
{
	struct sferror error = json_has(body) ? sferror_read(body, arena) : sferror_of("", "");
	bool vague = http_passes(status) && error.class == SFERROR_FAILED && !error.advice;
	struct buf text = {0};
	struct json whole = {0};
	struct err ignored = {0}; /* it is our own */

	if (*error.code && !vague && json_kind(body) == JSON_IS_ARRAY)
		return body;
	if (*error.code && !vague && json_kind(body) == JSON_IS_OBJECT) {
		buf_printf(&text, "[%.*s]", (int)body.size, body.at);
	} else {
		const char *said = arena_printf(arena, "HTTP status %d%s%s%s%s", status,
		    *error.code ? ": " : "", error.code, *error.message ? ": " : "", error.message);
		const char *code = status == 401 ? "INVALID_SESSION_ID"
				   : vague       ? "SERVER_UNAVAILABLE"
						 : "UNKNOWN_ERROR";
		buf_puts(&text, "[{");
		json_put_member(&text, "message", said);
		json_put_member(&text, "errorCode", code);
		buf_puts(&text, "}]");
	}
	const char *kept = arena_dup(arena, text.text, text.size);
	json_check(kept, text.size, arena, &whole, &ignored);
	buf_free(&text);
	return whole;
}

struct sferror
sferror_read_text(const char *text, size_t size, struct arena *arena)
{
	struct json body;
	struct err err = {0};

	if (json_check(text, size, arena, &body, &err) == 0)
		return sferror_read(body, arena);
	return sferror_of("", escaped(arena, text, size, 200));
}

/* Whether text holds piece, which is in lower case. */
static bool
holds(const char *text, const char *piece)
{
	size_t n = strlen(piece);

	for (; strlen(text) >= n; text++)
		if (strncasecmp(text, piece, n) == 0)
			return true;
	return false;
}

struct sferror
sferror_read_login(const char *text, size_t size, struct arena *arena)
{
	struct json body;
	struct err err = {0};
	struct sferror error = {.code = "", .class = SFERROR_REFUSED};

	if (json_check(text, size, arena, &body, &err) != 0) {
		error.message = escaped(arena, text, size, 200);
		return error;
	}
	error.code = string_member(body, "error", "errorCode", arena);
	error.message = string_member(body, "error_description", "message", arena);
	for (size_t i = 0; i < sizeof logins / sizeof *logins; i++) {
		const struct login_entry *entry = &logins[i];
		if ((entry->code && strcmp(entry->code, error.code) != 0) ||
		    (entry->says && !holds(error.message, entry->says)))
			continue;
		error.class = entry->class;
		error.advice = entry->advice;
		break;
	}
	return error;
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

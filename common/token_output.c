#include "token_output.h"

#include "arena.h"
#include "instance.h"
#include "secret.h"
#include "sfid.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *
member(json_t *object, const char *a, const char *b)
{
	const char *text = json_string_value(json_object_get(object, a));

	return text ? text : json_string_value(json_object_get(object, b));
}

/* One JSON value of the command's output. */
static int
take_object(struct login_session *session, json_t *root, struct err *err)
{
	json_t *result = json_object_get(root, "result");
	json_t *from = json_is_object(result) ? result : root;
	const char *token = member(from, "accessToken", "access_token");
	const char *instance = member(from, "instanceUrl", "instance_url");
	const char *id = json_string_value(json_object_get(from, "id"));
	const char *org = id ? strstr(id, "/id/") : NULL; /* an identity URL */
	char text[256];

	if (json_integer_value(json_object_get(root, "status")) != 0) {
		const char *message = json_string_value(json_object_get(root, "message"));
		message = message ? message : "no message";
		return err_set(err, ST_NOPERM, "--token-command failed: %s",
		    diag_escape(text, sizeof text, message, strlen(message)));
	}
	if (!token && json_is_string(json_object_get(root, "error"))) { /* a token endpoint's */
		const char *why = member(root, "error_description", "error");
		return err_set(err, ST_NOPERM, "--token-command got no token: %s",
		    diag_escape(text, sizeof text, why, strlen(why)));
	}
	if (instance) {
		free(session->instance);
		if (!(session->instance = instance_read(instance, err)))
			return -1;
	}
	if (token && strncmp(token, "[REDACTED]", 10) != 0) {
		secret_free_string(session->token);
		session->token = xstrdup(token);
	}
	org = org ? org + 4 : id;
	if (org && strncmp(org, "00D", 3) == 0)
		sfid_widen(org, strcspn(org, "/"), session->org);
	return 0;
}

static int
take_json(struct login_session *session, const char *text, size_t size, struct err *err)
{
	json_error_t error;

	while (size > 0) {
		size_t space = strspn(text, " \t\r\n");
		text += space;
		size -= space;
		if (size == 0)
			break;
		json_t *root = json_loadb(text, size, JSON_DISABLE_EOF_CHECK, &error);
		if (!json_is_object(root)) {
			json_decref(root);
			return err_set(err, ST_CONFIG,
			    "--token-command printed something that is no JSON: " TOKEN_ADVICE);
		}
		int status = take_object(session, root, err);
		json_decref(root);
		if (status != 0)
			return -1;
		text += error.position;
		size -= (size_t)error.position;
	}
	return 0;
}

int
token_output_read(const char *text, struct login_session *session, struct err *err)
{
	const char *from = text + strspn(text, " \t\r\n");

	if (*from == '{') {
		if (take_json(session, from, strlen(from), err) != 0)
			return -1;
	} else {
		session->token = xstrdup(from);
		session->token[strcspn(from, "\r\n")] = '\0';
	}
	if (!session->token && strstr(text, "[REDACTED]"))
		return err_set(err, ST_CONFIG,
		    "--token-command printed no token: 'sf org display' hides it; " TOKEN_ADVICE);
	return 0;
}

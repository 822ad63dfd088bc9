#include "credentials.h"

#include "instance.h"
#include "json.h"
#include "secret.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define JWT (1U << CREDENTIALS_JWT)
#define CLIENT (1U << CREDENTIALS_CLIENT)
#define REFRESH (1U << CREDENTIALS_REFRESH)
#define TOKEN (1U << CREDENTIALS_TOKEN)

/* Flows that need a member, and flows that it may stand in. */
static const struct member {
	const char *name;
	unsigned needed, allowed;
} members[CREDENTIALS_MEMBERS] = {
    [CREDENTIALS_ACCESS_TOKEN] = {"access_token", TOKEN, TOKEN},
    [CREDENTIALS_AUDIENCE] = {"audience", 0, JWT},
    [CREDENTIALS_CLIENT_ID] = {"client_id", JWT | CLIENT | REFRESH, JWT | CLIENT | REFRESH},
    [CREDENTIALS_CLIENT_SECRET] = {"client_secret", CLIENT, CLIENT | REFRESH},
    [CREDENTIALS_INSTANCE_URL] = {"instance_url", TOKEN, TOKEN},
    [CREDENTIALS_LOGIN_URL] = {"login_url", JWT | CLIENT | REFRESH, JWT | CLIENT | REFRESH},
    [CREDENTIALS_ORG] = {"org", 0, JWT | CLIENT | REFRESH | TOKEN},
    [CREDENTIALS_PRIVATE_KEY] = {"private_key", 0, JWT},
    [CREDENTIALS_PRIVATE_KEY_FILE] = {"private_key_file", 0, JWT},
    [CREDENTIALS_REFRESH_TOKEN] = {"refresh_token", REFRESH, REFRESH},
    [CREDENTIALS_USERNAME] = {"username", JWT, JWT},
};

static const char *const flow_names[] = {
    "JWT bearer", "client credentials", "refresh token", "access token"};

const char *
credentials_flow_name(enum credentials_flow flow)
{
	return flow_names[flow];
}

void
credentials_free(struct credentials *credentials)
{
	for (size_t i = 0; i < CREDENTIALS_MEMBERS; i++)
		secret_free_string(credentials->values[i]);
	free(credentials->path);
	*credentials = (struct credentials){0};
}

static int
take_member(struct credentials *credentials, struct json_member *given, struct arena *arena,
    struct err *err)
{
	size_t size;
	char shown[64];

	for (size_t i = 0; i < CREDENTIALS_MEMBERS; i++) {
		if (!json_is(given->name, members[i].name))
			continue;
		char *value = json_decode(given->value, arena, &size);
		if (!value || !*value)
			return err_set(err, ST_CONFIG, "%s: %s is no string, or empty",
			    credentials->path, members[i].name);
		credentials->values[i] = xstrdup(value);
		memset(value, 0, size);
		return 0;
	}
	const char *name = json_decode(given->name, arena, &size);
	return err_set(err, ST_CONFIG, "%s: unknown member \"%s\": see sf-pull(1)",
	    credentials->path, diag_escape(shown, sizeof shown, name, size));
}

/* The member that only one flow has. */
static int
find_flow(struct credentials *credentials, struct err *err)
{
	char *const *values = credentials->values;
	bool jwt = values[CREDENTIALS_PRIVATE_KEY] || values[CREDENTIALS_PRIVATE_KEY_FILE];
	bool refresh = values[CREDENTIALS_REFRESH_TOKEN] != NULL;
	bool token = values[CREDENTIALS_ACCESS_TOKEN] != NULL;

	if (jwt + refresh + token > 1 ||
	    (values[CREDENTIALS_PRIVATE_KEY] && values[CREDENTIALS_PRIVATE_KEY_FILE]))
		return err_set(err, ST_CONFIG,
		    "%s: give one of private_key, private_key_file, refresh_token and access_token",
		    credentials->path);
	if (!jwt && !refresh && !token && !values[CREDENTIALS_CLIENT_SECRET])
		return err_set(err, ST_CONFIG,
		    "%s: none of private_key_file, client_secret, refresh_token and access_token: "
		    "nothing to log in with",
		    credentials->path);
	credentials->flow = jwt       ? CREDENTIALS_JWT
			    : refresh ? CREDENTIALS_REFRESH
			    : token   ? CREDENTIALS_TOKEN
				      : CREDENTIALS_CLIENT;
	return 0;
}

static int
check_members(const struct credentials *credentials, struct err *err)
{
	unsigned flow = 1U << credentials->flow;

	for (size_t i = 0; i < CREDENTIALS_MEMBERS; i++) {
		if (credentials->values[i] && !(members[i].allowed & flow))
			return err_set(err, ST_CONFIG, "%s: %s does not go with the flow %s",
			    credentials->path, members[i].name, flow_names[credentials->flow]);
		if (!credentials->values[i] && (members[i].needed & flow))
			return err_set(err, ST_CONFIG, "%s: the flow %s needs %s",
			    credentials->path, flow_names[credentials->flow], members[i].name);
	}
	return 0;
}

static int
check_url(struct credentials *credentials, enum credentials_member which, struct err *err)
{
	struct err why = {0};
	char **url = &credentials->values[which];

	if (!*url)
		return 0;
	char *instance = instance_read(*url, &why);
	if (!instance)
		return err_set(
		    err, ST_CONFIG, "%s: %s: %s", credentials->path, members[which].name, why.text);
	free(*url);
	*url = instance;
	return 0;
}

static int
check_values(struct credentials *credentials, struct err *err)
{
	const char *org = credentials->values[CREDENTIALS_ORG];

	if (check_url(credentials, CREDENTIALS_LOGIN_URL, err) != 0 ||
	    check_url(credentials, CREDENTIALS_INSTANCE_URL, err) != 0)
		return -1;
	if (org &&
	    (strncmp(org, "00D", 3) != 0 || sfid_widen(org, strlen(org), credentials->org) != 0))
		return err_set(err, ST_CONFIG, "%s: org is no Id of an org", credentials->path);
	return 0;
}

/* The text is an object. */
static int
check_text(const char *path, const char *text, size_t size, struct arena *arena,
    struct json *object, struct err *err)
{
	struct err why = {0};

	if (json_check(text, size, arena, object, &why) != 0)
		return err_set(err, ST_CONFIG, "%s is no JSON: %s", path, why.text);
	if (json_kind(*object) != JSON_IS_OBJECT)
		return err_set(err, ST_CONFIG, "%s is no JSON object", path);
	return 0;
}

int
credentials_parse(const char *path, const char *text, size_t size, struct credentials *credentials,
    struct err *err)
{
	struct arena *arena = arena_open();
	struct json_member member;
	struct json object = {0};

	credentials->path = xstrdup(path);
	int got = check_text(path, text, size, arena, &object, err);
	struct json_each each = json_each(object);
	while (got == 0 && json_next(&each, &member))
		got = take_member(credentials, &member, arena, err);
	arena_close(arena);
	if (got != 0 || find_flow(credentials, err) != 0 || check_members(credentials, err) != 0)
		return -1;
	return check_values(credentials, err);
}

/* A relative path is seen from the folder of the file that names it. */
static int
read_key(struct credentials *credentials, struct err *err)
{
	const char *name = credentials->values[CREDENTIALS_PRIVATE_KEY_FILE];
	const char *slash = strrchr(credentials->path, '/');
	struct buf path = {0}, key = {0};

	if (!name)
		return 0;
	if (*name != '/' && slash)
		buf_put(&path, credentials->path, (size_t)(slash + 1 - credentials->path));
	buf_puts(&path, name);
	int got = secret_read(path.text, &key, err);
	if (got == 0)
		credentials->values[CREDENTIALS_PRIVATE_KEY] = xstrdup(key.text);
	secret_free(&key);
	buf_free(&path);
	return got;
}

int
credentials_read(const char *path, struct credentials *credentials, struct err *err)
{
	struct buf text = {0};
	int got = secret_read(path, &text, err);

	if (got == 0)
		got = credentials_parse(path, text.text, text.size, credentials, err);
	if (got == 0)
		got = read_key(credentials, err);
	secret_free(&text);
	return got;
}

int
credentials_put_token(
    const char *text, size_t size, const char *refresh_token, struct buf *out, struct err *err)
{
	struct arena *arena = arena_open();
	struct json object = {0};
	int got = check_text("the credentials file", text, size, arena, &object, err);
	struct json old = json_get(object, members[CREDENTIALS_REFRESH_TOKEN].name);

	buf_reserve(out, size + 6 * strlen(refresh_token));
	if (got == 0 && old.at) {
		buf_put(out, text, (size_t)(old.at - text));
		json_put_string(out, refresh_token, strlen(refresh_token));
		buf_puts(out, old.at + old.size);
	}
	arena_close(arena);
	if (got == 0 && out->size == 0)
		got = err_set(err, ST_CONFIG, "the credentials file has no refresh_token any more");
	return got;
}

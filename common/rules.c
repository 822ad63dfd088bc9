#include "rules.h"

#include "opt.h"

#include <errno.h>
#include <jansson.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const duplicates_names[] = {"oldest-modified", "newest-created", "all", NULL};
static const char *const opportunity_names[] = {"closest-activity", "priority", NULL};

bool
rules_option(struct rules_options *given, int value, const char *argument)
{
	switch (value) {
	case RULES_ACTIVITIES:
		given->activities = 1;
		return true;
	case RULES_ACTIVITY_WINDOW:
		given->activity_window = argument;
		return true;
	case RULES_DUPLICATES:
		given->duplicates = argument;
		return true;
	case RULES_FREE_MAIL:
		given->free_mail = argument;
		return true;
	case RULES_INTERNAL_DOMAIN:
		if (given->n_internal_domains == RULES_MAX_DOMAINS)
			opt_misuse(
			    "more than %d --internal-domain; a --rules file takes any number",
			    RULES_MAX_DOMAINS);
		given->internal_domains[given->n_internal_domains++] = argument;
		return true;
	case RULES_OPPORTUNITY:
		given->opportunity = argument;
		return true;
	case RULES_OWNED_BY_ORGANIZER:
		given->owned_by_organizer = 1;
		return true;
	case RULES_REGION:
		given->region = argument;
		return true;
	case RULES_FILE:
		given->file = argument;
		return true;
	default:
		return false;
	}
}

/* The domain in normal form; the word none alone leaves the list empty. */
static int
add_domain(struct rules *rules, const char *text, enum status status, struct err *err)
{
	char shown[128];

	rules->internal_given = true;
	if (strcmp(text, "none") == 0)
		return 0;
	struct arena *arena = arena_open();
	char *domain = email_normalize_domain(text, strlen(text), arena);
	if (domain) {
		rules->internal_domains = xrealloc(rules->internal_domains,
		    (rules->n_internal_domains + 2) * sizeof *rules->internal_domains);
		rules->internal_domains[rules->n_internal_domains++] = xstrdup(domain);
		rules->internal_domains[rules->n_internal_domains] = NULL;
	} else {
		err_set(err, status, "internal domain: no domain: %s",
		    diag_escape(shown, sizeof shown, text, strlen(text)));
	}
	arena_close(arena);
	return err->status ? -1 : 0;
}

static int
choose(const char *option, const char *text, const char *const *names, enum status status, int *out,
    struct err *err)
{
	char shown[64], known[128] = "";

	for (int i = 0; names[i]; i++) {
		if (strcmp(text, names[i]) == 0) {
			*out = i;
			return 0;
		}
		snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s",
		    !i             ? ""
		    : names[i + 1] ? ", "
				   : " or ",
		    names[i]);
	}
	return err_set(err, status, "%s takes %s, not '%s'", option, known,
	    diag_escape(shown, sizeof shown, text, strlen(text)));
}

/* A region is two capital letters; whether one exists, the phone library knows. */
static int
set_region(struct rules *rules, const char *text, enum status status, struct err *err)
{
	if (strlen(text) != 2 || text[0] < 'A' || text[0] > 'Z' || text[1] < 'A' || text[1] > 'Z')
		return err_set(err, status, "region: two capital letters such as US are needed");
	free(rules->region);
	rules->region = xstrdup(text);
	rules->region_status = status;
	return 0;
}

struct file {
	struct rules *rules;
	const char *path;
	char *free_mail; /* as path, relative to the file's folder */
	struct err *err;
};

static int
read_domains(struct file *file, json_t *value)
{
	size_t i;
	json_t *item;

	if (!json_is_array(value))
		return err_set(
		    file->err, ST_CONFIG, "internal_domains: an array of domains is needed");
	file->rules->internal_given = true;
	json_array_foreach(value, i, item)
	{
		if (!json_is_string(item))
			return err_set(file->err, ST_CONFIG,
			    "internal_domains: an array of domains is needed");
		if (add_domain(file->rules, json_string_value(item), ST_CONFIG, file->err) != 0)
			return -1;
	}
	return 0;
}

static int
read_bool(struct file *file, const char *name, json_t *value, bool *out)
{
	if (!json_is_boolean(value))
		return err_set(file->err, ST_CONFIG, "%s: true or false is needed", name);
	*out = json_is_true(value);
	return 0;
}

static int
read_free_mail(struct file *file, const char *text)
{
	char *copy = xstrdup(file->path);
	const char *folder = *text == '/' ? "" : dirname(copy);
	size_t size = strlen(folder) + strlen(text) + 2;

	file->free_mail = xalloc(size);
	snprintf(file->free_mail, size, "%s%s%s", folder, *folder ? "/" : "", text);
	free(copy);
	return 0;
}

static bool
is_member(const char *name)
{
	static const char *const names[] = {"activities", "activity_window", "duplicates",
	    "free_mail", "internal_domains", "opportunity", "owned_by_organizer", "region"};
	bool found = false;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		found |= strcmp(name, names[i]) == 0;
	return found;
}

static int
read_member(struct file *file, const char *name, json_t *value)
{
	struct rules *rules = file->rules;
	const char *text = json_string_value(value);
	char shown[64];
	int choice = 0;

	if (!is_member(name))
		return err_set(file->err, ST_CONFIG,
		    "no member %s is known; there are activities, activity_window, duplicates,"
		    " free_mail, internal_domains, opportunity, owned_by_organizer and region",
		    diag_escape(shown, sizeof shown, name, strlen(name)));
	if (strcmp(name, "internal_domains") == 0)
		return read_domains(file, value);
	if (strcmp(name, "owned_by_organizer") == 0)
		return read_bool(file, name, value, &rules->owned_by_organizer);
	if (strcmp(name, "activities") == 0)
		return read_bool(file, name, value, &rules->activities);
	if (strcmp(name, "activity_window") == 0) {
		if (!json_is_integer(value) || json_integer_value(value) < 0 ||
		    json_integer_value(value) > 86400)
			return err_set(file->err, ST_CONFIG,
			    "activity_window: a number of seconds up to 86400 is needed");
		rules->activity_window_ms = json_integer_value(value) * 1000;
		return 0;
	}
	if (!text)
		return err_set(file->err, ST_CONFIG, "%s: a string is needed", name);
	if (strcmp(name, "region") == 0)
		return set_region(rules, text, ST_CONFIG, file->err);
	if (strcmp(name, "free_mail") == 0)
		return read_free_mail(file, text);
	if (strcmp(name, "duplicates") == 0) {
		int status = choose(name, text, duplicates_names, ST_CONFIG, &choice, file->err);
		rules->duplicates = (enum duplicates)choice;
		return status;
	}
	int status = choose(name, text, opportunity_names, ST_CONFIG, &choice, file->err);
	rules->opportunity = (enum opportunity_choice)choice;
	return status;
}

static int
read_file(struct file *file)
{
	json_error_t where;
	json_t *root = json_load_file(file->path, JSON_REJECT_DUPLICATES, &where);
	const char *name;
	json_t *value;
	struct err inner = {0};
	struct stat about;

	if (!root && stat(file->path, &about) == 0 && S_ISDIR(about.st_mode))
		return err_set(file->err, ST_CONFIG, "%s: %s", file->path, strerror(EISDIR));
	if (!root && json_error_code(&where) == json_error_cannot_open_file)
		return err_set(file->err, ST_CONFIG, "%s: %s", file->path, strerror(errno));
	if (!root)
		return err_set(file->err, ST_CONFIG, "%s:%d: %s", file->path,
		    where.line < 0 ? 0 : where.line, where.text);
	struct err *outer = file->err;
	file->err = &inner;
	if (!json_is_object(root))
		err_set(&inner, ST_CONFIG, "a JSON object is needed");
	json_object_foreach(root, name, value)
	{
		if (inner.status || read_member(file, name, value) != 0)
			break;
	}
	json_decref(root);
	file->err = outer;
	return inner.status ? err_set(outer, inner.status, "%s: %s", file->path, inner.text) : 0;
}

static void
forget_domains(struct rules *rules)
{
	for (size_t i = 0; i < rules->n_internal_domains; i++)
		free(rules->internal_domains[i]);
	rules->n_internal_domains = 0;
}

/* What was given on the command line takes the place of what the file says. */
static int
read_options(struct rules *rules, const struct rules_options *given, struct err *err)
{
	int choice = 0;

	if (given->n_internal_domains > 0)
		forget_domains(rules);
	for (size_t i = 0; i < given->n_internal_domains; i++)
		if (add_domain(rules, given->internal_domains[i], ST_USAGE, err) != 0)
			return -1;
	if (given->region && set_region(rules, given->region, ST_USAGE, err) != 0)
		return -1;
	if (given->duplicates) {
		if (choose("--duplicates", given->duplicates, duplicates_names, ST_USAGE, &choice,
			err) != 0)
			return -1;
		rules->duplicates = (enum duplicates)choice;
	}
	if (given->opportunity) {
		if (choose("--opportunity", given->opportunity, opportunity_names, ST_USAGE,
			&choice, err) != 0)
			return -1;
		rules->opportunity = (enum opportunity_choice)choice;
	}
	if (given->activity_window)
		rules->activity_window_ms =
		    opt_duration_ms("--activity-window", given->activity_window);
	if (given->owned_by_organizer)
		rules->owned_by_organizer = true;
	if (given->activities)
		rules->activities = true;
	return 0;
}

struct rules *
rules_open(const struct rules_options *given, struct err *err)
{
	struct rules *rules = xalloc(sizeof *rules);
	struct file file = {.rules = rules, .path = given->file, .err = err};

	rules->activity_window_ms = INT64_C(5) * 60 * 1000;
	if (!file.path)
		file.path = getenv("SFPIPE_RULES");
	if (given->file && !*given->file)
		err_set(err, ST_USAGE, "--rules takes a file");
	else if (file.path && *file.path)
		read_file(&file);
	if (!err->status)
		read_options(rules, given, err);
	if (!err->status)
		rules->freemail =
		    freemail_open(given->free_mail ? given->free_mail : file.free_mail, err);
	free(file.free_mail);
	if (err->status) {
		rules_close(rules);
		return NULL;
	}
	return rules;
}

void
rules_close(struct rules *rules)
{
	if (!rules)
		return;
	forget_domains(rules);
	free(rules->internal_domains);
	free(rules->region);
	freemail_close(rules->freemail);
	free(rules);
}

bool
rules_internal(const struct rules *rules, const char *domain)
{
	for (size_t i = 0; i < rules->n_internal_domains; i++)
		if (strcmp(rules->internal_domains[i], domain) == 0)
			return true;
	return false;
}

#include "push_user.h"

#include <stdlib.h>
#include <string.h>

struct user {
	char *name;
	struct salesforce *sf; /* NULL: why not */
	struct err why;
};

struct push_users {
	struct salesforce *own;
	struct salesforce_options options;
	const volatile int *stop;
	struct user *list;
	size_t n;
};

struct push_users *
push_users_open(
    struct salesforce *own, const struct salesforce_options *options, const volatile int *stop)
{
	struct push_users *users = xalloc(sizeof *users);

	*users = (struct push_users){.own = own, .options = *options, .stop = stop};
	return users;
}

void
push_users_close(struct push_users *users)
{
	for (size_t i = 0; users && i < users->n; i++) {
		free(users->list[i].name);
		salesforce_close(users->list[i].sf);
	}
	free(users ? users->list : NULL);
	free(users);
}

/* A user of another org may have the same app. */
static int
check_org(struct push_users *users, struct salesforce *sf, const char *name, struct err *err)
{
	const char *ours = salesforce_org(users->own, err);
	const char *theirs = ours ? salesforce_org(sf, err) : NULL;

	if (!theirs)
		return -1;
	return strcmp(ours, theirs) == 0
		   ? 0
		   : err_set(
			 err, ST_CONFIG, "%s is a user of org %s, not of %s", name, theirs, ours);
}

static void
log_in(struct push_users *users, struct user *user)
{
	struct salesforce_options options = users->options;

	options.username = user->name;
	user->sf = salesforce_open(&options, &user->why);
	if (user->sf && check_org(users, user->sf, user->name, &user->why) != 0) {
		salesforce_close(user->sf);
		user->sf = NULL;
	}
	if (user->sf)
		salesforce_stop_on(user->sf, users->stop);
}

struct salesforce *
push_users_get(struct push_users *users, const char *name, struct err *err)
{
	size_t i = 0;

	if (!name)
		return users->own;
	while (i < users->n && strcmp(users->list[i].name, name) != 0)
		i++;
	if (i == users->n) {
		users->list = xrealloc(users->list, (i + 1) * sizeof *users->list);
		users->list[users->n++] = (struct user){.name = xstrdup(name)};
		log_in(users, &users->list[i]);
	}
	if (!users->list[i].sf)
		err_set(err, users->list[i].why.status, "%s", users->list[i].why.text);
	return users->list[i].sf;
}

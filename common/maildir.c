#include "maildir.h"

#include "arena.h"
#include "buf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct names {
	char **items;
	size_t n, room;
};

static void
free_names(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->items[i]);
	free(names->items);
	*names = (struct names){0};
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* 0, or -1 with errno. A name that begins with a dot is no message. */
static int
list(const char *folder, struct names *names)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	if (!dir)
		return -1;
	while ((errno = 0, entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		if (names->n == names->room) {
			names->room = names->room ? names->room * 2 : 64;
			names->items = xrealloc(names->items, names->room * sizeof *names->items);
		}
		names->items[names->n++] = xstrdup(entry->d_name);
	}
	int failed = errno;
	closedir(dir);
	if (names->n > 0)
		qsort(names->items, names->n, sizeof *names->items, compare);
	errno = failed;
	return failed ? -1 : 0;
}

/* The same message in cur under other flags: its name up to the colon is its own for ever. */
static int
open_renamed(const char *path, const char *name, struct buf *at)
{
	struct names names = {0};
	struct buf folder = {0};
	size_t own = strcspn(name, ":");
	int fd = -1;

	buf_printf(&folder, "%s/cur", path);
	if (list(folder.text, &names) == 0)
		for (size_t i = 0; fd < 0 && i < names.n; i++) {
			if (strcspn(names.items[i], ":") != own ||
			    memcmp(names.items[i], name, own) != 0)
				continue;
			buf_clear(at);
			buf_printf(at, "%s/%s", folder.text, names.items[i]);
			fd = open(at->text, O_RDONLY | O_CLOEXEC);
		}
	free_names(&names);
	buf_free(&folder);
	return fd;
}

static int
read_folder(const char *path, const char *which,
    void (*message)(void *arg, int fd, const char *name), void *arg, struct err *err)
{
	struct buf folder = {0}, at = {0};
	struct names names = {0};
	int got = 0;

	buf_printf(&folder, "%s/%s", path, which);
	if (list(folder.text, &names) != 0)
		got = err_set(err, ST_IO, "%s: %s", folder.text, strerror(errno));
	for (size_t i = 0; got == 0 && i < names.n; i++) {
		buf_clear(&at);
		buf_printf(&at, "%s/%s", folder.text, names.items[i]);
		int fd = open(at.text, O_RDONLY | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT)
			fd = open_renamed(path, names.items[i], &at);
		if (fd >= 0) {
			message(arg, fd, at.text);
			close(fd);
		} else if (errno == ENOENT) {
			diag_detail("%s: deleted meanwhile", at.text);
		} else {
			got = err_set(err, ST_IO, "%s: %s", at.text, strerror(errno));
		}
	}
	free_names(&names);
	buf_free(&folder);
	buf_free(&at);
	return got;
}

int
maildir_each(const char *path, void (*message)(void *arg, int fd, const char *name), void *arg,
    struct err *err)
{
	struct buf folder = {0};
	bool both = true;

	for (int i = 0; i < 2; i++) {
		buf_clear(&folder);
		buf_printf(&folder, "%s/%s", path, i ? "cur" : "new");
		both &= access(folder.text, F_OK) == 0;
	}
	buf_free(&folder);
	if (!both)
		return err_set(
		    err, ST_IO, "%s: a folder, but no Maildir: it has no cur or new", path);
	if (read_folder(path, "new", message, arg, err) != 0)
		return -1;
	return read_folder(path, "cur", message, arg, err);
}

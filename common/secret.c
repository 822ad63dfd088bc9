#define _XOPEN_SOURCE 700 /* realpath() */
#include "secret.h"

#include "arena.h"
#include "fault.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
secret_free(struct buf *text)
{
	if (text->text)
		OPENSSL_cleanse(text->text, text->room);
	buf_free(text);
}

void
secret_free_string(char *text)
{
	if (text)
		OPENSSL_cleanse(text, strlen(text));
	free(text);
}

static int
check(int fd, const char *path, struct stat *status, struct err *err)
{
	if (fstat(fd, status) != 0)
		return err_set(err, ST_IO, "%s: %s", path, strerror(errno));
	if (status->st_uid != geteuid())
		return err_set(
		    err, ST_CONFIG, "%s belongs to another user: it is not trusted", path);
	if (status->st_mode & 077)
		return err_set(err, ST_CONFIG, "%s is open to others (mode %04o): chmod 600 %s",
		    path, (unsigned)(status->st_mode & 07777), path);
	return 0;
}

static int
read_all(int fd, const char *path, struct buf *text, struct err *err)
{
	ssize_t n = 1;

	buf_reserve(text, SECRET_MAX); /* at once: no copies are left behind as it grows */
	while (n > 0 && text->size < SECRET_MAX) {
		n = read(fd, text->text + text->size, SECRET_MAX - text->size);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			text->size += (size_t)n;
	}
	text->text[text->size] = '\0';
	if (n < 0)
		return err_set(err, ST_IO, "%s: %s", path, strerror(errno));
	if (text->size == SECRET_MAX)
		return err_set(err, ST_CONFIG, "%s is too large", path);
	return 0;
}

int
secret_read(const char *path, struct buf *text, struct err *err)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, ST_CONFIG, "%s: %s", path, strerror(errno));
	int got = check(fd, path, &status, err);
	if (got == 0)
		got = read_all(fd, path, text, err);
	close(fd);
	return got;
}

static void
close_lock(struct secret_lock *lock)
{
	if (lock->fd >= 0)
		close(lock->fd);
	lock->fd = -1;
}

/* 1: the file was replaced while we waited for its lock. */
static int
lock_once(struct secret_lock *lock, struct stat *status, struct err *err)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct stat now;

	lock->fd = open(lock->path, O_RDWR | O_CLOEXEC);
	if (lock->fd < 0)
		return err_set(err, ST_CONFIG,
		    "%s cannot be written, but Salesforce may give another refresh token: %s",
		    lock->path, strerror(errno));
	if (fcntl(lock->fd, F_SETLKW, &whole) != 0)
		return err_set(err, errno == EINTR ? ST_LATER : ST_IO, "%s: lock: %s", lock->path,
		    strerror(errno));
	if (check(lock->fd, lock->path, status, err) != 0)
		return -1;
	if (stat(lock->path, &now) == 0 && now.st_ino == status->st_ino &&
	    now.st_dev == status->st_dev)
		return 0;
	return 1;
}

static int
write_all(int fd, const char *text, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, text, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		text += n;
		size -= (size_t)n;
	}
	return 0;
}

/* The rename itself is on the disk too. */
static int
sync_folder(const struct secret_lock *lock)
{
	char *path = xstrdup(lock->path);
	int fd = open(dirname(path), O_RDONLY | O_CLOEXEC);
	int got = fd < 0 ? -1 : fsync(fd);

	if (got != 0 && errno == EINVAL) /* a file system that cannot */
		got = 0;
	if (fd >= 0)
		close(fd);
	free(path);
	return got;
}

static bool
is_newer(const struct stat *a, const struct stat *b)
{
	if (a->st_mtim.tv_sec != b->st_mtim.tv_sec)
		return a->st_mtim.tv_sec > b->st_mtim.tv_sec;
	return a->st_mtim.tv_nsec >= b->st_mtim.tv_nsec;
}

/* A run was killed before the rename: it may have held the only token that is still good. 1: it is
 * in its place now. */
static int
recover(struct secret_lock *lock, const struct stat *status,
    bool (*is_whole)(const char *text, size_t size), struct err *err)
{
	struct buf text = {0};
	struct stat left;
	struct err why = {0};
	int got = 0, fd = open(lock->next, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return 0;
	if (check(fd, lock->next, &left, &why) == 0 && S_ISREG(left.st_mode) &&
	    is_newer(&left, status) && read_all(fd, lock->next, &text, &why) == 0 &&
	    is_whole(text.text, text.size)) {
		got = 1;
		if (fsync(fd) != 0 || rename(lock->next, lock->path) != 0 || sync_folder(lock) != 0)
			got = err_set(err, ST_IO, "%s: %s", lock->path, strerror(errno));
		diag_detail("%s: what a run that was killed had got is used", lock->path);
	}
	close(fd);
	secret_free(&text);
	return got;
}

/* With what the file holds now, so that a full disk is found out in time. */
static int
open_next(struct secret_lock *lock, const struct buf *text, struct err *err)
{
	if (unlink(lock->next) == 0)
		diag_detail(
		    "%s was left behind by a run that was killed: it is removed", lock->next);
	lock->next_fd = open(lock->next, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (lock->next_fd < 0)
		return err_set(err, ST_CONFIG,
		    "%s cannot be written, but Salesforce may give another refresh token: %s",
		    lock->next, strerror(errno));
	if (fchmod(lock->next_fd, lock->mode) != 0 ||
	    write_all(lock->next_fd, text->text, text->size) != 0 || fsync(lock->next_fd) != 0)
		return err_set(err, ST_IO, "%s: %s", lock->next, strerror(errno));
	return 0;
}

static int
lock_newest(struct secret_lock *lock, bool (*is_whole)(const char *text, size_t size),
    struct stat *status, struct err *err)
{
	int got;

	while ((got = lock_once(lock, status, err)) == 1 ||
	       (got == 0 && (got = recover(lock, status, is_whole, err)) == 1))
		close_lock(lock);
	return got;
}

int
secret_lock(struct secret_lock *lock, const char *path,
    bool (*is_whole)(const char *text, size_t size), struct buf *text, struct err *err)
{
	struct stat status = {0};

	*lock = (struct secret_lock){.fd = -1, .next_fd = -1, .held = true};
	lock->path = realpath(path, NULL);
	if (!lock->path)
		return err_set(err, ST_CONFIG, "%s: %s", path, strerror(errno));
	size_t size = strlen(lock->path) + sizeof ".new";
	lock->next = xalloc(size);
	snprintf(lock->next, size, "%s.new", lock->path);
	if (lock_newest(lock, is_whole, &status, err) != 0)
		return -1;
	lock->mode = status.st_mode & 0700;
	if (!S_ISREG(status.st_mode))
		return err_set(err, ST_CONFIG,
		    "%s is no plain file, but Salesforce may give another refresh token to keep",
		    path);
	if (read_all(lock->fd, path, text, err) != 0)
		return -1;
	return open_next(lock, text, err);
}

int
secret_replace(struct secret_lock *lock, const char *text, size_t size, struct err *err)
{
	if (ftruncate(lock->next_fd, 0) != 0 || lseek(lock->next_fd, 0, SEEK_SET) != 0 ||
	    write_all(lock->next_fd, text, size) != 0)
		return err_set(err, ST_IO, "%s: %s", lock->next, strerror(errno));
	fault_point();
	if (fsync(lock->next_fd) != 0)
		return err_set(err, ST_IO, "%s: %s", lock->next, strerror(errno));
	fault_point();
	if (rename(lock->next, lock->path) != 0)
		return err_set(err, ST_IO, "%s: %s", lock->path, strerror(errno));
	free(lock->next);
	lock->next = NULL;
	fault_point();
	if (sync_folder(lock) != 0)
		return err_set(err, ST_IO, "%s: %s", lock->path, strerror(errno));
	fault_point();
	return 0;
}

void
secret_unlock(struct secret_lock *lock)
{
	if (!lock->held)
		return;
	if (lock->next_fd >= 0) {
		if (lock->next)
			unlink(lock->next);
		close(lock->next_fd);
	}
	close_lock(lock);
	free(lock->path);
	free(lock->next);
	*lock = (struct secret_lock){0};
}

/*
 * secret: files that hold secrets: read only if nobody else can, replaced whole and under a lock.
 *
 * Owner:   secret_free() overwrites what it frees.
 * Errors:  ST_CONFIG the file will not do; ST_IO it cannot be read or written; ST_LATER a signal
 *          came while another process held the lock.
 */
#ifndef SFPIPE_SECRET_H
#define SFPIPE_SECRET_H

#include "buf.h"
#include "diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SECRET_MAX ((size_t)256 * 1024)

void secret_free(struct buf *text);
void secret_free_string(char *text); /* NULL is fine */

/* The text of a file, or pipe, of this user's that nobody else may read. */
int secret_read(const char *path, struct buf *text, struct err *err);

/* A file that is to be replaced: zero-initialize. */
struct secret_lock {
	char *path, *next; /* behind symbolic links; its replacement */
	int fd, next_fd;
	mode_t mode;
	bool held;
};

/* Waits for the lock, reads the file. That it can be replaced is tried too, before anything is done
 * that makes it necessary. What a run that was killed had written for its replacement takes its place
 * now, if it is newer and is_whole. */
int secret_lock(struct secret_lock *lock, const char *path,
    bool (*is_whole)(const char *text, size_t size), struct buf *text, struct err *err);

/* The file holds this instead, all of it or nothing, on the disk. Once. */
int secret_replace(struct secret_lock *lock, const char *text, size_t size, struct err *err);

void secret_unlock(struct secret_lock *lock);

#endif

/*
 * store: the one SQLite file (design 7): opened, its statements, its transactions. Wraps SQLite;
 * what is in it is schema.h's, and mirror.h, calls.h and queue.h read and write it.
 *
 * Owner:   store_close() frees all, statements too; text from a column lives until the next
 *          store_step() or store_reset() of its statement.
 * Errors:  ST_LATER locked by another store-apply for more than 30 s; ST_IO the disk, memory;
 *          ST_CONFIG no store, an older schema (run store-apply), a newer one.
 * Threads: a store belongs to one thread; any number may be open on one file.
 */
#ifndef SFPIPE_STORE_H
#define SFPIPE_STORE_H

#include "store_sql.h"

enum store_mode {
	STORE_READ,  /* a missing file counts as an empty store; never writes, never waits */
	STORE_WRITE, /* store-apply's: makes the file (mode 0600), its schema, or migrates it */
};

/* NULL with err set. */
struct store *store_open(const char *path, enum store_mode mode, struct err *err);

/* The same, waiting so long for another store-apply instead of 30 s. */
struct store *store_open_waiting(
    const char *path, enum store_mode mode, int64_t wait_ms, struct err *err);

/* Grows with every transaction that changes a row. */
int store_version(struct store *store, int64_t *version, struct err *err);

/* A consistent copy in a new file (mode 0600); an existing file is refused. */
int store_copy(struct store *store, const char *path, struct err *err);

/* Builds the secondary indexes, if a first load went without them (or died before it built them),
 * in the transaction that is open, else in one that it begins: the caller commits. */
int store_build_indexes(struct store *store, struct err *err);

#endif

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

#include "diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;       /* opaque */
struct store_query; /* opaque: a prepared statement */

enum store_mode {
	STORE_READ,  /* a missing file counts as an empty store; never writes, never waits */
	STORE_WRITE, /* store-apply's: makes the file (mode 0600), its schema, or migrates it */
};

/* NULL with err set. */
struct store *store_open(const char *path, enum store_mode mode, struct err *err);
void store_close(struct store *store);

/* The same, waiting so long for another store-apply instead of 30 s. */
struct store *store_open_waiting(
    const char *path, enum store_mode mode, int64_t wait_ms, struct err *err);

const char *store_path(const struct store *store);

/* Whether the secondary indexes are there. A store that holds no record, call or email is opened
 * for writing without them, so that a first load is fast; see store_build_indexes(). */
bool store_indexed(const struct store *store);

/* A transaction. Reading: everything is as of its first query. Beginning one that is open does
 * nothing, nor does ending one that is not. */
int store_begin(struct store *store, struct err *err);
int store_commit(struct store *store, struct err *err);
void store_rollback(struct store *store);

/* The statement of this SQL, reset, nothing bound; prepared once for a pointer, so pass literals
 * (or text that lives as long as the store). NULL with err set. */
struct store_query *store_query(struct store *store, const char *sql, struct err *err);

/* Forgets all statements: before texts that they were prepared from go. */
void store_forget(struct store *store);

/* Parameters from 1; the bytes must stay until the step that uses them is done. text NULL: null. */
void store_bind(struct store_query *query, int n, const char *text);
void store_bind_bytes(struct store_query *query, int n, const char *text, size_t size);
void store_bind_int(struct store_query *query, int n, int64_t value);

/* 1: a row is there, 0: done (and reset), -1: err set (and reset). */
int store_step(struct store_query *query, struct err *err);

/* Steps to the end: for statements without rows. */
int store_run(struct store_query *query, struct err *err);
void store_reset(struct store_query *query);

/* Columns from 0. NULL, 0 for null. */
const char *store_text(struct store_query *query, int column, size_t *size);
int64_t store_int(struct store_query *query, int column);
bool store_is_null(struct store_query *query, int column);

/* Rows that the last statement changed; the rowid that it inserted. */
int64_t store_changes(struct store *store);
int64_t store_last_rowid(struct store *store);

/* Several statements without parameters or rows, such as a schema. */
int store_execute(struct store *store, const char *sql, struct err *err);

/* A consistent copy in a new file (mode 0600); an existing file is refused. */
int store_copy(struct store *store, const char *path, struct err *err);

/* Builds the secondary indexes, if a first load went without them (or died before it built them),
 * in the transaction that is open, else in one that it begins: the caller commits. */
int store_build_indexes(struct store *store, struct err *err);

#endif

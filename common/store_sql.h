/*
 * store_sql: an SQLite file: its statements, its transactions. All of SQLite is behind this; tools
 * open a store with store.h.
 *
 * Owner:   store_close() frees all, statements too; text from a column lives until the next
 *          store_step() or store_reset() of its statement.
 * Errors:  ST_LATER locked by another store-apply for too long; ST_IO the disk, memory; ST_CONFIG
 *          this is no SQLite file.
 * Threads: a store belongs to one thread; any number may be open on one file.
 */
#ifndef SFPIPE_STORE_SQL_H
#define SFPIPE_STORE_SQL_H

#include "arena.h"
#include "diag.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;       /* opaque */
struct store_query; /* opaque: a prepared statement */

enum store_file {
	STORE_FILE_READ,
	STORE_FILE_WRITE,
	STORE_FILE_NONE, /* an empty one in memory */
};

/* For store.h: a store that is connected to nothing yet; what it is connected to. */
struct store *store_new(const char *path, int64_t wait_ms);
int store_connect(struct store *store, enum store_file file, struct err *err);
void store_set_indexed(struct store *store, bool indexed);

/* From here on no transaction begins on a store of another schema: ST_CONFIG. */
void store_set_schema(struct store *store, int64_t schema);

/* Whether the secondary indexes are there. A store that holds no record, call or email is opened
 * for writing without them, so that a first load is fast; see store_build_indexes(). */
bool store_indexed(const struct store *store);

void store_close(struct store *store);
const char *store_path(const struct store *store);

/* A transaction. Reading: everything is as of its first query. Beginning one that is open does
 * nothing, nor does ending one that is not. */
int store_begin(struct store *store, struct err *err);
int store_commit(struct store *store, struct err *err);
void store_rollback(struct store *store);

/* The statement of this SQL, reset, nothing bound; prepared once for a pointer, so pass literals
 * (or text that lives as long as the store). NULL with err set. */
struct store_query *store_query(struct store *store, const char *sql, struct err *err);

/* Writes the whole file anew and empties its log, so that nothing of what was deleted is left in
 * either; forgets all statements. ST_LATER: somebody still reads what was before. */
int store_rewrite(struct store *store, struct err *err);

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

/* The one number that a pragma or select gives; 0 if it gives no row. */
int store_number(struct store *store, const char *sql, int64_t *value, struct err *err);

/* Columns from 0. NULL, 0 for null. */
const char *store_text(struct store_query *query, int column, size_t *size);

/* The same without a NUL behind it, and so without a copy: for millions of rows. */
const char *store_span(struct store_query *query, int column, size_t *size);

/* The same as a string in the arena. */
const char *store_text_dup(struct store_query *query, int column, struct arena *arena);

int64_t store_int(struct store_query *query, int column);
bool store_is_null(struct store_query *query, int column);

/* Rows that the last statement changed; the rowid that it inserted. */
int64_t store_changes(struct store *store);
int64_t store_last_rowid(struct store *store);

/* Several statements without parameters or rows, such as a schema. */
int store_execute(struct store *store, const char *sql, struct err *err);

#endif

#include "store_sql.h"

#include "fault.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define MAX_QUERIES 256

struct store_query {
	struct store *store;
	const char *sql;
	sqlite3_stmt *statement;
};

struct store {
	sqlite3 *db;
	char *path;
	int64_t wait_ms;
	int64_t changes_begun; /* rows changed before this transaction */
	int64_t schema;        /* 0: any */
	bool indexed;
	struct store_query *queries[MAX_QUERIES];
	size_t n_queries;
};

static int
fail(struct store *store, struct err *err)
{
	int code = sqlite3_errcode(store->db) & 0xff;

	switch (code) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(err, ST_LATER,
		    "%s: locked by another store-apply for %d s; run again", store->path,
		    (int)(store->wait_ms / 1000));
	case SQLITE_READONLY:
		if (sqlite3_db_readonly(store->db, NULL) == 1)
			return err_set(err, ST_IO,
			    "%s: to read it, its folder must be writable; or read what store-query"
			    " copy makes of it",
			    store->path);
		return err_set(err, ST_IO, "%s: the store is read-only", store->path);
	case SQLITE_NOTADB:
		return err_set(err, ST_CONFIG, "%s: this is no store", store->path);
	case SQLITE_CORRUPT:
		return err_set(err, ST_IO, "%s: the store is damaged: %s", store->path,
		    sqlite3_errmsg(store->db));
	default:
		return err_set(err, ST_IO, "%s: %s", store->path, sqlite3_errmsg(store->db));
	}
}

int
store_execute(struct store *store, const char *sql, struct err *err)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return fail(store, err);
	return 0;
}

/* Without its count of memory, which all threads would wait for. */
static void
configure(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

struct store *
store_new(const char *path, int64_t wait_ms)
{
	static pthread_once_t configured = PTHREAD_ONCE_INIT;
	struct store *store = xalloc(sizeof *store);

	pthread_once(&configured, configure);
	store->path = xstrdup(path);
	store->wait_ms = wait_ms;
	store->indexed = true;
	return store;
}

int
store_connect(struct store *store, enum store_file file, struct err *err)
{
	static const int flags[] = {SQLITE_OPEN_READONLY, SQLITE_OPEN_READWRITE,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};

	sqlite3_close(store->db);
	store->db = NULL;
	if (sqlite3_open_v2(file == STORE_FILE_NONE ? ":memory:" : store->path, &store->db,
		flags[file] | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return fail(store, err);
	sqlite3_extended_result_codes(store->db, 0);
	sqlite3_busy_timeout(store->db, (int)store->wait_ms);
	/* who reads is fastest with little more than the processor's own cache holds */
	return store_execute(store,
	    file == STORE_FILE_READ ? "PRAGMA cache_size = -4000" : "PRAGMA cache_size = -16000",
	    err);
}

void
store_forget(struct store *store)
{
	for (size_t i = 0; i < store->n_queries; i++) {
		sqlite3_finalize(store->queries[i]->statement);
		free(store->queries[i]);
	}
	store->n_queries = 0;
}

/* All that is in the log goes into the file, and the log's file becomes empty. */
static int
empty_log(struct store *store, struct err *err)
{
	int64_t busy;

	if (store_number(store, "PRAGMA wal_checkpoint(TRUNCATE)", &busy, err) != 0)
		return -1;
	if (busy)
		return err_set(err, ST_LATER,
		    "%s: somebody has been reading it for %d s: what was deleted is not "
		    "overwritten yet; run again",
		    store->path, (int)(store->wait_ms / 1000));
	return 0;
}

/* Deleted rows are overwritten in their place first, as the file may become shorter. */
int
store_rewrite(struct store *store, struct err *err)
{
	store_forget(store);
	if (empty_log(store, err) != 0)
		return -1;
	fault_point();
	store_forget(store);
	if (store_execute(store, "VACUUM", err) != 0)
		return -1;
	fault_point();
	return empty_log(store, err);
}

void
store_close(struct store *store)
{
	if (!store)
		return;
	store_forget(store);
	sqlite3_close(store->db);
	free(store->path);
	free(store);
}

bool
store_indexed(const struct store *store)
{
	return store->indexed;
}

void
store_set_indexed(struct store *store, bool indexed)
{
	store->indexed = indexed;
}

void
store_set_schema(struct store *store, int64_t schema)
{
	store->schema = schema;
}

const char *
store_path(const struct store *store)
{
	return store->path;
}

/* A newer store-apply may have made the store over since it was opened. */
static int
check_schema(struct store *store, struct err *err)
{
	int64_t schema;

	if (store->schema == 0)
		return 0;
	int status = store_number(store, "PRAGMA user_version", &schema, err);
	if (status == 0 && schema == store->schema)
		return 0;
	store_rollback(store);
	if (status != 0)
		return -1;
	return err_set(err, ST_CONFIG, "%s: another sfpipe made it over to schema %d; start again",
	    store->path, (int)schema);
}

int
store_begin(struct store *store, struct err *err)
{
	if (!sqlite3_get_autocommit(store->db))
		return 0;
	bool read_only = sqlite3_db_readonly(store->db, "main") == 1;
	store->changes_begun = sqlite3_total_changes64(store->db);
	if (store_execute(store, read_only ? "BEGIN" : "BEGIN IMMEDIATE", err) != 0)
		return -1;
	return check_schema(store, err);
}

int
store_commit(struct store *store, struct err *err)
{
	if (sqlite3_get_autocommit(store->db))
		return 0;
	/* whoever holds rows in memory sees by the version that they are no longer current */
	if (sqlite3_total_changes64(store->db) != store->changes_begun &&
	    store_execute(store,
		"INSERT INTO meta VALUES ('version', 1) ON CONFLICT (name) DO UPDATE"
		" SET value = value + 1",
		err) != 0)
		return -1;
	fault_point();
	int status = store_execute(store, "COMMIT", err);
	fault_point();
	return status;
}

void
store_rollback(struct store *store)
{
	if (store && !sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

struct store_query *
store_query(struct store *store, const char *sql, struct err *err)
{
	for (size_t i = 0; i < store->n_queries; i++) {
		if (store->queries[i]->sql == sql) {
			store_reset(store->queries[i]);
			sqlite3_clear_bindings(store->queries[i]->statement);
			return store->queries[i];
		}
	}
	if (store->n_queries == MAX_QUERIES) {
		err_set(err, ST_IO, "too many statements: this is a bug");
		return NULL;
	}
	struct store_query *query = xalloc(sizeof *query);
	*query = (struct store_query){.store = store, .sql = sql};
	if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &query->statement,
		NULL) != SQLITE_OK) {
		free(query);
		fail(store, err);
		return NULL;
	}
	return store->queries[store->n_queries++] = query;
}

void
store_bind(struct store_query *query, int n, const char *text)
{
	if (text)
		sqlite3_bind_text(query->statement, n, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(query->statement, n);
}

void
store_bind_bytes(struct store_query *query, int n, const char *text, size_t size)
{
	sqlite3_bind_text64(query->statement, n, text, size, SQLITE_STATIC, SQLITE_UTF8);
}

void
store_bind_int(struct store_query *query, int n, int64_t value)
{
	sqlite3_bind_int64(query->statement, n, value);
}

int
store_step(struct store_query *query, struct err *err)
{
	int step = sqlite3_step(query->statement);

	if (step == SQLITE_ROW)
		return 1;
	int status = step == SQLITE_DONE ? 0 : fail(query->store, err);
	sqlite3_reset(query->statement);
	return status;
}

int
store_run(struct store_query *query, struct err *err)
{
	int step;

	while ((step = store_step(query, err)) == 1)
		;
	return step;
}

void
store_reset(struct store_query *query)
{
	sqlite3_reset(query->statement);
}

int
store_number(struct store *store, const char *sql, int64_t *value, struct err *err)
{
	struct store_query *query = store_query(store, sql, err);
	int step = query ? store_step(query, err) : -1;

	*value = step == 1 ? store_int(query, 0) : 0;
	if (step == 1)
		store_reset(query);
	return step < 0 ? -1 : 0;
}

const char *
store_text(struct store_query *query, int column, size_t *size)
{
	const char *text = (const char *)sqlite3_column_text(query->statement, column);

	if (size)
		*size = text ? (size_t)sqlite3_column_bytes(query->statement, column) : 0;
	return text;
}

const char *
store_text_dup(struct store_query *query, int column, struct arena *arena)
{
	size_t size;
	const char *text = store_text(query, column, &size);

	return text ? arena_dup(arena, text, size) : NULL;
}

const char *
store_span(struct store_query *query, int column, size_t *size)
{
	/* one thread has the store, so nothing need protect the value */
	sqlite3_value *value = sqlite3_column_value(query->statement, column);
	const char *text = sqlite3_value_blob(value);

	*size = text ? (size_t)sqlite3_value_bytes(value) : 0;
	return text;
}

int64_t
store_int(struct store_query *query, int column)
{
	return sqlite3_column_int64(query->statement, column);
}

bool
store_is_null(struct store_query *query, int column)
{
	return sqlite3_column_type(query->statement, column) == SQLITE_NULL;
}

int64_t
store_changes(struct store *store)
{
	return sqlite3_changes64(store->db);
}

int64_t
store_last_rowid(struct store *store)
{
	return sqlite3_last_insert_rowid(store->db);
}

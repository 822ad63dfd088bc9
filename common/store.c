#include "store.h"

#include "arena.h"
#include "buf.h"
#include "fault.h"
#include "schema.h"
#include "sobject.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_WAIT_MS 30000
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

/* The one number that a pragma or select gives. */
static int
read_number(struct store *store, const char *sql, int64_t *value, struct err *err)
{
	sqlite3_stmt *statement;

	*value = 0;
	if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK)
		return fail(store, err);
	int step = sqlite3_step(statement);
	*value = step == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
	sqlite3_finalize(statement);
	return step == SQLITE_ROW || step == SQLITE_DONE ? 0 : fail(store, err);
}

static int
create_schema(struct store *store, bool with_indexes, struct err *err)
{
	struct buf sql = {0};

	schema_tables(&sql);
	if (with_indexes)
		schema_indexes(&sql);
	buf_printf(&sql, "INSERT INTO meta VALUES ('schema', '%d');", SCHEMA_VERSION);
	buf_printf(&sql, "PRAGMA user_version = %d;", SCHEMA_VERSION);
	buf_printf(&sql, "PRAGMA application_id = %d;", SCHEMA_APPLICATION);
	int status = store_execute(store, sql.text, err);
	buf_free(&sql);
	return status;
}

static int
migrate(struct store *store, int64_t version, struct err *err)
{
	for (; version < SCHEMA_VERSION; version++) {
		const char *sql = schema_migration((int)version);
		if (!sql)
			return err_set(
			    err, ST_CONFIG, "%s: schema %d is too old", store->path, (int)version);
		if (store_execute(store, sql, err) != 0)
			return -1;
	}
	char sql[128];
	snprintf(sql, sizeof sql,
	    "UPDATE meta SET value = '%d' WHERE name = 'schema';"
	    "PRAGMA user_version = %d;",
	    SCHEMA_VERSION, SCHEMA_VERSION);
	return store_execute(store, sql, err);
}

/* 0 and the version; 0 is a file without anything in it. */
static int
read_version(struct store *store, int64_t *version, struct err *err)
{
	int64_t application = 0, tables = 0;

	if (read_number(store, "PRAGMA user_version", version, err) != 0 ||
	    read_number(store, "PRAGMA application_id", &application, err) != 0 ||
	    read_number(store, "SELECT count(*) FROM sqlite_schema", &tables, err) != 0)
		return -1;
	if (tables > 0 && application != SCHEMA_APPLICATION)
		return err_set(err, ST_CONFIG, "%s: this is no store", store->path);
	if (*version > SCHEMA_VERSION)
		return err_set(err, ST_CONFIG,
		    "%s: the store has schema %d, made by a newer sfpipe; this one knows %d",
		    store->path, (int)*version, SCHEMA_VERSION);
	return 0;
}

/* Without records and calls there is nothing to find: a first load goes without the indexes. */
static int
drop_indexes_if_empty(struct store *store, struct err *err)
{
	struct buf sql = {0};
	int64_t empty;

	buf_puts(
	    &sql, "SELECT NOT EXISTS (SELECT 1 FROM call) AND NOT EXISTS (SELECT 1 FROM email)");
	for (size_t i = 0; i < n_sobjects; i++)
		buf_printf(&sql, " AND NOT EXISTS (SELECT 1 FROM %s)", sobjects[i].table);
	int status = read_number(store, sql.text, &empty, err);
	buf_clear(&sql);
	if (status == 0 && empty) {
		schema_drop_indexes(&sql);
		status = store_execute(store, sql.text, err);
	}
	buf_free(&sql);
	return status;
}

/* Under the write lock, so that two first store-apply make one schema. */
static int
prepare_to_write(struct store *store, struct err *err)
{
	int64_t version, indexed;

	if (store_execute(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", err) !=
		0 ||
	    store_begin(store, err) != 0 || read_version(store, &version, err) != 0)
		return -1;
	if (version == 0 && create_schema(store, false, err) != 0)
		return -1;
	if (version > 0 && version < SCHEMA_VERSION && migrate(store, version, err) != 0)
		return -1;
	if (drop_indexes_if_empty(store, err) != 0 ||
	    read_number(store,
		"SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'contact_email')",
		&indexed, err) != 0)
		return -1;
	store->indexed = indexed != 0;
	return store_commit(store, err);
}

/* The folders of a path, as mkdir -p makes them; what fails shows when the file is opened. */
static void
make_folders(const char *path)
{
	char *copy = xstrdup(path);

	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0700);
		*slash = '/';
	}
	free(copy);
}

static int
open_file(struct store *store, int flags, struct err *err)
{
	store->indexed = true;
	if (sqlite3_open_v2(store->path, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK)
		return fail(store, err);
	sqlite3_extended_result_codes(store->db, 0);
	sqlite3_busy_timeout(store->db, (int)store->wait_ms);
	return store_execute(store, "PRAGMA cache_size = -16000;", err);
}

static int
open_to_write(struct store *store, struct err *err)
{
	make_folders(store->path);
	int fd = open(store->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, ST_IO, "%s: %s", store->path, strerror(errno));
	close(fd);
	if (open_file(store, SQLITE_OPEN_READWRITE, err) != 0)
		return -1;
	if (prepare_to_write(store, err) == 0)
		return 0;
	store_rollback(store);
	return -1;
}

/* Stands for a store that is not there yet. */
static int
open_empty(struct store *store, struct err *err)
{
	sqlite3_close(store->db);
	if (sqlite3_open(":memory:", &store->db) != SQLITE_OK)
		return fail(store, err);
	return create_schema(store, true, err);
}

static int
open_to_read(struct store *store, struct err *err)
{
	int64_t version = 0;

	if (access(store->path, R_OK) != 0) {
		if (errno == ENOENT)
			return open_empty(store, err);
		return err_set(err, ST_IO, "%s: %s", store->path, strerror(errno));
	}
	if (open_file(store, SQLITE_OPEN_READONLY, err) != 0 ||
	    read_version(store, &version, err) != 0)
		return -1;
	if (version == 0) /* store-apply is just making it */
		return open_empty(store, err);
	if (version < SCHEMA_VERSION)
		return err_set(err, ST_CONFIG,
		    "%s: schema %d is older than this sfpipe's %d: run store-apply", store->path,
		    (int)version, SCHEMA_VERSION);
	return 0;
}

struct store *
store_open(const char *path, enum store_mode mode, struct err *err)
{
	return store_open_waiting(path, mode, LOCK_WAIT_MS, err);
}

struct store *
store_open_waiting(const char *path, enum store_mode mode, int64_t wait_ms, struct err *err)
{
	struct store *store = xalloc(sizeof *store);

	store->path = xstrdup(path);
	store->wait_ms = wait_ms;
	if ((mode == STORE_WRITE ? open_to_write : open_to_read)(store, err) == 0)
		return store;
	store_close(store);
	return NULL;
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

const char *
store_path(const struct store *store)
{
	return store->path;
}

int
store_begin(struct store *store, struct err *err)
{
	if (!sqlite3_get_autocommit(store->db))
		return 0;
	bool read_only = sqlite3_db_readonly(store->db, "main") == 1;
	return store_execute(store, read_only ? "BEGIN" : "BEGIN IMMEDIATE", err);
}

int
store_commit(struct store *store, struct err *err)
{
	if (sqlite3_get_autocommit(store->db))
		return 0;
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

const char *
store_text(struct store_query *query, int column, size_t *size)
{
	const char *text = (const char *)sqlite3_column_text(query->statement, column);

	if (size)
		*size = text ? (size_t)sqlite3_column_bytes(query->statement, column) : 0;
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

int
store_copy(struct store *store, const char *path, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set(err, ST_IO, "%s: %s", path, strerror(errno));
	close(fd);
	sqlite3_stmt *statement;
	if (sqlite3_prepare_v2(store->db, "VACUUM INTO ?1", -1, &statement, NULL) != SQLITE_OK)
		return fail(store, err);
	sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
	int step = sqlite3_step(statement);
	int status = step == SQLITE_DONE ? 0 : fail(store, err);
	sqlite3_finalize(statement);
	if (status != 0)
		unlink(path);
	return status;
}

/* In one transaction: a store has all of them or none. */
int
store_build_indexes(struct store *store, struct err *err)
{
	struct buf sql = {0};

	if (store->indexed)
		return 0;
	schema_indexes(&sql);
	int status = store_begin(store, err);
	if (status == 0)
		status = store_execute(store, sql.text, err);
	buf_free(&sql);
	store->indexed = status == 0;
	return status;
}

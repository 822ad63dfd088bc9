#include "store.h"

#include "arena.h"
#include "buf.h"
#include "fault.h"
#include "schema.h"
#include "sobject.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCK_WAIT_MS 30000

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
look_for_indexes(struct store *store, struct err *err)
{
	int64_t indexed;

	if (store_number(store,
		"SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'contact_email')",
		&indexed, err) != 0)
		return -1;
	store_set_indexed(store, indexed != 0);
	return 0;
}

static int
migrate(struct store *store, int64_t version, struct err *err)
{
	if (look_for_indexes(store, err) != 0)
		return -1;
	bool indexed = store_indexed(store);
	for (; version < SCHEMA_VERSION; version++) {
		const char *sql = schema_migration((int)version);
		if (!sql)
			return err_set(err, ST_CONFIG, "%s: schema %d is too old",
			    store_path(store), (int)version);
		if (store_execute(store, sql, err) != 0)
			return -1;
	}
	store_set_indexed(store, false);
	if (indexed && store_build_indexes(store, err) != 0)
		return -1;
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

	if (store_number(store, "PRAGMA user_version", version, err) != 0 ||
	    store_number(store, "PRAGMA application_id", &application, err) != 0 ||
	    store_number(store, "SELECT count(*) FROM sqlite_schema", &tables, err) != 0)
		return -1;
	if (tables > 0 && application != SCHEMA_APPLICATION)
		return err_set(err, ST_CONFIG, "%s: this is no store", store_path(store));
	if (*version > SCHEMA_VERSION)
		return err_set(err, ST_CONFIG,
		    "%s: the store has schema %d, made by a newer sfpipe; this one knows %d",
		    store_path(store), (int)*version, SCHEMA_VERSION);
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
	int status = store_number(store, sql.text, &empty, err);
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
	int64_t version;

	if (store_execute(store, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;", err) !=
		0 ||
	    store_begin(store, err) != 0 || read_version(store, &version, err) != 0)
		return -1;
	if (version == 0 && create_schema(store, false, err) != 0)
		return -1;
	if (version > 0 && version < SCHEMA_VERSION && migrate(store, version, err) != 0)
		return -1;
	if (drop_indexes_if_empty(store, err) != 0 || look_for_indexes(store, err) != 0)
		return -1;
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
open_to_write(struct store *store, struct err *err)
{
	make_folders(store_path(store));
	int fd = open(store_path(store), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, ST_IO, "%s: %s", store_path(store), strerror(errno));
	close(fd);
	if (store_connect(store, STORE_FILE_WRITE, err) != 0)
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
	store_forget(store);
	if (store_connect(store, STORE_FILE_NONE, err) != 0)
		return -1;
	return create_schema(store, true, err);
}

static int
open_to_read(struct store *store, struct err *err)
{
	int64_t version = 0;
	struct stat about;

	if (access(store_path(store), R_OK) != 0) {
		if (errno == ENOENT)
			return open_empty(store, err);
		return err_set(err, ST_IO, "%s: %s", store_path(store), strerror(errno));
	}
	if (stat(store_path(store), &about) == 0 && S_ISDIR(about.st_mode))
		return err_set(err, ST_IO, "%s: %s", store_path(store), strerror(EISDIR));
	if (store_connect(store, STORE_FILE_READ, err) != 0 ||
	    read_version(store, &version, err) != 0)
		return -1;
	if (version == 0) /* store-apply is just making it */
		return open_empty(store, err);
	if (version < SCHEMA_VERSION)
		return err_set(err, ST_CONFIG,
		    "%s: schema %d is older than this sfpipe's %d: run store-apply",
		    store_path(store), (int)version, SCHEMA_VERSION);
	return look_for_indexes(store, err);
}

struct store *
store_open(const char *path, enum store_mode mode, struct err *err)
{
	return store_open_waiting(path, mode, LOCK_WAIT_MS, err);
}

struct store *
store_open_waiting(const char *path, enum store_mode mode, int64_t wait_ms, struct err *err)
{
	struct store *store = store_new(path, wait_ms);

	if ((mode == STORE_WRITE ? open_to_write : open_to_read)(store, err) != 0) {
		store_close(store);
		return NULL;
	}
	store_set_schema(store, SCHEMA_VERSION);
	return store;
}

int
store_version(struct store *store, int64_t *version, struct err *err)
{
	static const char sql[] =
	    "SELECT ifnull(max(value + 0), 0) FROM meta WHERE name = 'version'";

	return store_number(store, sql, version, err);
}

/* A new file of mode 0600, on its way to path, with all that the store holds. */
static int
write_copy(struct store *store, const char *part, const char *path, struct err *err)
{
	int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set(err, ST_IO, "%s: %s", path, strerror(errno));
	close(fd);
	struct store_query *query = store_query(store, "VACUUM INTO ?1", err);
	if (!query)
		return -1;
	store_bind(query, 1, part);
	return store_run(query, err);
}

static int
refuse_existing(const char *path, struct err *err)
{
	return err_set(err, ST_USAGE,
	    "%s is there already: a copy is a new file; move it away, or give another name", path);
}

/* Under another name until it is whole: whoever finds the file finds a copy. */
int
store_copy(struct store *store, const char *path, struct err *err)
{
	struct buf part = {0};
	int status = -1;

	if (access(path, F_OK) == 0)
		return refuse_existing(path, err);
	buf_printf(&part, "%s.%ld", path, (long)getpid());
	if (write_copy(store, part.text, path, err) == 0) {
		fault_point();
		status = link(part.text, path); /* unlike rename() it replaces nothing */
		if (status != 0 && errno == EEXIST)
			refuse_existing(path, err);
		else if (status != 0)
			err_set(err, ST_IO, "%s: %s", path, strerror(errno));
		fault_point();
	}
	unlink(part.text);
	buf_free(&part);
	return status;
}

/* In one transaction: a store has all of them or none. */
int
store_build_indexes(struct store *store, struct err *err)
{
	struct buf sql = {0};

	if (store_indexed(store))
		return 0;
	schema_indexes(&sql);
	int status = store_begin(store, err);
	if (status == 0)
		status = store_execute(store, sql.text, err);
	buf_free(&sql);
	if (status == 0)
		store_set_indexed(store, true);
	return status;
}

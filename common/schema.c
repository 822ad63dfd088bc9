#include "schema.h"

#include "sobject.h"

#include <stdbool.h>
#include <string.h>

static const char other_tables[] =
    /* rows only appended by a first load: its key is an index like the others */
    "CREATE TABLE person_phone (phone TEXT NOT NULL, object TEXT NOT NULL, id TEXT NOT NULL);"
    "CREATE TABLE call (id TEXT PRIMARY KEY, start TEXT, \"end\" TEXT, subject TEXT,"
    " organizer TEXT, primary_account TEXT, primary_opportunity TEXT, status TEXT,"
    " held INTEGER NOT NULL DEFAULT 0, seq INTEGER NOT NULL, line TEXT NOT NULL);"
    "CREATE TABLE email (id TEXT PRIMARY KEY, date TEXT, subject TEXT, sender TEXT,"
    " primary_account TEXT, primary_opportunity TEXT, status TEXT,"
    " held INTEGER NOT NULL DEFAULT 0, seq INTEGER NOT NULL, line TEXT NOT NULL);"
    /* kind is call or email; n counts the participants, address what is looked for of one */
    "CREATE TABLE call_participant (kind TEXT NOT NULL, call_id TEXT NOT NULL, n INTEGER NOT NULL,"
    " email TEXT, domain TEXT, phone TEXT, name TEXT, internal INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE association (kind TEXT NOT NULL, call_id TEXT NOT NULL, n INTEGER NOT NULL,"
    " object TEXT NOT NULL, record_id TEXT NOT NULL, account_id TEXT, \"by\" TEXT,"
    " PRIMARY KEY (kind, call_id, n)) WITHOUT ROWID;"
    /* what a line's "manual" names, deleted records too: those are in no association */
    "CREATE TABLE call_manual (kind TEXT NOT NULL, call_id TEXT NOT NULL, n INTEGER NOT NULL,"
    " object TEXT NOT NULL, record_id TEXT NOT NULL, PRIMARY KEY (kind, call_id, n)) WITHOUT ROWID;"
    /* record_id: the contact or lead that stands for them by now */
    "CREATE TABLE virtual_record (id TEXT NOT NULL, object TEXT NOT NULL, email TEXT NOT NULL,"
    " account_id TEXT, company TEXT, record_id TEXT, PRIMARY KEY (id, object)) WITHOUT ROWID;"
    /* line is null for a record that was new: it is in its object's table */
    "CREATE TABLE change (seq INTEGER PRIMARY KEY AUTOINCREMENT, side TEXT NOT NULL,"
    " object TEXT NOT NULL, id TEXT NOT NULL, line TEXT);"
    /* at is null until its first checkpoint; the sides that it hears of; null: all */
    "CREATE TABLE consumer (name TEXT PRIMARY KEY, of TEXT NOT NULL DEFAULT 'changes',"
    " side TEXT, seq INTEGER NOT NULL DEFAULT 0, at TEXT);"
    /* n grows with each time that something is owed, so a checkpoint can say what it settles */
    "CREATE TABLE owed (n INTEGER PRIMARY KEY AUTOINCREMENT, consumer TEXT NOT NULL,"
    " side TEXT NOT NULL, object TEXT NOT NULL, id TEXT NOT NULL, why TEXT,"
    " UNIQUE (consumer, side, object, id));"
    /* ok is null for a local op that waits for its importer */
    "CREATE TABLE op (n INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, \"to\" TEXT NOT NULL,"
    " op TEXT NOT NULL, object TEXT NOT NULL, id TEXT, ok INTEGER, line TEXT NOT NULL,"
    " local_object TEXT, local_id TEXT);"
    /* changed: the modified of the newest line that brought what was not our own */
    "CREATE TABLE local_record (object TEXT NOT NULL, id TEXT NOT NULL, salesforce_id TEXT,"
    " modified TEXT, changed TEXT, deleted INTEGER NOT NULL DEFAULT 0, fields TEXT NOT NULL,"
    " PRIMARY KEY (object, id)) WITHOUT ROWID;"
    /* each field of it that holds an email, for pairing */
    "CREATE TABLE local_email (email TEXT NOT NULL, object TEXT NOT NULL, field TEXT NOT NULL,"
    " id TEXT NOT NULL, PRIMARY KEY (email, object, field, id)) WITHOUT ROWID;"
    /* own: the LastModifiedDate of a write of ours, empty until it is pulled; modified: the one
     * before it. ended is null while the link lives. told: an op for Salesforce succeeded since. */
    "CREATE TABLE link (n INTEGER PRIMARY KEY AUTOINCREMENT, object TEXT NOT NULL,"
    " salesforce_id TEXT NOT NULL, local_object TEXT NOT NULL, local_id TEXT NOT NULL,"
    " made TEXT NOT NULL, \"by\" TEXT NOT NULL, ended TEXT, why TEXT, own TEXT, modified TEXT,"
    " told INTEGER NOT NULL DEFAULT 0);"
    "CREATE UNIQUE INDEX link_record ON link (object, salesforce_id)"
    " WHERE ended IS NULL;"
    "CREATE UNIQUE INDEX link_local ON link (local_object, local_id)"
    " WHERE ended IS NULL;"
    /* the last settled value of each side, as JSON */
    "CREATE TABLE base (link INTEGER NOT NULL, field TEXT NOT NULL, salesforce TEXT, local TEXT,"
    " PRIMARY KEY (link, field)) WITHOUT ROWID;"
    "CREATE TABLE conflict (object TEXT NOT NULL, id TEXT NOT NULL, local_id TEXT NOT NULL,"
    " at TEXT NOT NULL, line TEXT NOT NULL, PRIMARY KEY (object, id, local_id)) WITHOUT ROWID;"
    /* design 5: a Task that log-activity made counts for no rule until somebody moves it */
    "CREATE TABLE logged_task (id TEXT PRIMARY KEY, call_id TEXT NOT NULL, who_id TEXT,"
    " what_id TEXT);"
    "CREATE TABLE reject (n INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL,"
    " tool TEXT NOT NULL, why TEXT NOT NULL, line TEXT NOT NULL, UNIQUE (tool, line));"
    "CREATE TABLE watermark (object TEXT PRIMARY KEY, modstamp TEXT NOT NULL, id TEXT NOT NULL,"
    " read TEXT NOT NULL, fields TEXT NOT NULL, missing TEXT);"
    "CREATE TABLE describe (object TEXT PRIMARY KEY, at TEXT NOT NULL, line TEXT NOT NULL);"
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);"
    "INSERT INTO consumer (name, of, side) VALUES ('calls', 'changes', 'salesforce'),"
    " ('sync', 'changes', 'salesforce local'), ('activity', 'changes', 'calls'), ('app', 'ops', "
    "NULL);";

/* Those that association probes hold all that it reads, what their own condition names included,
 * so that it never goes to the records. The shorter their rows, the fewer pages it goes through. */
static const char indexes[] =
    "CREATE INDEX IF NOT EXISTS person_phone_phone ON person_phone (phone, object, id);"
    "CREATE INDEX IF NOT EXISTS account_name ON account (id, name, is_deleted);"
    "CREATE INDEX IF NOT EXISTS contact_email ON contact"
    " (email, id, account_id, last_modified_date_ms, created_date_ms, is_deleted)"
    " WHERE email IS NOT NULL AND is_deleted = 0;"
    "CREATE INDEX IF NOT EXISTS contact_domain ON contact"
    " (email_domain, account_id, id, is_deleted)"
    " WHERE email_domain IS NOT NULL AND is_deleted = 0;"
    "CREATE INDEX IF NOT EXISTS contact_account ON contact (account_id)"
    " WHERE account_id IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS lead_email ON lead"
    " (email, id, converted_account_id, last_modified_date_ms, created_date_ms, is_converted,"
    " converted_contact_id, is_deleted) WHERE email IS NOT NULL AND is_deleted = 0;"
    "CREATE INDEX IF NOT EXISTS lead_account ON lead (converted_account_id)"
    " WHERE converted_account_id IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS lead_contact ON lead (converted_contact_id)"
    " WHERE converted_contact_id IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS lead_domain ON lead"
    " (email_domain, created_date_ms IS NULL, created_date_ms, id, company, is_deleted,"
    " is_converted)"
    " WHERE email_domain IS NOT NULL AND is_deleted = 0 AND is_converted = 0;"
    "CREATE INDEX IF NOT EXISTS contact_master ON contact (master_record_id)"
    " WHERE master_record_id IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS lead_master ON lead (master_record_id)"
    " WHERE master_record_id IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS account_master ON account (master_record_id)"
    " WHERE master_record_id IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS opportunity_account ON opportunity"
    " (account_id, id, is_closed, created_date_ms, last_modified_date_ms, close_date, owner_id,"
    " is_deleted)"
    " WHERE account_id IS NOT NULL AND is_deleted = 0;"
    "CREATE INDEX IF NOT EXISTS opportunity_contact ON opportunity (contact_id)"
    " WHERE contact_id IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS role_contact ON opportunity_contact_role"
    " (contact_id, opportunity_id) WHERE contact_id IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS role_opportunity ON opportunity_contact_role (opportunity_id);"
    "CREATE INDEX IF NOT EXISTS opportunity_activity_at ON opportunity_activity"
    " (opportunity_id, at, is_deleted) WHERE is_deleted = 0;"
    "CREATE INDEX IF NOT EXISTS activity_what ON activity (what_id, at, id, who_id, is_deleted)"
    " WHERE what_id IS NOT NULL AND is_deleted = 0;"
    "CREATE INDEX IF NOT EXISTS activity_who ON activity (who_id) WHERE who_id IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS activity_call_object ON activity (call_object, id)"
    " WHERE call_object IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS activity_at ON activity (object, at);"
    "CREATE INDEX IF NOT EXISTS user_email ON user (email) WHERE email IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS call_start ON call (start);"
    "CREATE INDEX IF NOT EXISTS call_organizer ON call (organizer) WHERE organizer IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS email_date ON email (date);"
    "CREATE INDEX IF NOT EXISTS call_participant_call ON call_participant (kind, call_id);"
    "CREATE INDEX IF NOT EXISTS call_participant_email ON call_participant (email)"
    " WHERE email IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS call_participant_domain ON call_participant (domain)"
    " WHERE domain IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS call_participant_phone ON call_participant (phone)"
    " WHERE phone IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS association_record ON association (object, record_id);"
    "CREATE INDEX IF NOT EXISTS call_manual_record ON call_manual (object, record_id);"
    "CREATE INDEX IF NOT EXISTS virtual_record_email ON virtual_record (email);"
    "CREATE INDEX IF NOT EXISTS email_held ON email (date) WHERE held;"
    "CREATE INDEX IF NOT EXISTS op_record ON op (object, id);"
    "CREATE INDEX IF NOT EXISTS op_waits ON op (object, id) WHERE ok IS NULL;"
    "CREATE INDEX IF NOT EXISTS op_waits_local ON op (local_object, local_id)"
    " WHERE ok IS NULL;"
    "CREATE INDEX IF NOT EXISTS op_failed_local ON op (local_object, local_id)"
    " WHERE ok = 0;"
    "CREATE INDEX IF NOT EXISTS link_ended_record ON link (object, salesforce_id)"
    " WHERE ended IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS link_ended_local ON link (local_object, local_id)"
    " WHERE ended IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS local_record_salesforce_id ON local_record (salesforce_id)"
    " WHERE salesforce_id IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS local_email_record ON local_email (object, id);"
    "CREATE INDEX IF NOT EXISTS logged_task_call ON logged_task (call_id);";

/* Whether a field before this one, in this object or one before it, makes the same column. */
static bool
column_made(const char *table, const struct sobject *until, size_t until_field, const char *column)
{
	for (const struct sobject *s = sobjects; s <= until; s++) {
		size_t n = s == until ? until_field : s->n_fields;
		if (strcmp(s->table, table) != 0)
			continue;
		for (size_t i = 0; i < n; i++)
			if (s->fields[i].column && strcmp(s->fields[i].column, column) == 0)
				return true;
	}
	return false;
}

static void
put_columns(struct buf *sql, const struct sobject *sobject)
{
	for (size_t i = 0; i < sobject->n_fields; i++) {
		const struct sobject_field *f = &sobject->fields[i];
		if (!f->column || column_made(sobject->table, sobject, i, f->column) ||
		    strcmp(f->column, "id") == 0 || strcmp(f->column, "is_deleted") == 0 ||
		    strcmp(f->column, "system_modstamp") == 0)
			continue;
		buf_printf(sql, ", %s %s", f->column, f->type == SOBJECT_BOOL ? "INTEGER" : "TEXT");
		if (sobject_second(f))
			buf_printf(sql, ", %s%s %s", f->column, sobject_second(f),
			    f->type == SOBJECT_EMAIL ? "TEXT" : "INTEGER");
	}
}

static void
put_table(struct buf *sql, const struct sobject *first)
{
	buf_printf(sql, "CREATE TABLE %s (id TEXT PRIMARY KEY, object TEXT NOT NULL", first->table);
	for (const struct sobject *s = first; s < sobjects + n_sobjects; s++)
		if (strcmp(s->table, first->table) == 0)
			put_columns(sql, s);
	buf_puts(sql, ", is_deleted INTEGER NOT NULL DEFAULT 0, system_modstamp TEXT,"
		      " record TEXT NOT NULL);\n");
}

void
schema_tables(struct buf *sql)
{
	for (const struct sobject *s = sobjects; s < sobjects + n_sobjects; s++)
		if (sobject_find_table(s->table) == s)
			put_table(sql, s);
	buf_puts(sql, other_tables);
}

void
schema_indexes(struct buf *sql)
{
	for (const struct sobject *s = sobjects; s < sobjects + n_sobjects; s++)
		if (sobject_find_table(s->table) == s)
			buf_printf(sql,
			    "CREATE INDEX IF NOT EXISTS %s_deleted ON %s (object, id)"
			    " WHERE is_deleted;\n",
			    s->table, s->table);
	buf_puts(sql, indexes);
}

/* Their names are what stands behind the words that schema_indexes() begins each with. */
void
schema_drop_indexes(struct buf *sql)
{
	static const char create[] = "CREATE INDEX IF NOT EXISTS ";
	struct buf made = {0};

	schema_indexes(&made);
	for (const char *at = made.text; (at = strstr(at, create));) {
		at += sizeof create - 1;
		buf_printf(sql, "DROP INDEX IF EXISTS %.*s;", (int)strcspn(at, " "), at);
	}
	buf_free(&made);
}

#define MS(column)                                                                                 \
#column "_ms = CAST(round((julianday(" #column ") - 2440587.5) * 86400000) AS INTEGER)"
#define DATES_IN_MS(table)                                                                         \
	"ALTER TABLE " table " ADD COLUMN created_date_ms INTEGER;"                                \
	"ALTER TABLE " table " ADD COLUMN last_modified_date_ms INTEGER;"                          \
	"UPDATE " table " SET " MS(created_date) ", " MS(last_modified_date) ";"

const char *
schema_migration(int from)
{
	static const char *const to_next[] = {
	    [1] = "DROP INDEX IF EXISTS contact_email; DROP INDEX IF EXISTS lead_email;"
		  "DROP INDEX IF EXISTS lead_domain; DROP INDEX IF EXISTS "
		  "opportunity_account;" DATES_IN_MS("contact") DATES_IN_MS("lead")
		      DATES_IN_MS("opportunity")};

	return from > 0 && from < SCHEMA_VERSION ? to_next[from] : NULL;
}

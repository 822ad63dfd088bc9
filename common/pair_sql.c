#include "pair_sql.h"

#include "sobject.h"

#include <string.h>

static bool
has_column(const struct sobject *sobject, const char *column)
{
	for (size_t i = 0; i < sobject->n_fields; i++)
		if (sobject->fields[i].column && strcmp(sobject->fields[i].column, column) == 0)
			return true;
	return false;
}

/* Whether the map matches by this, and before that if it is not the same. */
static bool
matches(const struct fieldmap_object *object, enum fieldmap_match by, enum fieldmap_match before)
{
	for (size_t i = 0; i < object->n_match; i++) {
		if (object->match[i] == by)
			return true;
		if (object->match[i] == before)
			return false;
	}
	return false;
}

/* A record that may be paired. */
static void
put_free_record(struct buf *text, const struct sobject *sobject)
{
	buf_puts(text, "r.is_deleted = 0 AND NOT EXISTS (SELECT 1 FROM link WHERE object = ?2"
		       " AND salesforce_id = r.id AND ended IS NULL)");
	if (has_column(sobject, "is_converted"))
		buf_puts(text, " AND r.is_converted IS NOT 1");
	if (has_column(sobject, "is_person_account"))
		buf_puts(text, " AND r.is_person_account IS NOT 1");
}

#define FREE_LOCAL                                                                                 \
	"l.object = ?3 AND l.deleted = 0 AND NOT EXISTS (SELECT 1 FROM link"                       \
	" WHERE local_object = ?3 AND local_id = l.id AND ended IS NULL)"

static void
make_by_email(struct pair_sql *sql, const struct sobject *sobject)
{
	bool oldest = sql->object->duplicates == FIELDMAP_OLDEST_MODIFIED;
	bool claimed = matches(sql->object, FIELDMAP_SALESFORCE_ID, FIELDMAP_EMAIL);
	const struct sobject_field *date =
	    sobject_field(sobject, oldest ? "LastModifiedDate" : "CreatedDate");
	const char *second = sobject_second(date);

	buf_printf(&sql->records, "SELECT r.id FROM %s r WHERE r.email = ?1 AND r.object = ?2 AND ",
	    sobject->table);
	put_free_record(&sql->records, sobject);
	if (claimed)
		buf_puts(&sql->records, " AND NOT EXISTS (SELECT 1 FROM local_record l WHERE"
					" l.salesforce_id = r.id AND " FREE_LOCAL ")");
	if (!second)
		second = "";
	buf_printf(&sql->records, " ORDER BY r.%s%s IS NULL, r.%s%s%s, r.id LIMIT 1000",
	    date->column, second, date->column, second, oldest ? "" : " DESC");
	buf_printf(&sql->namesakes,
	    "SELECT r.id FROM %s r JOIN link k ON k.object = ?2 AND k.salesforce_id = r.id AND"
	    " k.ended IS NULL WHERE r.email = ?1 AND r.object = ?2 AND r.is_deleted = 0"
	    " ORDER BY r.id LIMIT 1",
	    sobject->table);
	buf_puts(&sql->locals, "SELECT l.id FROM local_email e JOIN local_record l ON"
			       " l.object = e.object AND l.id = e.id WHERE e.email = ?1 AND"
			       " e.object = ?3 AND e.field = ?4 AND " FREE_LOCAL);
	if (claimed) {
		buf_printf(&sql->locals,
		    " AND NOT EXISTS (SELECT 1 FROM %s r WHERE r.id = l.salesforce_id AND"
		    " r.object = ?2 AND ",
		    sobject->table);
		put_free_record(&sql->locals, sobject);
		buf_putc(&sql->locals, ')');
	}
	buf_printf(&sql->locals, " ORDER BY %sl.id LIMIT 1000",
	    oldest ? "l.changed IS NULL, l.changed, " : "");
}

void
pair_sql_make(struct pair_sql *sql, const struct fieldmap_object *object)
{
	const struct sobject *sobject = sobject_find(object->name);
	const struct fieldmap_field *email = fieldmap_salesforce(object, "Email");

	*sql = (struct pair_sql){.object = object};
	if (!sobject)
		return;
	if (matches(object, FIELDMAP_SALESFORCE_ID, FIELDMAP_SALESFORCE_ID))
		buf_puts(&sql->claims, "SELECT l.id FROM local_record l WHERE l.salesforce_id = ?1"
				       " AND ?2 <> '' AND " FREE_LOCAL
				       " ORDER BY l.changed IS NULL, l.changed, l.id LIMIT 1");
	if (email && email->local && has_column(sobject, "email") &&
	    matches(object, FIELDMAP_EMAIL, FIELDMAP_EMAIL)) {
		sql->email_field = email->local;
		make_by_email(sql, sobject);
	}
}

void
pair_sql_free(struct pair_sql *sql)
{
	buf_free(&sql->records);
	buf_free(&sql->locals);
	buf_free(&sql->namesakes);
	buf_free(&sql->claims);
}

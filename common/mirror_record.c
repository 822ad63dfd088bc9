#include "mirror_record.h"

#include "mirror_value.h"

#include <string.h>

#define MAX_MEMBERS 4000 /* of a record; Salesforce has some 900 fields an object */

/* A prefix that no object of ours has passes. */
static int
check_prefix(const struct mirror_record *record, struct err *err)
{
	const struct sobject *named;

	if (sfid_has_prefix(record->id, record->sobject->prefix))
		return 0;
	named = sobject_find_id(record->id);
	if (!named)
		return 0;
	return err_set(err, ST_REJECTED, "Id %s is of another object, %s, not %s", record->id,
	    named->name, record->sobject->name);
}

static int
read_id(struct mirror_record *record, struct err *err)
{
	struct json id = record->values[0]; /* sobject.c: Id is the first of the fields */
	size_t size;
	const char *text = json_decode(id, record->arena, &size);
	char shown[64];

	if (!id.at)
		return err_set(err, ST_REJECTED, "%s without Id", record->sobject->name);
	if (text && sfid_widen(text, size, record->id) == 0)
		return check_prefix(record, err);
	diag_escape(shown, sizeof shown, id.at, id.size < 40 ? id.size : 40);
	return err_set(err, ST_REJECTED, "Id is no Salesforce Id: %s", shown);
}

int
mirror_record_read(const struct line *line, struct mirror_record *record, struct err *err)
{
	const char *type = line_sobject(line);
	char shown[64];
	size_t next = 0;
	const struct sobject *sobject = type ? sobject_find_exact(type, strlen(type)) : NULL;

	*record = (struct mirror_record){.arena = line->arena, .line = line, .sobject = sobject};
	if (!sobject) {
		diag_escape(shown, sizeof shown, type ? type : "", type ? strlen(type) : 0);
		err_set(err, ST_REJECTED, "unknown object \"%s\"", shown);
		return -1;
	}
	if (line->n_members > MAX_MEMBERS)
		return err_set(err, ST_REJECTED, "more than %d members", MAX_MEMBERS);
	record->fields =
	    arena_array(line->arena, line->n_members, sizeof(const struct sobject_field *));
	for (size_t i = 0; i < line->n_members; i++) {
		record->fields[i] = mirror_field(sobject, line->members[i].name, &next);
		if (record->fields[i])
			record->values[record->fields[i] - sobject->fields] =
			    line->members[i].value;
	}
	return read_id(record, err);
}

int
mirror_record_line(const char *object, const char *id, struct json fields, struct arena *arena,
    struct line *line, struct err *err)
{
	struct json_each each = json_each(fields);
	struct json_member member;
	struct buf text = {0};

	buf_puts(&text, "{\"attributes\":{");
	json_put_member(&text, "type", object);
	buf_putc(&text, '}');
	json_put_member(&text, "Id", id);
	while (json_next(&each, &member)) {
		if (json_is(member.name, "Id") || json_is(member.name, "attributes"))
			continue;
		buf_putc(&text, ',');
		buf_put(&text, member.name.at, member.name.size);
		buf_putc(&text, ':');
		buf_put(&text, member.value.at, member.value.size);
	}
	buf_putc(&text, '}');
	*line = (struct line){
	    .text = arena_dup(arena, text.text, text.size), .size = text.size, .arena = arena};
	buf_free(&text);
	return line_check(line, err);
}

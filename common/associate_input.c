#include "associate_input.h"

#include "email.h"
#include "rfc3339.h"
#include "sfid.h"

#include <string.h>

static int
read_start(const struct line *line, struct associate_input *input, struct err *err)
{
	const char *name = input->email ? "date" : "start";
	struct json value = line_get(line, name);
	char shown[128];
	size_t size = 0;
	const char *text = json_text(value, line->arena, &size);

	if (!json_has(value))
		return err_set(err, ST_REJECTED, "no %s", name);
	if (!text || rfc3339_parse(text, size, &input->start_ms) != 0)
		return err_set(err, ST_REJECTED, "%s is no RFC 3339 time: %s", name,
		    diag_escape(shown, sizeof shown, value.at, value.size));
	return 0;
}

static int
read_manual(const struct line *line, struct associate_input *input, struct err *err)
{
	static const char *const objects[] = {"Account", "Contact", "Lead", "Opportunity"};
	struct json manual = line_get(line, "manual");
	struct json_each each = json_each(manual);
	struct json_member m;
	size_t n = 0;

	if (!json_has(manual))
		return 0;
	if (json_kind(manual) != JSON_IS_ARRAY)
		return err_set(err, ST_REJECTED, "manual is no array");
	while (json_next(&each, &m))
		n++;
	input->manual = arena_array(line->arena, n + 1, sizeof *input->manual);
	each = json_each(manual);
	while (json_next(&each, &m)) {
		size_t size = 0;
		const char *id = json_decode(json_get(m.value, "id"), line->arena, &size);
		char *wide = arena_alloc(line->arena, SFID_SIZE);
		struct associate_manual *entry = &input->manual[input->n_manual];
		for (size_t i = 0; i < sizeof objects / sizeof *objects; i++)
			if (json_is(json_get(m.value, "object"), objects[i]))
				entry->object = objects[i];
		if (!entry->object)
			return err_set(err, ST_REJECTED,
			    "manual names what is no Account, Contact, Lead or Opportunity");
		if (!id || sfid_widen(id, size, wide) != 0)
			return err_set(
			    err, ST_REJECTED, "manual: %s without a Salesforce Id", entry->object);
		entry->id = wide;
		input->n_manual++;
	}
	return 0;
}

int
associate_read(const struct line *line, struct associate_input *input, struct err *err)
{
	size_t size = 0;
	const char *organizer = json_text(line_get(line, "organizer"), line->arena, &size);

	*input = (struct associate_input){.old.arena = line->arena};
	input->id = line_string(line, "id");
	if (!input->id || !*input->id)
		return err_set(err, ST_REJECTED, "no id");
	input->email = line_is(line, "email");
	if (organizer && !input->email)
		input->organizer = email_normalize(organizer, size, line->arena);
	if (read_start(line, input, err) != 0 ||
	    participant_read(line, &input->participants, err) != 0 ||
	    read_manual(line, input, err) != 0)
		return -1;
	association_read(&input->old, line_get(line, "associations"));
	for (size_t i = 0; i < input->old.n; i++) {
		const char *object = input->old.items[i]->object;
		if (strcmp(object, "Account") == 0 || strcmp(object, "Contact") == 0 ||
		    strcmp(object, "Lead") == 0)
			input->has_people = true;
	}
	return 0;
}

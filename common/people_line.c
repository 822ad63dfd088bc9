#include "people_line.h"

#include "buf.h"
#include "email.h"
#include "json.h"
#include "people.h"
#include "people_read.h"
#include "rfc3339.h"

#include <string.h>

#define PARTICIPANT_SIZE 256 /* most are smaller */

static void
put_bool(struct buf *buf, const char *name, bool value)
{
	json_put_name(buf, name);
	buf_puts(buf, value ? "true" : "false");
}

static void
put_time(struct buf *buf, const char *name, int64_t ms)
{
	char text[RFC3339_SIZE];

	if (ms != PEOPLE_NO_TIME)
		json_put_member(buf, name, rfc3339_format(ms, text));
}

static void
put_other_emails(struct buf *buf, const struct participant *participant)
{
	if (participant->n_other_emails == 0)
		return;
	json_put_name(buf, "other_emails");
	for (size_t i = 0; i < participant->n_other_emails; i++) {
		buf_putc(buf, i == 0 ? '[' : ',');
		json_put_string(
		    buf, participant->other_emails[i], strlen(participant->other_emails[i]));
	}
	buf_putc(buf, ']');
}

static bool
is_internal(const struct participant *participant, const struct rules *rules)
{
	const char *email = participant->person.email;

	if (email && rules_internal(rules, email_domain(email)))
		return true;
	for (size_t i = 0; i < participant->n_other_emails; i++)
		if (rules_internal(rules, email_domain(participant->other_emails[i])))
			return true;
	return false;
}

static void
put_participant(struct buf *buf, const struct participant *participant, const struct rules *rules)
{
	const struct person *person = &participant->person;

	buf_putc(buf, '{');
	json_put_member(buf, "email", person->email);
	json_put_member(buf, "name", person->name);
	json_put_member(buf, "phone", person->phone);
	put_other_emails(buf, participant);
	put_bool(buf, "invited", participant->invited);
	put_bool(buf, "attended", participant->attended);
	json_put_member(buf, "response", person->response);
	put_time(buf, "joined", person->joined_ms);
	put_time(buf, "left", person->left_ms);
	put_bool(buf, "internal", is_internal(participant, rules));
	buf_putc(buf, '}');
}

static void
set_participants(
    struct line *line, const struct participant *list, size_t n, const struct rules *rules)
{
	struct buf buf = {0};

	buf_reserve(&buf, n * PARTICIPANT_SIZE);
	buf_putc(&buf, '[');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(&buf, ',');
		put_participant(&buf, &list[i], rules);
	}
	buf_putc(&buf, ']');
	line_set(line, "participants", arena_dup(line->arena, buf.text, buf.size), buf.size);
	buf_free(&buf);
}

int
people_line_merge(struct line *line, const struct rules *rules, struct err *err)
{
	struct json invited = line_get(line, "invitees");
	struct json attended = line_get(line, "attendees");
	struct people invitees, attendees;
	struct participant *list;

	if (!json_has(invited) && !json_has(attended) && json_has(line_get(line, "participants")))
		return 0;
	if (people_read(PEOPLE_INVITEES, line, invited, rules->region, &invitees, err) != 0 ||
	    people_read(PEOPLE_ATTENDEES, line, attended, rules->region, &attendees, err) != 0)
		return -1;
	size_t n = people_merge(&invitees, &attendees, line->arena, &list);
	set_participants(line, list, n, rules);
	return 0;
}

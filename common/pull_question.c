#include "pull_question.h"

#include <stdlib.h>
#include <string.h>

int
pull_question_read(
    struct pull_question *question, struct pull_held *held, struct store *store, struct err *err)
{
	*question = (struct pull_question){0};
	int n = pull_held_read(held, store, question->held, PULL_ASKED, err);
	if (n > 0)
		question->n = question->until = (size_t)n;
	return n;
}

void
pull_question_put(struct pull_question *question, const char *object, struct buf *soql)
{
	const char *comma = "";

	buf_printf(soql, "SELECT Id FROM %s WHERE Id IN (", object);
	for (size_t i = question->from; i < question->until; i++) {
		if (question->seen[i])
			continue;
		buf_printf(soql, "%s'%s'", comma, question->held[i].id);
		comma = ",";
	}
	buf_putc(soql, ')');
	question->rows = 0;
}

static int
compare_id(const void *id, const void *held)
{
	return strcmp(id, ((const struct pull_record *)held)->id);
}

bool
pull_question_take(struct pull_question *question, const char *id)
{
	const struct pull_record *held =
	    bsearch(id, question->held, question->n, sizeof question->held[0], compare_id);
	size_t i = held ? (size_t)(held - question->held) : PULL_ASKED;

	if (!held || i < question->from || i >= question->until || question->seen[i])
		return false;
	question->seen[i] = true;
	question->rows++;
	return true;
}

bool
pull_question_all_seen(const struct pull_question *question)
{
	for (size_t i = question->from; i < question->until; i++)
		if (!question->seen[i])
			return false;
	return true;
}

void
pull_question_halve(struct pull_question *question)
{
	if (question->until - question->from > 1)
		question->until -= (question->until - question->from) / 2;
}

bool
pull_question_next(struct pull_question *question)
{
	question->from = question->until;
	question->until = question->n;
	return question->from < question->n;
}

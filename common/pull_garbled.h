/*
 * pull_garbled: the rows of a pull that were no JSON.
 *
 * What was garbled on the way comes whole when it is asked for again, on from the row before it; what
 * comes as it did before is so in Salesforce.
 *
 * Owner:   zero-initialize; pull_garbled_free().
 */
#ifndef SFPIPE_PULL_GARBLED_H
#define SFPIPE_PULL_GARBLED_H

#include <stddef.h>

enum pull_garbled_next {
	PULL_GARBLED_ASK,    /* new: it is to be asked for again */
	PULL_GARBLED_REJECT, /* so it came before: it is to be rejected */
	PULL_GARBLED_PASS,   /* it was rejected */
};

struct pull_garbled {
	struct pull_garbled_row *rows;
	size_t n;
};

/* What is to be done about a row. */
enum pull_garbled_next pull_garbled_take(
    struct pull_garbled *garbled, const char *text, size_t size);
void pull_garbled_free(struct pull_garbled *garbled);

#endif

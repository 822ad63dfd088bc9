/*
 * pair_line: the lines that pair.h writes: pairs, links that end or move, what a map says.
 *
 * Owner:   text is appended to out, each line with its newline.
 * Errors:  the store's.
 */
#ifndef SFPIPE_PAIR_LINE_H
#define SFPIPE_PAIR_LINE_H

#include "buf.h"
#include "pair_read.h"

struct pair_line {
	const struct fieldmap_object *object;
	const char *local_object;
	const char *by;                   /* link, salesforce_id, email, or NULL */
	const struct pair_record *record; /* or NULL */
	const struct pair_local *local;   /* or NULL */
	const struct link *link;          /* whose bases it has, or NULL */
	struct json base_fields;          /* an array: of these fields alone */
	bool had_link;
	const char *contact, *owner, *why; /* or NULL */
};

int pair_line_put(
    struct buf *out, struct store *store, const struct pair_line *line, struct err *err);

/* A link of the pair; from (or NULL): the link that moves to it; fields: whose bases it takes. */
void pair_line_put_link(struct buf *out, const struct link_pair *pair, const struct link *from,
    struct json fields, bool unlink, const char *why);

int pair_line_put_map(
    struct buf *out, struct store *store, const struct fieldmap_object *object, struct err *err);

#endif

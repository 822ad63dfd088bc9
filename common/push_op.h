/*
 * push_op: an op for Salesforce, read from its line, and as the record of a collection.
 *
 * Owner:   strings and spans are the line's: its text, its arena.
 * Errors:  ST_REJECTED: the line lacks what its op needs.
 */
#ifndef SFPIPE_PUSH_OP_H
#define SFPIPE_PUSH_OP_H

#include "buf.h"
#include "diag.h"
#include "json.h"
#include "line.h"
#include "sfid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum push_kind { PUSH_NONE, PUSH_CREATE, PUSH_UPSERT, PUSH_UPDATE, PUSH_DELETE };

struct push_op {
	enum push_kind kind;
	const char *object;
	char id[SFID_SIZE];         /* of update and delete; of others if given */
	const char *external_field; /* of an upsert */
	struct json external_value;
	bool has_seen;
	int64_t seen_ms;    /* an update: the stamp of the record that it was planned on */
	struct json find;   /* of a create: how a former one is found; or absent */
	struct json fields; /* an object, or absent */
	const char *org;    /* 18 characters, or NULL */
	const char *as;     /* the user whom it is written as, or NULL */
};

extern const char *const push_kind_names[];

/* Whether the line is an op for Salesforce without a result. */
bool push_op_is(const struct line *line);

int push_op_read(const struct line *line, struct push_op *op, struct err *err);

/* {"attributes":{"type":"Lead"},"id":"00Q...",...fields...} */
void push_op_put_record(const struct push_op *op, struct buf *json);

/* Whether it has values that a composite would take for references to its parts. */
bool push_op_is_bare(const struct push_op *op);

/* What names the record: ops with the same may not travel in one call. In the arena; NULL: none. */
const char *push_op_key(const struct push_op *op, struct arena *arena);

/* "update Lead 00Q...", for messages; in the arena. */
const char *push_op_name(const struct push_op *op, struct arena *arena);

#endif

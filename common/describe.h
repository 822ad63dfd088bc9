/*
 * describe: what an org says of an object: its fields, as far as the user may see them.
 *
 * Owner:   describe_close() frees all.
 * Threads: read-only once opened.
 */
#ifndef SFPIPE_DESCRIBE_H
#define SFPIPE_DESCRIBE_H

#include "buf.h"
#include "json.h"

#include <stdbool.h>
#include <stddef.h>

struct describe_field {
	char *name;
	char *type;
	size_t length; /* characters; 0: no such limit */
	bool createable, updateable, nillable, defaulted, external_id;
	bool restricted; /* the picklist takes no other values */
	char **values;   /* the picklist's active ones */
	size_t n_values;
};

struct describe {
	char *object;
	bool createable, updateable, deletable;
	struct describe_field *fields;
	size_t n_fields;
};

/* Of the body of sobjects/OBJECT/describe, or of a line of describe_put() (checked JSON); NULL if it
 * is neither. */
struct describe *describe_open(struct json body);
void describe_close(struct describe *describe);

/* {"kind":"describe","object":"Lead","at":...,"createable":true,...,"fields":[{"name":"Email",...}]}: all but
 * the values of picklists. What is false is left out. at is when it was described. */
void describe_put(const struct describe *describe, const char *at, struct buf *json);

/* By API name, in any case; NULL if there is none. */
const struct describe_field *describe_field(const struct describe *describe, const char *name);

/* Whether a picklist's field takes the value. */
bool describe_takes(const struct describe_field *field, const char *value);

#endif

/*
 * pull_object: one object's part in a pull: its next query, its rows, its checkpoints (design 3).
 *
 * Every page is a query of its own, on from the last row: so its rows are in order and as of one
 * moment. (A locator's later pages show rows as they are by then, out of order if they moved, and it
 * can die.) The cost is the same.
 *
 * Owner:   the arena's, for the run.
 * Errors:  ST_PROTOCOL nonsense; ST_LATER the day's calls are used up; ST_NOPERM refused. What
 *          concerns this object alone is said, and kept in its status.
 */
#ifndef SFPIPE_PULL_OBJECT_H
#define SFPIPE_PULL_OBJECT_H

#include "describe.h"
#include "diag.h"
#include "json.h"
#include "pull_fields.h"
#include "sobject.h"
#include "watermark.h"

#include <stdbool.h>
#include <stdint.h>

#define PULL_TRIES 5
#define PULL_NARROWINGS 6 /* of one page, half each time */
#define PULL_PAGE 2000    /* rows a page, Salesforce's own limit */

enum pull_state {
	PULL_DESCRIBE, /* wants to know which fields there are */
	PULL_QUERY,    /* wants its next page */
	PULL_DONE,
};

struct pull_object {
	const struct sobject *sobject;
	enum pull_state state;
	bool named;  /* asked for by name: it is an error if it is not there */
	bool narrow; /* no checkpoints: not everything is read */
	bool reset;  /* the next checkpoint takes the watermark back */
	bool grew;   /* pulled from the start, as fields were added */
	bool described;
	bool asked;   /* in the request that is under way */
	bool limited; /* its query has a LIMIT: totalSize says nothing */
	bool stopped; /* at max_rows, within the page */
	bool read_to_set;
	bool left_unknown; /* some are left */
	bool absent;       /* the org does not have it, or hides it */
	enum status status;
	unsigned tries; /* since its last page */
	/* How much is asked for at once, less if the org cannot answer it in time. */
	unsigned narrowings; /* since its last page */
	unsigned page;       /* rows; 0: PULL_PAGE */
	int64_t window_ms;   /* of the stamps; 0: all of them */
	int64_t until_ms;    /* the end of the window that is asked for; 0: none */
	int64_t read_to_ms;  /* windows were read whole up to here, if read_to_set */
	int64_t clock_ms;    /* the server's, after the first answer */
	const char *where;
	uint64_t max_rows; /* new ones in this run */
	struct pull_fields fields;
	struct watermark watermark;
	struct walk walk;
	struct position page_from; /* last row before the page that is asked for */
	uint64_t rows;             /* of this run */
	uint64_t new_rows;
	uint64_t page_rows; /* taken of this page */
	uint64_t left;      /* behind max_rows */
};

/* Appends its next query. */
void pull_object_put_query(struct pull_object *object, struct buf *soql);

/* A row of the page: 1 to write it, 0 to leave it (max_rows is reached), -1 for nonsense. */
int pull_object_row(struct pull_object *object, int64_t ms, const char *id, struct err *err);

/* The page has come whole. 1 if a checkpoint is due: pull_object_put_checkpoint(). */
int pull_object_page(struct pull_object *object, struct json body, struct err *err);

/* The describe has come; body NULL JSON or an error: the object is not there. */
int pull_object_described(
    struct pull_object *object, int status, struct json body, int64_t now_ms, struct err *err);

/* Its part was answered with an error. 1: the same may work in a while; 0 and PULL_QUERY: a
 * narrower query may. */
int pull_object_error(struct pull_object *object, struct json body, int64_t now_ms,
    struct arena *arena, struct err *err);

/* {"kind":"checkpoint",...}, for the rows so far. */
void pull_object_put_checkpoint(struct pull_object *object, int64_t clock_ms, struct buf *json);

/* That it stopped at max_rows, and what is left. */
void pull_object_say_left(const struct pull_object *object);

#endif

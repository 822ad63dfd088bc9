/*
 * jobs: one filter's loop on N threads, the output in the order of the input (--jobs).
 *
 * The input is cut into chunks of whole lines, as they come; each worker runs the filter's loop
 * over a chunk as over a whole stream. With one job the loop runs once, over the stream itself.
 *
 * Owner:   workers are opened and closed by jobs_run(); a worker belongs to one thread.
 * Errors:  as line.h: kept in the stream, for line_close().
 */
#ifndef SFPIPE_JOBS_H
#define SFPIPE_JOBS_H

#include "diag.h"
#include "line.h"

struct jobs_filter {
	/* What one thread works with (a store handle, say); NULL with err set on failure. */
	void *(*open)(void *arg, struct err *err);
	/* for (struct line line; line_next(lines, &line);) ... ; failures go to line_stop(). */
	void (*loop)(struct line_stream *lines, void *worker);
	/* Before the input blocks and after each chunk: end the read transaction. May be NULL. */
	void (*wait)(void *worker);
	void (*close)(void *worker);
	void *arg;
};

/* Returns when the input has ended or the run was stopped; line_close() has the status. */
void jobs_run(struct line_stream *lines, const struct jobs_filter *filter, unsigned jobs);

/* The number of processors that are there. */
unsigned jobs_default(void);

#endif

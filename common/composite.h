/*
 * composite: the body of a composite request: several requests that are one API call.
 *
 * Their queries are rows for salesforce_request.record; salesforce_part() finds the rest.
 */
#ifndef SFPIPE_COMPOSITE_H
#define SFPIPE_COMPOSITE_H

#include "buf.h"
#include "salesforce.h"

#include <stdbool.h>

#define COMPOSITE_QUERIES 5 /* queries, pages, collections in a composite */
#define COMPOSITE_PARTS 25  /* all in all */

/* The body of a composite: begin, add, end. The url is relative to /services/data/vXX.X/ unless it
 * begins with a slash; it must be encoded. headers and body are JSON objects, or NULL. */
void composite_begin(struct buf *composite);
void composite_add(struct salesforce *sf, struct buf *composite, const char *method,
    const char *reference, const char *url, const char *headers, const struct buf *body);
void composite_end(struct buf *composite);

/* "query?q=..." or "queryAll?q=..." */
void composite_put_query(struct buf *url, bool all, const struct buf *soql);

#endif

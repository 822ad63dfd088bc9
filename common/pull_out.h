/*
 * pull_out: the lines of a pull that are no records: the org, what is no good, words for a person.
 */
#ifndef SFPIPE_PULL_OUT_H
#define SFPIPE_PULL_OUT_H

#include "buf.h"
#include "line.h"

#include <stddef.h>

/* {"kind":"org","org":"00D..."} */
void pull_put_org(struct line_stream *lines, const char *org);

/* A record that is no good: it is named, and a reject line stands in its place. */
void pull_put_reject(struct line_stream *lines, const char *why, const char *text, size_t size);

/* A line for a person; the buffer is empty then, for the next. */
void pull_put_text(struct line_stream *lines, struct buf *text);

#endif

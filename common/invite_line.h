/*
 * invite_line: the content lines of an iCalendar text (RFC 5545, 3.1), unfolded: bytes are joined
 * first, so that a fold in the middle of a character mends. Line ends may be CRLF or LF.
 *
 * Owner:   name and value live until the next content_next(); parameters live in the arena.
 */
#ifndef SFPIPE_INVITE_LINE_H
#define SFPIPE_INVITE_LINE_H

#include "arena.h"
#include "buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct content_lines {
	const char *at;
	const char *end;
	uint64_t number;  /* of the physical line that at is in, from 1 */
	struct buf whole; /* the line, unfolded and cut by NULs; content_free() */
};

struct content_line {
	uint64_t number;
	const char *name;   /* in capitals */
	const char *params; /* between the name and the value, or "" */
	const char *value;
	size_t value_size;
};

struct content_lines content_open(const char *text, size_t size);
void content_free(struct content_lines *lines);

/* 1, 0 at the end, or -1: *why says why this is no content line (name is "" if it has none). */
int content_next(struct content_lines *lines, struct content_line *line, const char **why);

bool content_is(const struct content_line *line, const char *name);

/* The first value of a parameter, without its quotes, RFC 6868 decoded; NULL if it is not there. */
const char *content_param(const struct content_line *line, const char *name, struct arena *arena);

/* A TEXT value without its backslashes, in the arena. */
char *content_text(const char *value, struct arena *arena);

#endif

/*
 * diag: what a tool says on stderr, the statuses it ends with, and the error that a function hands back.
 *
 * Errors:  a function that can fail takes `struct err *` last and returns 0, or -1 with it set.
 * Threads: everything here may be called from any thread after diag_init() and diag_options().
 */
#ifndef SFPIPE_DIAG_H
#define SFPIPE_DIAG_H

#include <stdbool.h>
#include <stddef.h>

#define SFPIPE_VERSION "0.1.0"

/* design 2: the statuses of sysexits.h that we use, and when. */
enum status {
	ST_OK = 0,
	ST_USAGE = 64,
	ST_REJECTED = 65, /* some lines rejected, the rest done; as an err: this line is bad */
	ST_UNAVAILABLE =
	    69,           /* the service stayed unavailable, or something is older than --max-age */
	ST_IO = 74,       /* input, output, memory */
	ST_LATER = 75,    /* stopped early on a limit or a lock; nothing lost, run again */
	ST_PROTOCOL = 76, /* the service answered nonsense */
	ST_NOPERM = 77,   /* credentials refused */
	ST_CONFIG = 78,   /* configuration, another org's store, a safety limit */
};

/* Zero-initialize. The first writer wins, as it was nearest the cause. */
struct err {
	enum status status;
	char text[1024];
};

/* Sets err if it is not set yet; always -1, so that `return err_set(...)` reads well. */
int err_set(struct err *err, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void err_clear(struct err *err);

/* The worse of two statuses, in design 2's order: 64, 78, 77, 74, 76, 69, 65, 75, 0. */
enum status status_worse(enum status a, enum status b);

/* Call first in main(): remembers the tool's name, the last part of argv0, and leaves no other there,
 * as getopt_long() names the tool by it. A file too large is then an error like a full disk, and a
 * standard stream that is closed one that cannot be read or written. */
void diag_init(char *argv0);
const char *diag_tool(void);

/* verbose: -v was given. json: --log=json, messages are notice lines. */
void diag_options(bool verbose, bool json);
bool diag_verbose(void);
bool diag_json(void);

/* "tool: message\n" on stderr, in one write. What came from outside goes through diag_escape(). */
void diag_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, only with -v. */
void diag_detail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same with -v, or when standard error is a terminal: what a run did, or what it waits for. */
void diag_summary(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* How far a run is: a line on the terminal that the next message replaces; nothing where standard
 * error is none, or output goes there too. */
void diag_progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A notice (design 2); level "error" or "ok"; code and object may be NULL. Without --log=json it
 * is the message alone, and one of level ok is said only with -v. */
void diag_notice(const char *level, const char *code, const char *object, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The run's last word: err's message if it is set; with --log=json a notice of level ok or error. */
void diag_end(enum status status, const struct err *err);

/* text with control characters and invalid UTF-8 as \xNN, cut to fit; returns out. */
char *diag_escape(char *out, size_t out_size, const char *text, size_t size);

#endif

/*
 * email: address -> normal form (design 4), its domain, and the list of free-mail domains.
 *
 * The normal form: trimmed, angle brackets and mailto: taken off however they nest, ASCII in lower
 * case, the domain as A-labels (xn--) without dots at its end; +tags stay. It is no email if it
 * has not exactly one @ with something on both sides, if white space, a control character or an
 * angle bracket is left inside, or if a domain that is not ASCII has no A-label form. An ASCII
 * domain is taken as it is (some have underscores). Percent-encoding is a URI's affair, not ours.
 *
 * Owner:   results live in the arena; freemail_open()'s caller closes.
 * Errors:  NULL: it is no email, no domain. freemail_open(): ST_CONFIG, naming file and line.
 * Threads: any; an arena belongs to one, an open list is read-only.
 */
#ifndef SFPIPE_EMAIL_H
#define SFPIPE_EMAIL_H

#include "arena.h"
#include "diag.h"

#include <stdbool.h>
#include <stddef.h>

char *email_normalize(const char *text, size_t size, struct arena *arena);

/* The domain of an email in normal form: what is behind its @. */
const char *email_domain(const char *email);

/* A domain that stands alone in normal form (--internal-domain); NULL if it has an @ or is none. */
char *email_normalize_domain(const char *text, size_t size, struct arena *arena);

struct freemail; /* opaque */

/* path NULL: the list that is built in (freemail.txt). A file, one domain a line and # before a
 * remark, takes its place. */
struct freemail *freemail_open(const char *path, struct err *err);
void freemail_close(struct freemail *freemail);

/* Whether the list has this domain (normal form); its subdomains are others. */
bool freemail_has(const struct freemail *freemail, const char *domain);

#endif

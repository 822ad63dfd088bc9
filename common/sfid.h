/*
 * sfid: Salesforce's record Ids: 15 characters -> 18, and which object an Id names.
 *
 * The last three of 18 characters say which of the first 15 are capitals, five for each. All that
 * compares Ids compares them widened, byte by byte.
 *
 * Threads: any.
 */
#ifndef SFPIPE_SFID_H
#define SFPIPE_SFID_H

#include <stdbool.h>
#include <stddef.h>

#define SFID_SIZE 19 /* 18 characters and the NUL */

/* -1 if it is no Id: not 15 or 18 letters and digits, or three last characters that do not belong
 * to the others (somebody changed an Id's case). In lower case those three are accepted. */
int sfid_widen(const char *text, size_t size, char out[SFID_SIZE]);

/* Whether an Id of any length names an object with this key prefix, such as "003". */
bool sfid_has_prefix(const char *id, const char *prefix);

#endif

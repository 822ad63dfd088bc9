/*
 * phone: text -> E.164. The only place that knows libphonenumber, and its C++.
 *
 * A number is what can be dialled from anywhere: libphonenumber finds its length possible, area
 * code and all. Whether such a number is given out (valid) is not asked: plans change faster than
 * the library, and fictitious numbers must work. Extensions are dropped: E.164 has none, and the
 * people behind a switchboard share its number. No number are masked ones ("+1 415 ***"), and the
 * keypad spellings that Twilio gives for withheld ones ("+266696687").
 *
 * Owner:   results live in the arena.
 * Errors:  NULL: it is no number.
 * Threads: any; an arena belongs to one.
 */
#ifndef SFPIPE_PHONE_H
#define SFPIPE_PHONE_H

#include "arena.h"
#include "diag.h"

#include <stddef.h>

/* region, two letters such as US, is for numbers in national form; NULL: those are no numbers. */
char *phone_normalize(const char *text, size_t size, const char *region, struct arena *arena);

/* 0, or -1 with err set to this status: libphonenumber has no such region. NULL, no region, will do. */
int phone_region_check(const char *region, enum status status, struct err *err);

#endif

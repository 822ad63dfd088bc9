/*
 * json_bytes: how far the bytes of a string go before one that means something, sixteen at a time
 * where the processor can, else eight.
 *
 * Threads: any.
 */
#ifndef SFPIPE_JSON_BYTES_H
#define SFPIPE_JSON_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#define JSON_STEP 16
/* A bit for each of the bytes; the lowest for the first. */
typedef uint32_t json_bits;
#else
#define JSON_STEP 8
/* The high bit of each byte; above the first, one may be set that should not be. */
typedef uint64_t json_bits;
#endif

static inline bool
json_is_plain(char c)
{
	unsigned char u = (unsigned char)c;

	return u >= 0x20 && u < 0x80 && u != '"' && u != '\\';
}

static inline const char *
json_skip_space(const char *at, const char *end)
{
	while (at < end && (unsigned char)*at <= ' ' &&
	       (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n'))
		at++;
	return at;
}

/* Those of JSON_STEP bytes that are a quote, a backslash, a control character or not ASCII; with
 * quotes, only those that are a quote or a backslash. */
static inline json_bits
json_special(const char *at, bool quotes)
{
#ifdef __SSE2__
	__m128i v = _mm_loadu_si128((const __m128i *)(const void *)at);
	__m128i found = _mm_or_si128(
	    _mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));

	if (!quotes) /* as signed numbers, bytes from 0x80 on are below all others */
		found = _mm_or_si128(found, _mm_cmplt_epi8(v, _mm_set1_epi8(0x20)));
	return (json_bits)_mm_movemask_epi8(found);
#else
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones * 0x80;
	uint64_t w;

	memcpy(&w, at, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	w = __builtin_bswap64(w);
#endif
	uint64_t quote = w ^ (ones * '"'), backslash = w ^ (ones * '\\');
	uint64_t found = ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash);
	return (quotes ? found : found | w | (w - ones * 0x20)) & high;
#endif
}

/* The place of the first of them. */
static inline size_t
json_first(json_bits special)
{
#ifdef __SSE2__
	return (size_t)__builtin_ctz(special);
#else
	return (size_t)__builtin_ctzll(special) / 8;
#endif
}

/* Whether eight bytes all stand in a string as they are, and are ASCII. */
static inline bool
json_is_plain8(const char *at)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t w;

	memcpy(&w, at, 8);
	uint64_t quote = w ^ (ones * '"'), backslash = w ^ (ones * '\\');
	return !((w | (w - ones * 0x20) | ((quote - ones) & ~quote) |
		     ((backslash - ones) & ~backslash)) &
		 (ones * 0x80));
}

/* The first byte from at on that does not stand in a string as it is, or is not ASCII; or end. */
static inline const char *
json_skip_plain(const char *at, const char *end)
{
	const char *begin = at;

	for (; end - at >= JSON_STEP; at += JSON_STEP) {
		json_bits special = json_special(at, false);
		if (special)
			return at + json_first(special);
	}
	/* the last ones with some that were looked at: nothing before them was special */
	if (at < end && end - begin >= JSON_STEP) {
		json_bits special = json_special(end - JSON_STEP, false);
		return special ? end - JSON_STEP + json_first(special) : end;
	}
	if (end - at >= 8 && json_is_plain8(at) && json_is_plain8(end - 8))
		return end;
	while (at < end && json_is_plain(*at))
		at++;
	return at;
}

/* The first quote or backslash from at on, or end. */
static inline const char *
json_skip_text(const char *at, const char *end)
{
	for (; end - at >= JSON_STEP; at += JSON_STEP) {
		json_bits special = json_special(at, true);
		if (special)
			return at + json_first(special);
	}
	while (at < end && *at != '"' && *at != '\\')
		at++;
	return at;
}

#endif

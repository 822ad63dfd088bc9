extern "C" {
#include "phone.h"
}

#include <phonenumbers/logger.h>
#include <phonenumbers/phonenumberutil.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <set>
#include <string>
#include <strings.h>

using i18n::phonenumbers::NullLogger;
using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

/* No phone number is longer, and libphonenumber refuses more than this anyway. */
static const size_t max_size = 250;

/* Signs that stand for digits that are not shown; x is another, see has_x(). */
static const char *const masks[] = {"*", "?", "##", "__", "\u2022", "\u2026", "\u25cf", "\u25cb",
    "\u25a0", "\u2588", "\u00d7", "\u2217", "\uff0a"};

/* ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE. With punctuation or a country code the
 * second is somebody's number in Texas. */
static const char *const withheld[] = {
    "266696687", "7378742833", "2562533", "8656696", "86282452253"};

/* The library prints what it has to say on stdout, where our lines are. */
static PhoneNumberUtil *
library()
{
	static PhoneNumberUtil *const util = [] {
		PhoneNumberUtil *u = PhoneNumberUtil::GetInstance();
		u->SetLogger(new NullLogger);
		return u;
	}();
	return util;
}

static std::string
upper(const char *region)
{
	std::string name = region ? region : "ZZ";

	for (char &c : name)
		if (c >= 'a' && c <= 'z')
			c = static_cast<char>(c - 'a' + 'A');
	return name;
}

/* One x begins an extension, unless nothing follows; two stand for a carrier's code in Brazil, if
 * but zeros come before: "(0xx11) ...". */
static bool
has_x(const std::string &text)
{
	size_t begin = text.find_first_of("xX");

	while (begin != std::string::npos) {
		size_t end = text.find_first_not_of("xX", begin);
		std::string before = text.substr(0, begin);
		bool carrier = before.find('0') != std::string::npos &&
			       before.find_first_of("123456789") == std::string::npos;
		if (end == std::string::npos || end - begin > 2 || (end - begin == 2 && !carrier))
			return true;
		begin = text.find_first_of("xX", end);
	}
	return false;
}

static bool
is_masked(const std::string &text)
{
	for (const char *mask : masks)
		if (text.find(mask) != std::string::npos)
			return true;
	return has_x(text);
}

static bool
is_withheld(const std::string &text)
{
	size_t begin = text.find_first_not_of(" \t");
	size_t end = text.find_last_not_of(" \t");

	if (begin == std::string::npos)
		return true;
	begin += text[begin] == '+';
	for (const char *digits : withheld)
		if (text.compare(begin, end + 1 - begin, digits) == 0)
			return true;
	return false;
}

static char *
normalize(const std::string &text, const char *region, struct arena *arena)
{
	PhoneNumber number;
	std::string e164;

	if (is_masked(text) || is_withheld(text))
		return nullptr;
	if (library()->Parse(text, upper(region), &number) != PhoneNumberUtil::NO_PARSING_ERROR)
		return nullptr;
	if (library()->IsPossibleNumberWithReason(number) != PhoneNumberUtil::IS_POSSIBLE)
		return nullptr;
	library()->Format(number, PhoneNumberUtil::E164, &e164);
	return arena_dup(arena, e164.data(), e164.size());
}

/* Whether text is ten digits that can be a North American number, and what people put between. */
static bool
has_ten_digits(const char *text, size_t size, char *digits)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';
		if (digit ? n == 10 : !memchr(" ().-", text[i], 5) || i + 1 == size)
			return false;
		if (digit)
			digits[n++] = text[i];
	}
	return n == 10 && digits[0] >= '2';
}

/* "+1 (212) 555-0100", and without the +1 or the plus where the region has it so, as most numbers are
 * in a CRM of that country: possible whatever the digits are. The library takes 15 us to say the
 * same. */
static char *
normalize_north_american(const char *text, size_t size, const char *region, struct arena *arena)
{
	char e164[12] = {'+', '1'};
	bool plus = size > 0 && text[0] == '+';
	bool national = region && strcasecmp(region, "US") == 0;

	if (!plus && (!national || is_withheld(std::string(text, size))))
		return nullptr;
	text += plus;
	size -= plus;
	if (size > 0 && text[0] == '1') {
		text++;
		size--;
	} else if (plus) {
		return nullptr;
	}
	return has_ten_digits(text, size, e164 + 2) ? arena_dup(arena, e164, sizeof e164) : nullptr;
}

char *
phone_normalize(const char *text, size_t size, const char *region, struct arena *arena)
{
	if (size > max_size)
		return nullptr;
	try {
		char *e164 = normalize_north_american(text, size, region, arena);
		return e164 ? e164 : normalize(std::string(text, size), region, arena);
	} catch (const std::bad_alloc &) {
		diag_say("out of memory");
		std::exit(ST_IO);
	} catch (...) {
		return nullptr;
	}
}

static bool
region_known(const char *region)
{
	try {
		std::set<std::string> regions;

		library()->GetSupportedRegions(&regions);
		return regions.count(upper(region)) > 0;
	} catch (...) {
		return false;
	}
}

int
phone_region_check(const char *region, enum status status, struct err *err)
{
	if (!region || region_known(region))
		return 0;
	return err_set(err, status, "region: no country has the code %s%s", region,
	    strcasecmp(region, "UK") == 0 ? ": that of the United Kingdom is GB" : "");
}

#include "instance.h"

#include "arena.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

static bool
is_loopback(const char *host)
{
	return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	       (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == strlen(host));
}

/* Hosts for browsers, where people copy their URL from. */
static bool
is_page_host(const char *host)
{
	static const char *const ends[] = {
	    ".lightning.force.com", ".salesforce-setup.com", ".visualforce.com"};
	size_t size = strlen(host);

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t n = strlen(ends[i]);
		if (size > n && strcasecmp(host + size - n, ends[i]) == 0)
			return true;
	}
	return false;
}

static char *
url_part(CURLU *url, CURLUPart part)
{
	char *text = NULL;

	curl_url_get(url, part, &text, 0);
	return text;
}

static int
check(const char *text, struct err *err)
{
	CURLU *url = curl_url();
	char shown[256];
	int status = 0;

	diag_escape(shown, sizeof shown, text, strlen(text));
	if (!url || curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK) {
		curl_url_cleanup(url);
		return err_set(err, ST_CONFIG,
		    "no URL: '%s'; give one such as https://MyDomain.my.salesforce.com", shown);
	}
	char *scheme = url_part(url, CURLUPART_SCHEME), *host = url_part(url, CURLUPART_HOST);
	char *path = url_part(url, CURLUPART_PATH), *query = url_part(url, CURLUPART_QUERY);
	char *user = url_part(url, CURLUPART_USER);
	bool bare = (!path || strcmp(path, "/") == 0) && !query && !user;
	if (!scheme || !host || !bare)
		status = err_set(err, ST_CONFIG,
		    "%s: the URL must be scheme and host alone, such as "
		    "https://MyDomain.my.salesforce.com",
		    shown);
	else if (strcmp(scheme, "http") == 0 && !is_loopback(host))
		status = err_set(err, ST_CONFIG,
		    "%s would send the token in the clear: use https (plain http is for this "
		    "machine alone)",
		    shown);
	else if (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)
		status = err_set(err, ST_CONFIG, "%s: use https", shown);
	else if (is_page_host(host))
		status = err_set(err, ST_CONFIG,
		    "%s is no host of the API: use https://MyDomain.my.salesforce.com", shown);
	curl_free(scheme);
	curl_free(host);
	curl_free(path);
	curl_free(query);
	curl_free(user);
	curl_url_cleanup(url);
	return status;
}

char *
instance_read(const char *url, struct err *err)
{
	if (check(url, err) != 0)
		return NULL;
	char *instance = xstrdup(url);
	for (size_t n = strlen(instance); n > 0 && instance[n - 1] == '/'; n--)
		instance[n - 1] = '\0';
	return instance;
}

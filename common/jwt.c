#include "jwt.h"

#include "arena.h"
#include "json.h"

#include <inttypes.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Base64 with - and _, and nothing behind. */
static void
put_base64url(struct buf *out, const unsigned char *bytes, size_t size)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	for (size_t i = 0; i < size; i += 3) {
		unsigned block = (unsigned)bytes[i] << 16;
		size_t n = size - i < 3 ? size - i : 3;
		if (n > 1)
			block |= (unsigned)bytes[i + 1] << 8;
		if (n > 2)
			block |= bytes[i + 2];
		for (size_t j = 0; j <= n; j++)
			buf_putc(out, digits[block >> (18 - 6 * j) & 63]);
	}
}

static void
put_claims(const struct jwt *jwt, struct buf *json)
{
	buf_putc(json, '{');
	json_put_member(json, "iss", jwt->issuer);
	json_put_member(json, "sub", jwt->subject);
	json_put_member(json, "aud", jwt->audience);
	buf_printf(json, ",\"exp\":%" PRId64 "}", jwt->expires_s);
}

/* OpenSSL wants a passphrase: nobody is asked for one. */
static int
no_passphrase(char *text, int size, int writing, void *encrypted)
{
	(void)text;
	(void)size;
	(void)writing;
	*(bool *)encrypted = true;
	return -1;
}

static EVP_PKEY *
read_key(const char *pem, struct err *err)
{
	bool encrypted = false;
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, &encrypted);

	BIO_free(bio);
	ERR_clear_error();
	if (encrypted)
		err_set(err, ST_CONFIG,
		    "the private key has a passphrase, which nobody is there to give: take it off "
		    "(openssl pkey), and keep the file at mode 0600");
	else if (!key)
		err_set(err, ST_CONFIG,
		    "the private key is none: PEM is needed, from -----BEGIN to the line after "
		    "-----END");
	else if (EVP_PKEY_base_id(key) != EVP_PKEY_RSA)
		err_set(err, ST_CONFIG, "the private key is no RSA key: Salesforce takes no other");
	if (!err->status)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

static int
put_signature(EVP_PKEY *key, struct buf *out, const char *text, size_t size, struct err *err)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char *signature = NULL;
	size_t n = 0;
	int got = -1;

	if (context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestSign(context, NULL, &n, (const unsigned char *)text, size) == 1 &&
	    (signature = xalloc(n)) &&
	    EVP_DigestSign(context, signature, &n, (const unsigned char *)text, size) == 1) {
		buf_putc(out, '.');
		put_base64url(out, signature, n);
		got = 0;
	} else {
		const char *reason = ERR_reason_error_string(ERR_get_error());
		err_set(err, ST_CONFIG, "the private key does not sign: %s",
		    reason ? reason : "no reason given");
	}
	ERR_clear_error();
	free(signature);
	EVP_MD_CTX_free(context);
	return got;
}

int
jwt_sign(const struct jwt *jwt, const char *key, struct buf *out, struct err *err)
{
	static const char header[] = "{\"alg\":\"RS256\",\"typ\":\"JWT\"}";
	struct buf claims = {0}, text = {0};
	EVP_PKEY *pkey = read_key(key, err);
	int got = -1;

	if (pkey) {
		put_claims(jwt, &claims);
		put_base64url(&text, (const unsigned char *)header, sizeof header - 1);
		buf_putc(&text, '.');
		put_base64url(&text, (const unsigned char *)claims.text, claims.size);
		buf_put(out, text.text, text.size);
		got = put_signature(pkey, out, text.text, text.size, err);
	}
	EVP_PKEY_free(pkey);
	buf_free(&claims);
	buf_free(&text);
	return got;
}

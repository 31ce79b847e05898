/* SPDX-License-Identifier: BSD-2-Clause */
/* The DNS record of a DKIM key. An RSA key is published as SubjectPublicKeyInfo, as all verifiers
 * read it (RFC 6376 section 3.6.1 and its erratum 3017); one of Ed25519 as its 32 bytes, RFC 8463
 * section 4.2. */
#include <openssl/x509.h>

#include "filterd/command/genkey_record.h"

#define STRING_MAXIMUM	255	/* bytes of a character-string, RFC 1035 section 3.3 */
#define ED25519_SIZE	32

static void
add_base64(struct buffer *text, const unsigned char *bytes, size_t size)
{
	unsigned char piece[4 + 1];
	size_t done, step;

	for (done = 0; done < size; done += step) {
		step = size - done < 3 ? size - done : 3;
		EVP_EncodeBlock(piece, bytes + done, (int)step);
		buffer_add_text(text, (const char *)piece);
	}
}

static bool
add_rsa(struct buffer *text, EVP_PKEY *key)
{
	unsigned char *der = NULL;
	int size = i2d_PUBKEY(key, &der);

	if (size <= 0)
		return false;
	buffer_add_text(text, "v=DKIM1; k=rsa; p=");
	add_base64(text, der, (size_t)size);
	OPENSSL_free(der);
	return true;
}

static bool
add_ed25519(struct buffer *text, EVP_PKEY *key)
{
	unsigned char raw[ED25519_SIZE];
	size_t size = sizeof(raw);

	if (EVP_PKEY_get_raw_public_key(key, raw, &size) != 1)
		return false;
	buffer_add_text(text, "v=DKIM1; k=ed25519; p=");
	add_base64(text, raw, size);
	return true;
}

bool
genkey_record_value(struct buffer *text, EVP_PKEY *key)
{
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
		return add_rsa(text, key);
	case EVP_PKEY_ED25519:
		return add_ed25519(text, key);
	default:
		return false;
	}
}

void
genkey_record_zone(struct buffer *text, const char *selector, const char *domain, const char *value)
{
	struct str rest = str_of(value);

	buffer_printf(text, "%s._domainkey.%s. IN TXT", selector, domain);
	while (rest.length > 0) {
		size_t length = rest.length < STRING_MAXIMUM ? rest.length : STRING_MAXIMUM;

		buffer_printf(text, " \"%.*s\"", (int)length, rest.data);
		rest.data += length;
		rest.length -= length;
	}
	buffer_add_text(text, "\n");
}

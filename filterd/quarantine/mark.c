/* SPDX-License-Identifier: BSD-2-Clause */
/* Marks of released messages. OpenSSL's failures here are want of memory, which is fatal. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "filterd/quarantine/mark.h"
#include "filterd/util/memory.h"

#define HASH	32	/* bytes of SHA-256 */

static void
to_hex(const unsigned char *bytes, size_t size, char *hex_r)
{
	size_t i;

	for (i = 0; i < size; i++)
		snprintf(hex_r + 2 * i, 3, "%02x", bytes[i]);
}

void
mark_random(char *digits_r, size_t count)
{
	unsigned char bytes[64];

	if (count / 2 > sizeof(bytes) || RAND_bytes(bytes, (int)(count / 2)) != 1)
		abort();
	to_hex(bytes, count / 2, digits_r);
}

/* Everything but the HMAC itself. */
static void
write_claims(const struct mark *mark, char text_r[MARK_BYTES])
{
	snprintf(text_r, MARK_BYTES, "v1; %s; %" PRId64 "; %s; %s", mark->id, mark->expires,
	    mark->nonce, mark->digest);
}

static void
authenticate(const unsigned char key[MARK_KEY], const char *text, char hex_r[2 * HASH + 1])
{
	unsigned char hash[EVP_MAX_MD_SIZE];

	if (!HMAC(EVP_sha256(), key, MARK_KEY, (const unsigned char *)text, strlen(text), hash,
	    NULL))
		memory_exhausted();
	to_hex(hash, HASH, hex_r);
}

void
mark_make(const unsigned char key[MARK_KEY], const struct mark *mark, char value_r[MARK_BYTES])
{
	char claims[MARK_BYTES], hmac[2 * HASH + 1];

	write_claims(mark, claims);
	authenticate(key, claims, hmac);
	snprintf(value_r, MARK_BYTES, "%.*s; %s", MARK_BYTES - 2 * HASH - 3, claims, hmac);
}

static bool
is_hex(const char *text, size_t length)
{
	return strlen(text) == length && strspn(text, "0123456789abcdef") == length;
}

bool
mark_read(const unsigned char key[MARK_KEY], struct str value, struct mark *mark_r)
{
	char text[MARK_BYTES], claims[MARK_BYTES], theirs[2 * HASH + 1], ours[2 * HASH + 1], end;
	struct str trimmed = str_trim(value);

	*mark_r = (struct mark){ .id = "" };
	if (trimmed.length >= sizeof(text) || memchr(trimmed.data, '\0', trimmed.length))
		return false;
	memcpy(text, trimmed.data, trimmed.length);
	text[trimmed.length] = '\0';
	if (sscanf(text, "v1; %32[0-9a-fT-]; %18" SCNd64 "; %32[0-9a-f]; %65[0-9a-f]; "
	    "%64[0-9a-f]%c", mark_r->id, &mark_r->expires, mark_r->nonce, mark_r->digest, theirs,
	    &end) != 5 || !entry_id_valid(mark_r->id) || !is_hex(mark_r->nonce, ENTRY_NONCE) ||
	    !is_hex(mark_r->digest, ENTRY_DIGEST) || !is_hex(theirs, 2 * HASH))
		return false;
	write_claims(mark_r, claims);
	if (strncmp(text, claims, strlen(claims)) != 0)
		return false;	/* the same in other words */
	authenticate(key, claims, ours);
	return CRYPTO_memcmp(ours, theirs, 2 * HASH) == 0;
}

unsigned
mark_fields(const char *digest)
{
	return (unsigned)(digest[0] - '0') & 7;
}

/* ---- the digest ---- */

struct mark_digest {
	EVP_MD_CTX *context;
	unsigned fields;
	bool body;
};

static void
update(struct mark_digest *digest, const void *bytes, size_t size)
{
	if (EVP_DigestUpdate(digest->context, bytes, size) != 1)
		memory_exhausted();
}

struct mark_digest *
mark_digest_begin(unsigned fields)
{
	struct mark_digest *digest = memory_alloc(sizeof(*digest));

	digest->fields = fields;
	digest->context = EVP_MD_CTX_new();
	if (!digest->context || EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) != 1)
		memory_exhausted();
	return digest;
}

unsigned
mark_field(struct str name)
{
	if (str_equal_nocase(name, STR("Message-ID")))
		return MARK_MESSAGE_ID;
	if (str_equal_nocase(name, STR("Date")))
		return MARK_DATE;
	return str_equal_nocase(name, STR("Subject")) ? MARK_SUBJECT : 0;
}

/* The value as no MTA folds it otherwise: without any white space. */
void
mark_digest_field(struct mark_digest *digest, struct str name, struct str value)
{
	unsigned field = mark_field(name) & digest->fields;
	size_t from, to;
	char letter = (char)('0' + field);

	if (!field)
		return;
	update(digest, &letter, 1);
	for (from = 0; from < value.length; from = to + 1) {
		for (to = from; to < value.length && !strchr(" \t\r\n", value.data[to]); to++)
			;
		update(digest, value.data + from, to - from);
	}
	update(digest, "\n", 1);
}

void
mark_digest_body(struct mark_digest *digest, const void *bytes, size_t size)
{
	if (!digest->body)
		update(digest, "\n", 1);
	digest->body = true;
	update(digest, bytes, size);
}

void
mark_digest_end(struct mark_digest **digest, char digest_r[ENTRY_DIGEST + 1])
{
	unsigned char hash[EVP_MAX_MD_SIZE];

	mark_digest_body(*digest, "", 0);
	if (EVP_DigestFinal_ex((*digest)->context, hash, NULL) != 1)
		memory_exhausted();
	digest_r[0] = (char)('0' + (*digest)->fields);
	to_hex(hash, HASH, digest_r + 1);
	EVP_MD_CTX_free((*digest)->context);
	free(*digest);
	*digest = NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of plugins/dkim/: a text as the fields and body of a message, and a verification without
 * a plugin. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "plugins/dkim/base64.h"
#include "plugins/dkim/hash.h"
#include "tests/unit/dkim_kit.h"

/* The line end that ends a field, or the end of the text. */
static size_t
field_length(struct dkim_text text)
{
	size_t i;

	for (i = 0; i < text.length; i++) {
		if (text.data[i] == '\n' && !(i + 1 < text.length &&
		    (text.data[i + 1] == ' ' || text.data[i + 1] == '\t')))
			break;
	}
	return i;
}

/* Takes one field off; false: there is none, or what is behind the fields begins. */
static bool
take_field(struct dkim_text *text, struct dkim_field *field_r)
{
	size_t length = field_length(*text);
	const char *colon = length ? memchr(text->data, ':', length) : NULL;

	if (!colon)
		return false;
	field_r->name = (struct dkim_text){ text->data, (size_t)(colon - text->data) };
	field_r->value.data = colon + 1;
	field_r->value.length = length - field_r->name.length - 1;
	length += length < text->length;
	text->data += length;
	text->length -= length;
	return true;
}

void
dkim_mail_split(struct dkim_mail *mail_r, struct dkim_text text)
{
	size_t i;

	mail_r->count = 0;
	while (mail_r->count < DKIM_MAIL_FIELDS &&
	    take_field(&text, &mail_r->fields[mail_r->count]))
		mail_r->count++;
	if (text.length && text.data[0] == '\n') {
		text.data++;
		text.length--;
	}
	mail_r->body = malloc(2 * text.length + 1);
	mail_r->body_size = 0;
	for (i = 0; i < text.length; i++) {
		if (text.data[i] == '\n')
			mail_r->body[mail_r->body_size++] = '\r';
		mail_r->body[mail_r->body_size++] = text.data[i];
	}
}

void
dkim_mail_free(struct dkim_mail *mail)
{
	free(mail->body);
}

static bool
hash_body(const struct dkim_crypto *crypto, const struct dkim_mail *mail,
    const struct dkim_signature *signature, size_t chunk, uint8_t *hash_r)
{
	struct dkim_digest digest;
	struct dkim_body body;
	size_t at, size;

	if (!dkim_digest_start(crypto, signature->algorithm, &digest))
		return false;
	dkim_body_start(&body, signature->body_canon,
	    signature->has_length ? signature->length : DKIM_WHOLE_BODY, dkim_digest_write,
	    &digest);
	for (at = 0; at < mail->body_size; at += size) {
		size = mail->body_size - at < chunk ? mail->body_size - at : chunk;
		dkim_body_put(&body, mail->body + at, size);
	}
	dkim_body_finish(&body);
	return dkim_digest_finish(&digest, hash_r);
}

static bool
hash_fields(const struct dkim_crypto *crypto, const struct dkim_mail *mail, size_t self,
    const struct dkim_signature *signature, uint8_t *hash_r)
{
	struct dkim_digest digest;
	struct dkim_output output;

	if (!dkim_digest_start(crypto, signature->algorithm, &digest))
		return false;
	dkim_output_start(&output, dkim_digest_write, &digest);
	dkim_hash_fields(signature->header_canon, mail->fields, mail->count, self, signature->names,
	    &output);
	dkim_canon_signature(signature->header_canon, &mail->fields[self], signature->raw_signature,
	    &output);
	dkim_output_flush(&output);
	return dkim_digest_finish(&digest, hash_r);
}

/* The index of the nth signature. */
static bool
find_signature(const struct dkim_mail *mail, size_t n, size_t *index_r)
{
	size_t i;

	for (i = 0; i < mail->count; i++) {
		if (!dkim_text_is(mail->fields[i].name, "DKIM-Signature") || n--)
			continue;
		*index_r = i;
		return true;
	}
	return false;
}

static const char *
verify(const struct dkim_crypto *crypto, const struct dkim_mail *mail, size_t self,
    const char *record, size_t chunk)
{
	uint8_t hash[DKIM_HASH_MAX];
	struct dkim_signature signature;
	struct dkim_key key;
	enum dkim_verified verified;
	const char *error;
	struct dkim_public public_key = { 0 };

	if (dkim_signature_parse(DKIM_KIND_SIGNATURE, mail->fields[self].value, &signature,
	    &error) ||
	    (error = dkim_key_parse(dkim_text_of(record), &key)) ||
	    (error = dkim_key_refusal(&key, &signature)))
		return error;
	if (!hash_body(crypto, mail, &signature, chunk, hash) ||
	    memcmp(hash, signature.body_hash, signature.body_hash_size) != 0)
		return "body";
	public_key.key = dkim_public_key(&key, &error);
	if (!public_key.key)
		return error;
	if (!hash_fields(crypto, mail, self, &signature, hash))
		verified = DKIM_WRONG;
	else
		verified = dkim_verify(crypto, &public_key, signature.algorithm, hash,
		    signature.signature);
	dkim_public_free(&public_key);
	return verified == DKIM_VERIFIED ? "pass" : verified == DKIM_WRONG ? "header" : "b=";
}

const char *
dkim_mail_verify(const struct dkim_mail *mail, size_t n, const char *record, size_t chunk)
{
	struct dkim_crypto *crypto = dkim_crypto_create();
	const char *outcome = "no signature";
	size_t self;

	if (find_signature(mail, n, &self))
		outcome = verify(crypto, mail, self, record, chunk);
	dkim_crypto_destroy(&crypto);
	return outcome;
}

const char dkim_rsa_pem[] =
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIICXwIBAAKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFC\n"
    "jxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gb\n"
    "to/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB\n"
    "AoGBALmn+XwWk7akvkUlqb+dOxyLB9i5VBVfje89Teolwc9YJT36BGN/l4e0l6QX\n"
    "/1//6DWUTB3KI6wFcm7TWJcxbS0tcKZX7FsJvUz1SbQnkS54DJck1EZO/BLa5ckJ\n"
    "gAYIaqlA9C0ZwM6i58lLlPadX/rtHb7pWzeNcZHjKrjM461ZAkEA+itss2nRlmyO\n"
    "n1/5yDyCluST4dQfO8kAB3toSEVc7DeFeDhnC1mZdjASZNvdHS4gbLIA1hUGEF9m\n"
    "3hKsGUMMPwJBAPW5v/U+AWTADFCS22t72NUurgzeAbzb1HWMqO4y4+9Hpjk5wvL/\n"
    "eVYizyuce3/fGke7aRYw/ADKygMJdW8H/OcCQQDz5OQb4j2QDpPZc0Nc4QlbvMsj\n"
    "7p7otWRO5xRa6SzXqqV3+F0VpqvDmshEBkoCydaYwc2o6WQ5EBmExeV8124XAkEA\n"
    "qZzGsIxVP+sEVRWZmW6KNFSdVUpk3qzK0Tz/WjQMe5z0UunY9Ax9/4PVhp/j61bf\n"
    "eAYXunajbBSOLlx4D+TunwJBANkPI5S9iylsbLs6NkaMHV6k5ioHBBmgCak95JGX\n"
    "GMot/L2x0IYyMLAz6oLWh2hm7zwtb0CgOrPo1ke44hFYnfc=\n"
    "-----END RSA PRIVATE KEY-----\n";

const char dkim_rsa_record[] = "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQ"
    "KBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYt"
    "IxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v"
    "/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhi"
    "tdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB";

/* The tags with bh= filled in: what is signed. */
static char *
fill_in(const char *tags, const uint8_t *hash, size_t size)
{
	const char *at = strstr(tags, "bh=");
	char text[DKIM_BASE64_ROOM(DKIM_HASH_MAX)], *filled;

	dkim_base64_encode(hash, size, text);
	assert(at);
	if (asprintf(&filled, "%.*sbh=%s%s", (int)(at - tags), tags, text, at + 3) < 0)
		abort();
	return filled;
}

static char *
sign(const struct dkim_crypto *crypto, struct dkim_mail *mail, const char *tags)
{
	static const struct dkim_text name = { "DKIM-Signature", 14 };
	struct dkim_signature signature;
	uint8_t hash[DKIM_HASH_MAX] = { 0 }, bytes[DKIM_SIGNATURE_MAX];
	char text[DKIM_BASE64_ROOM(DKIM_SIGNATURE_MAX)], *filled, *whole;
	enum dkim_key_type type;
	const char *error;
	EVP_PKEY *key = dkim_private_key(dkim_rsa_pem, strlen(dkim_rsa_pem), &type, &error);
	size_t size;

	/* What is signed is read first for how, with an empty hash. */
	dkim_signature_parse(DKIM_KIND_SIGNATURE, dkim_text_of(tags), &signature, &error);
	if (!key || !hash_body(crypto, mail, &signature, SIZE_MAX, hash))
		abort();
	filled = fill_in(tags, hash, dkim_hash_size(signature.algorithm));
	mail->fields[mail->count] = (struct dkim_field){ name, dkim_text_of(filled) };
	dkim_signature_parse(DKIM_KIND_SIGNATURE, dkim_text_of(filled), &signature, &error);
	mail->count++;
	if (!hash_fields(crypto, mail, mail->count - 1, &signature, hash) ||
	    !dkim_sign(crypto, key, signature.algorithm, hash, bytes, &size))
		abort();
	EVP_PKEY_free(key);
	dkim_base64_encode(bytes, size, text);
	if (asprintf(&whole, "%s%s", filled, text) < 0)
		abort();
	free(filled);
	return whole;
}

char *
dkim_mail_sign(const struct dkim_mail *mail, const char *tags)
{
	struct dkim_crypto *crypto = dkim_crypto_create();
	struct dkim_mail copy = *mail;
	char *value = sign(crypto, &copy, tags);

	dkim_crypto_destroy(&crypto);
	return value;
}

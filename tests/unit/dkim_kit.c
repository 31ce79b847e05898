/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of plugins/dkim/: a text as the fields and body of a message, and a verification without
 * a plugin. */
#include <stdlib.h>

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
	EVP_PKEY *public_key;

	if (dkim_signature_parse(DKIM_KIND_SIGNATURE, mail->fields[self].value, &signature,
	    &error) ||
	    (error = dkim_key_parse(dkim_text_of(record), &key)) ||
	    (error = dkim_key_refusal(&key, &signature)))
		return error;
	if (!hash_body(crypto, mail, &signature, chunk, hash) ||
	    memcmp(hash, signature.body_hash, signature.body_hash_size) != 0)
		return "body";
	public_key = dkim_public_key(&key, &error);
	if (!public_key)
		return error;
	if (!hash_fields(crypto, mail, self, &signature, hash))
		verified = DKIM_WRONG;
	else
		verified = dkim_verify(crypto, public_key, signature.algorithm, hash,
		    signature.signature);
	EVP_PKEY_free(public_key);
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

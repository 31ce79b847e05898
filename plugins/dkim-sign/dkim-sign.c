/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dkim-sign: signs mail of our own users, RFC 6376 section 5. It works at end of message on what
 * the filters before it have left, so it stands last in its chain: an edit behind it breaks what it
 * has signed. Each key that is chosen for the message makes one DKIM-Signature, above all other
 * fields.
 *
 * Keys are read and held to be safe when filterd starts, and belong to the generation. A message
 * that cannot be signed goes on unsigned, which is logged: that is what its receiver would see,
 * too, and whoever wants it otherwise asks for the symbol DKIM_SIGNED.
 */
#include "plugins/dkim-sign/cover.h"
#include "plugins/dkim-sign/keyring.h"
#include "plugins/dkim-sign/sign.h"

#define SIGNED "DKIM_SIGNED"	/* symbol: points 0 */

struct options {
	struct key_settings keys;
	const struct mf_condition *sign_for;
	struct mf_strings headers;
	struct mf_strings oversign;
	int header_canonicalization;	/* enum dkim_canon */
	int body_canonicalization;
	bool timestamp;
	struct mf_duration expire;
	bool body_length;
};

static const struct mf_option option_table[] = {
	KEY_OPTIONS,
	MF_OPTION(struct options, sign_for,
	    "auth.user or not exists client.ip or client.ip == 127.0.0.0/8 or client.ip == ::1",
	    "messages that are signed at all: those of our own users"),
	MF_OPTION(struct options, headers, COVER_HEADERS, "header fields that are signed, h="),
	MF_OPTION(struct options, oversign, COVER_OVERSIGNED,
	    "those of them of which no more may be added"),
	MF_CHOICE(struct options, header_canonicalization, "simple relaxed", "relaxed",
	    "how header fields are hashed, c="),
	MF_CHOICE(struct options, body_canonicalization, "simple relaxed", "relaxed",
	    "how the body is hashed, c="),
	MF_OPTION(struct options, timestamp, "yes", "says when it was signed, t="),
	MF_RANGE(struct options, expire, "0s", 0, INT64_C(1000) * 86400 * 3650,
	    "how long a signature holds, x=; 0: without end"),
	MF_OPTION(struct options, body_length, "no",
	    "signs the body as far as it goes now, l=: others can then append to it"),
	MF_OPTION_END
};

/* What start leaves. */
struct signer {
	struct dkim_crypto *crypto;
	struct keyring *ring;
};

/* ---- start ---- */

static bool
check_names(struct mf_context *c, const struct options *o)
{
	const char *wrong;

	if (!cover_check_names(&o->headers, &wrong)) {
		mf_config_error(c, &o->headers, "\"%s\" is no name of a header field", wrong);
		return false;
	}
	if (!cover_check_names(&o->oversign, &wrong)) {
		mf_config_error(c, &o->oversign, "\"%s\" is no name of a header field", wrong);
		return false;
	}
	return true;
}

/* RFC 6376 section 5.4: From MUST be signed. */
static bool
check_from(struct mf_context *c, const struct options *o)
{
	size_t i;

	for (i = 0; i < o->headers.count; i++)
		if (dkim_text_is(dkim_text_of(o->headers.items[i]), "From"))
			return true;
	mf_config_error(c, &o->headers, "expected From among them: it must be signed");
	return false;
}

static void
release(void *crypto)
{
	struct dkim_crypto *owned = crypto;

	dkim_crypto_destroy(&owned);
}

static bool
start(struct mf_context *c)
{
	const struct options *o = c->options;
	struct signer *signer = mf_alloc(c, sizeof(*signer));

	if (!check_names(c, o) || !check_from(c, o))
		return false;
	if (o->keys.keys.count == 0 && !o->keys.key_table && !o->keys.signing_table) {
		mf_error(c, "there is no key: expected a `key` block, or key-table and "
		    "signing-table");
		return false;
	}
	signer->crypto = dkim_crypto_create();
	if (!signer->crypto) {
		mf_error(c, "OpenSSL has no SHA-256");
		return false;
	}
	mf_cleanup(c, release, signer->crypto);
	signer->ring = keyring_load(c, &o->keys);
	if (!signer->ring)
		return false;
	mf_only_uses(c, MF_USE_BODY | MF_USE_ADD_HEADER);
	c->instance = signer;
	return true;
}

/* ---- a message ---- */

/* Whether it has a signature of that domain and selector: it came to us signed, or a filter before
 * this one has signed it. */
static bool
is_signed(const struct cover *cover, const struct chosen_key *key)
{
	struct dkim_signature signature;
	const char *error;
	size_t i;

	for (i = 0; i < cover->count; i++) {
		if (!dkim_text_is(cover->fields[i].name, "DKIM-Signature"))
			continue;
		dkim_signature_parse(DKIM_KIND_SIGNATURE, cover->fields[i].value, &signature,
		    &error);
		if (strcmp(signature.domain, key->domain) == 0 &&
		    strcmp(signature.selector, key->selector) == 0)
			return true;
	}
	return false;
}

static void
add_signature(struct mf_context *c, struct sign_request *request, const struct chosen_key *key)
{
	char *value = mf_alloc(c, SIGN_VALUE_MAX);

	request->key = key->key;
	request->domain = key->domain;
	request->selector = key->selector;
	request->identity = key->identity;
	if (!sign_field(request, value)) {
		mf_log(c, MF_LOG_ERROR, "cannot sign as d=%s s=%s", key->domain, key->selector);
		return;
	}
	mf_header_insert(c, 0, sign_field_name(request->kind), value);
	if (!mf_symbol(c, SIGNED, NULL))
		mf_symbol_add(c, SIGNED, 0);
	mf_matched(c, "key", key->where);
	mf_log(c, MF_LOG_DEBUG, "signed as d=%s s=%s", key->domain, key->selector);
}

static void
sign_all(struct mf_context *c, const struct chosen_key *keys, size_t count)
{
	const struct signer *signer = c->instance;
	const struct options *o = c->options;
	struct cover cover = cover_fields(c);
	uint8_t body_hash[DKIM_HASH_MAX];
	struct sign_request request = {
		.kind = DKIM_KIND_SIGNATURE,
		.crypto = signer->crypto,
		.header_canon = o->header_canonicalization ? DKIM_RELAXED : DKIM_SIMPLE,
		.body_canon = o->body_canonicalization ? DKIM_RELAXED : DKIM_SIMPLE,
		.has_time = o->timestamp,
		.time = (uint64_t)mf_now(c),
		.lifetime = (uint64_t)o->expire.milliseconds / 1000,
		.has_length = o->body_length,
		.names = cover_names(c, &cover, &o->headers, &o->oversign),
		.body_hash = body_hash,
		.fields = cover.fields,
		.field_count = cover.count
	};
	size_t i;

	if (!request.names) {
		mf_log(c, MF_LOG_WARNING, "not signed: there is no From, or too many fields");
		return;
	}
	if (!cover_body(c, signer->crypto, request.body_canon, body_hash, &request.length)) {
		mf_log(c, MF_LOG_ERROR, "not signed: OpenSSL cannot hash the body");
		return;
	}
	for (i = 0; i < count; i++)
		if (!is_signed(&cover, &keys[i]))
			add_signature(c, &request, &keys[i]);
}

static enum mf_verdict
message(struct mf_context *c)
{
	const struct signer *signer = c->instance;
	const struct options *o = c->options;
	struct chosen_key keys[KEYRING_CHOSEN_MAX];
	size_t count;

	if (!mf_test(c, o->sign_for))
		return MF_CONTINUE;
	count = keyring_choose(c, signer->ring, &o->keys, keys);
	if (count > 0)
		sign_all(c, keys, count);
	return MF_CONTINUE;
}

MF_PLUGIN(.name = "dkim-sign", .summary = "Signs mail of our own users (DKIM, RFC 6376)",
	.version = "1.0", .options = option_table, .options_size = sizeof(struct options),
	.start = start, .message = message,
	.final_body = true);

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dkim: verifies the DKIM signatures of messages, RFC 6376 with RFC 8301, 8463 and 8616, and puts a
 * result for each on the board. It works on what the client sends, as it streams by: the keys are
 * asked for while the header comes in, the body is hashed as it comes in, once for each way that
 * signatures want it hashed, and nothing is kept of it. A message without a signature that could be
 * good is over for it where its body begins.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/dkim/verify.h"

enum { FIELDS_FIRST = 32 };	/* room for so many fields, which grows */

static const struct mf_option option_table[] = {
	MF_RANGE(struct dkim_options, maximum_signatures, "8", 1, 64,
	    "signatures of a message that are verified, from the top"),
	MF_RANGE(struct dkim_options, minimum_rsa_bits, "1024", 256, DKIM_RSA_BITS_MAX,
	    "smallest RSA key that is accepted; RFC 8301 forbids less than 1024: for tests only"),
	MF_RANGE(struct dkim_options, maximum_rsa_bits, "8192", 2048, DKIM_RSA_BITS_MAX,
	    "largest RSA key that is accepted"),
	MF_OPTION(struct dkim_options, accept_sha1, "off",
	    "verify rsa-sha1, which RFC 8301 forbids: for tests only"),
	MF_CHOICE(struct dkim_options, body_length, "whole accept refuse", "whole",
	    "signatures with l=: accept them when they cover the whole body, always, or never"),
	MF_RANGE(struct dkim_options, clock_skew, "5m", 0, 7 * 86400000,
	    "how far the clocks of signers may differ from ours, for t= and x="),
	MF_OPTION(struct dkim_options, required_headers, NULL,
	    "fields that must be signed where they are there; From always must be"),
	MF_OPTION_END
};

/* Of one message. */
struct message_state {
	bool begun;			/* the whole header is known, and body hashes are chosen */
	struct dkim_field *fields;	/* of the header, as they came */
	size_t field_count, field_room;
	struct dkim_case *cases, *last;	/* those that are looked at */
	size_t count;			/* DKIM-Signature fields so far */
	struct dkim_body_hash *hashes;
};

/* ---- start ---- */

static bool
start(struct mf_context *c)
{
	const struct dkim_options *o = c->options;
	struct dkim_instance *instance;

	if (o->minimum_rsa_bits > o->maximum_rsa_bits) {
		mf_config_error(c, &o->minimum_rsa_bits,
		    "minimum-rsa-bits is more than maximum-rsa-bits");
		return false;
	}
	if (mf_first_stage(c) > MF_STAGE_EOH) {
		mf_error(c, "what its `when` reads is known only when the body has passed by");
		return false;
	}
	instance = calloc(1, sizeof(*instance));
	if (!instance)
		abort();
	instance->crypto = dkim_crypto_create();
	if (!instance->crypto) {
		free(instance);
		mf_error(c, "OpenSSL has no SHA-256");
		return false;
	}
	instance->cache = dkim_cache_create();
	c->instance = instance;
	/* Nobody sends the end of the header for our sake, if we have seen all of it. */
	mf_only_stages(c, MF_AT(MF_STAGE_BODY) | MF_AT(MF_STAGE_MESSAGE) |
	    MF_AT(mf_first_stage(c) > MF_STAGE_HEADER ? MF_STAGE_EOH : MF_STAGE_HEADER));
	mf_only_verdicts(c, 0);
	mf_only_uses(c, 0);
	return true;
}

static void
stop(struct mf_context *c)
{
	struct dkim_instance *instance = c->instance;

	dkim_cache_destroy(&instance->cache);
	dkim_crypto_destroy(&instance->crypto);
	free(instance);
}

/* ---- the header ---- */

static void
take_signature(struct mf_context *c, const struct mf_header *field)
{
	const struct dkim_options *o = c->options;
	struct message_state *state = c->message;
	struct dkim_case *one;

	if (state->count++ >= (size_t)o->maximum_signatures)
		return;
	one = dkim_case_create(c, field);
	if (state->last)
		state->last->next = one;
	else
		state->cases = one;
	state->last = one;
}

static void
keep_field(struct mf_context *c, size_t index)
{
	struct message_state *state = c->message;
	struct dkim_field *more;
	struct mf_header field;

	if (!mf_header_at(c, index, &field))
		return;
	if (state->field_count == state->field_room) {
		state->field_room = state->field_room ? state->field_room * 2 : FIELDS_FIRST;
		more = mf_alloc(c, state->field_room * sizeof(*more));
		if (state->field_count)
			memcpy(more, state->fields, state->field_count * sizeof(*more));
		state->fields = more;
	}
	state->fields[state->field_count++] = (struct dkim_field){
		{ field.name, field.name_length }, { field.value, field.value_length } };
}

static enum mf_verdict
header(struct mf_context *c, const struct mf_header *field)
{
	keep_field(c, field->index);
	if (dkim_text_is((struct dkim_text){ field->name, field->name_length }, "DKIM-Signature"))
		take_signature(c, field);
	return MF_CONTINUE;
}

/* The hash that this signature needs: one that another needs too, or a new one. */
static struct dkim_body_hash *
body_hash_for(struct mf_context *c, const struct dkim_signature *s)
{
	struct message_state *state = c->message;
	const struct dkim_instance *instance = c->instance;
	uint64_t limit = s->has_length ? s->length : DKIM_WHOLE_BODY;
	bool sha1 = s->algorithm == DKIM_RSA_SHA1;
	struct dkim_body_hash *hash;

	for (hash = state->hashes; hash; hash = hash->next) {
		if (hash->sha1 == sha1 && hash->canon == s->body_canon && hash->limit == limit)
			return hash;
	}
	hash = mf_alloc(c, sizeof(*hash));
	hash->sha1 = sha1;
	hash->canon = s->body_canon;
	hash->limit = limit;
	hash->failed = !dkim_digest_start(instance->crypto, s->algorithm, &hash->digest);
	dkim_body_start(&hash->body, hash->canon, limit, dkim_digest_write, &hash->digest);
	hash->next = state->hashes;
	state->hashes = hash;
	return hash;
}

static void
report(struct mf_context *c)
{
	const struct dkim_options *o = c->options;
	const struct message_state *state = c->message;
	const struct dkim_case *one;

	for (one = state->cases; one; one = one->next)
		dkim_case_report(c, one, state->cases);
	if (state->count > (size_t)o->maximum_signatures)
		mf_result_add(c, "dkim", "policy", mf_printf(c,
		    "%zu more signatures were not looked at (maximum-signatures)",
		    state->count - (size_t)o->maximum_signatures));
	if (!state->count)
		mf_result_add(c, "dkim", "none", NULL);
}

/* The header is complete. */
static void
begin(struct mf_context *c)
{
	struct message_state *state = c->message;
	struct dkim_case *one;

	if (state->begun)
		return;
	state->begun = true;
	for (one = state->cases; one; one = one->next) {
		dkim_case_header(c, one, state->fields, state->field_count);
		if (!one->result)
			one->body = body_hash_for(c, &one->signature);
	}
}

/* Where `when` reads the header, header() was not called. */
static enum mf_verdict
eoh(struct mf_context *c)
{
	struct mf_header field;
	size_t i, count = mf_header_count(c, NULL);

	for (i = 0; i < count && mf_header_at(c, i, &field); i++)
		header(c, &field);
	return MF_CONTINUE;
}

/* ---- the body, and the end ---- */

static enum mf_verdict
body(struct mf_context *c, const void *bytes, size_t size)
{
	struct message_state *state = c->message;
	struct dkim_body_hash *hash;

	begin(c);
	for (hash = state->hashes; hash; hash = hash->next) {
		if (!hash->failed)
			dkim_body_put(&hash->body, bytes, size);
	}
	if (state->hashes)
		return MF_CONTINUE;
	report(c);
	return MF_DONE;
}

static enum mf_verdict
message(struct mf_context *c)
{
	struct message_state *state = c->message;
	struct dkim_body_hash *hash;
	struct dkim_case *one;

	begin(c);
	for (hash = state->hashes; hash; hash = hash->next) {
		if (hash->failed)
			continue;
		dkim_body_finish(&hash->body);
		hash->failed = !dkim_digest_finish(&hash->digest, hash->hash);
	}
	for (one = state->cases; one; one = one->next)
		dkim_case_finish(c, one);
	report(c);
	return MF_CONTINUE;
}

static void
message_end(struct mf_context *c)
{
	struct message_state *state = c->message;
	struct dkim_body_hash *hash;

	for (hash = state->hashes; hash; hash = hash->next)
		dkim_digest_drop(&hash->digest);
}

static const char *const provides[] = { "dkim", NULL };

MF_PLUGIN(.name = "dkim", .version = "1.0", .summary = "Verify DKIM signatures (RFC 6376)",
	.provides = provides, .options = option_table, .options_size = sizeof(struct dkim_options),
	.message_size = sizeof(struct message_state), .start = start, .stop = stop,
	.header = header, .eoh = eoh, .body = body, .message = message,
	.message_end = message_end);

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arc: verifies the Authenticated Received Chain of a message, RFC 8617 section 5.2, and puts one
 * result of method arc on the board. What it verifies is the message as it came: the chain is put
 * together at the end of the header, where the keys are asked for, and the body is hashed as it
 * comes. Any error makes the chain fail, those of the DNS too (section 5.2.1).
 */
#include <stdio.h>

#include "plugins/arc/report.h"
#include "plugins/arc/seal_hash.h"
#include "plugins/dkim/hash.h"
#include "plugins/dkim/key.h"

struct options {
	int64_t minimum_key_bits;
	bool oldest_pass;
	int marked_chain;		/* 0: fail, 1: none */
	const struct mf_list *trusted_sealers;
};

static const struct mf_option option_table[] = {
	MF_RANGE(struct options, minimum_key_bits, "1024", 512, 16384,
	    "smallest RSA key whose signatures count"),
	MF_OPTION(struct options, oldest_pass, "yes",
	    "verifies older message signatures too, for header.oldest-pass"),
	MF_CHOICE(struct options, marked_chain, "fail none", "fail",
	    "result of a chain that a sealer has marked with cv=fail: fail as RFC 8617 has it, or "
	    "none as drafts of it had"),
	MF_OPTION(struct options, trusted_sealers, NULL,
	    "domains whose seals are believed, for decisions behind this filter"),
	MF_OPTION_END
};

/* One signature of the chain, with the key that it asks for. */
struct signature {
	struct dkim_signature parsed;
	const char *fault;		/* why it cannot be used; NULL: it can */
	struct mf_dns_query *query;
};

/* The body of a message signature, on its way through the digest. */
struct body {
	struct dkim_body stream;
	struct dkim_digest digest;
	bool started;
};

struct message_state {
	struct arc_chain *chain;	/* NULL: the message has no ARC fields */
	struct dkim_field *fields;	/* of the message as it came, from the top */
	size_t field_count;
	/* that of instance i at i - 1; NULL: the chain has a fault */
	struct signature *messages, *seals;
	struct body *bodies;
	/* instance down to which message signatures are looked at */
	unsigned oldest;
};

/* ---- start ---- */

static void
release(void *crypto)
{
	struct dkim_crypto *owned = crypto;

	dkim_crypto_destroy(&owned);
}

static bool
start(struct mf_context *c)
{
	c->instance = dkim_crypto_create();
	if (!c->instance) {
		mf_error(c, "OpenSSL has no SHA-256");
		return false;
	}
	mf_cleanup(c, release, c->instance);
	mf_only_verdicts(c, 0);
	/* The body is kept for who cannot see it come; see catch_up(). */
	mf_only_uses(c, mf_first_stage(c) > MF_STAGE_EOH ? MF_USE_BODY : 0);
	return true;
}

/* ---- the end of the header ---- */

static void
collect(struct mf_context *c, struct message_state *state)
{
	size_t count = mf_header_count(c, NULL), i;
	enum arc_kind kind;
	struct mf_header field;

	state->fields = mf_alloc(c, (count + 1) * sizeof(*state->fields));
	for (i = 0; i < count && mf_header_at(c, i, &field); i++) {
		struct dkim_field *own = &state->fields[i];

		own->name = (struct dkim_text){ field.name, field.name_length };
		own->value = (struct dkim_text){ field.value, field.value_length };
		if (!arc_kind_of(own->name, &kind))
			continue;
		if (!state->chain)
			state->chain = mf_alloc(c, sizeof(*state->chain));
		arc_chain_add(state->chain, kind, own);
	}
	state->field_count = i;
}

/* What a message signature may not be, though it is well formed: RFC 8617 section 4.1.2, RFC
 * 8301. */
static const char *
refusal(const struct dkim_signature *signature, int64_t now)
{
	if (signature->algorithm == DKIM_RSA_SHA1)
		return "a signature is of rsa-sha1";
	if (signature->kind == DKIM_KIND_ARC_MESSAGE && dkim_list_has(signature->names, "ARC-Seal"))
		return "a message signature covers a seal";
	if (signature->has_expiry && (uint64_t)now > signature->expiry)
		return "a message signature has expired";
	return NULL;
}

static void
read_signature(struct mf_context *c, const struct arc_set *set, enum arc_kind kind,
    struct signature *signature)
{
	signature->fault = arc_signature(set, kind, &signature->parsed);
	if (!signature->fault)
		signature->fault = refusal(&signature->parsed, mf_now(c));
}

static void
ask_for_key(struct mf_context *c, struct signature *signature)
{
	signature->query = mf_dns_start(c,
	    mf_printf(c, "%s._domainkey.%s", signature->parsed.selector, signature->parsed.domain),
	    MF_DNS_TXT);
}

static void
fault(struct arc_chain *chain, size_t i, const char *text)
{
	if (chain->fault)
		return;
	chain->fault = text;
	chain->fault_instance = (unsigned)i + 1;
}

/* All signatures that the result rests on; older message signatures as long as they can be used. */
static void
read_signatures(struct mf_context *c, struct message_state *state)
{
	const struct options *o = c->options;
	struct arc_chain *chain = state->chain;
	size_t i;

	state->messages = mf_alloc(c, chain->count * sizeof(*state->messages));
	state->seals = mf_alloc(c, chain->count * sizeof(*state->seals));
	for (i = chain->count; i-- > 0;) {
		read_signature(c, &chain->sets[i], ARC_MESSAGE, &state->messages[i]);
		read_signature(c, &chain->sets[i], ARC_SEAL, &state->seals[i]);
		if (state->seals[i].fault)
			fault(chain, i, state->seals[i].fault);
	}
	if (state->messages[chain->count - 1].fault)
		fault(chain, chain->count - 1, state->messages[chain->count - 1].fault);
	state->oldest = (unsigned)chain->count;
	while (o->oldest_pass && state->oldest > 1 && !state->messages[state->oldest - 2].fault)
		state->oldest--;
}

static void
drop_body(void *body)
{
	dkim_digest_drop(&((struct body *)body)->digest);
}

static void
start_body(struct mf_context *c, struct body *body, const struct dkim_signature *signature)
{
	body->started = dkim_digest_start(c->instance, signature->algorithm, &body->digest);
	if (!body->started)
		return;
	mf_cleanup(c, drop_body, body);
	dkim_body_start(&body->stream, signature->body_canon,
	    signature->has_length ? signature->length : DKIM_WHOLE_BODY, dkim_digest_write,
	    &body->digest);
}

/* The newest signature first: its key is needed soonest. */
static void
begin(struct mf_context *c, struct message_state *state)
{
	size_t count = state->chain->count, i;

	state->bodies = mf_alloc(c, count * sizeof(*state->bodies));
	for (i = count; i-- > 0;) {
		if (i + 1 >= state->oldest) {
			ask_for_key(c, &state->messages[i]);
			start_body(c, &state->bodies[i], &state->messages[i].parsed);
		}
		ask_for_key(c, &state->seals[i]);
	}
}

static enum mf_verdict
eoh(struct mf_context *c)
{
	struct message_state *state = c->message;

	collect(c, state);
	if (!state->chain)
		return MF_CONTINUE;
	arc_chain_finish(state->chain);
	if (!state->chain->fault)
		read_signatures(c, state);
	if (!state->chain->fault)
		begin(c, state);
	return MF_CONTINUE;
}

static enum mf_verdict
body(struct mf_context *c, const void *bytes, size_t size)
{
	struct message_state *state = c->message;
	size_t i;

	if (!state->bodies)
		return MF_CONTINUE;
	for (i = state->oldest - 1; i < state->chain->count; i++)
		if (state->bodies[i].started)
			dkim_body_put(&state->bodies[i].stream, bytes, size);
	return MF_CONTINUE;
}

/* ---- signatures ---- */

/* The public key in an answer. NULL: *error_r says why there is none. */
static EVP_PKEY *
public_key(const struct mf_dns_answer *answer, const struct dkim_signature *signature,
    int64_t minimum_bits, const char **error_r)
{
	struct dkim_text record;
	struct dkim_key key;
	EVP_PKEY *pkey;

	*error_r = "a key record cannot be had from the DNS";
	if (answer->status == MF_DNS_NODATA || answer->status == MF_DNS_NXDOMAIN)
		*error_r = "there is no key record";
	if (answer->status != MF_DNS_FOUND)
		return NULL;
	*error_r = "there are several key records";
	if (answer->count != 1)
		return NULL;
	record = (struct dkim_text){ answer->records->data, answer->records->size };
	*error_r = dkim_key_parse(record, &key);
	if (!*error_r)
		*error_r = dkim_key_refusal(&key, signature);
	if (*error_r)
		return NULL;
	pkey = dkim_public_key(&key, error_r);
	if (pkey && key.type == DKIM_KEY_RSA && EVP_PKEY_get_bits(pkey) < minimum_bits) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
		*error_r = "a key is too small";
	}
	return pkey;
}

/* Whether it is the signature of that hash; NULL: it is, else why not. */
static const char *
verify(struct mf_context *c, const struct signature *signature, const uint8_t hash[DKIM_HASH_MAX],
    const char *wrong)
{
	const struct options *o = c->options;
	const struct dkim_signature *parsed = &signature->parsed;
	const char *error;
	struct dkim_public key = { .key = public_key(mf_dns_await(c, signature->query), parsed,
		o->minimum_key_bits, &error) };

	if (!key.key)
		return error;
	error = dkim_verify(c->instance, &key, parsed->algorithm, hash, parsed->signature) ==
			DKIM_VERIFIED ? NULL : wrong;
	dkim_public_free(&key);
	return error;
}

static const char *
verify_body(struct body *body, const struct dkim_signature *signature)
{
	uint8_t hash[DKIM_HASH_MAX];

	if (!body->started)
		return "OpenSSL cannot hash the body";
	dkim_body_finish(&body->stream);
	if (!dkim_digest_finish(&body->digest, hash))
		return "OpenSSL cannot hash the body";
	if (signature->has_length && signature->length > body->stream.size)
		return "the body is shorter than was signed";
	return memcmp(hash, signature->body_hash, signature->body_hash_size) == 0 ? NULL :
	    "the body has been changed";
}

static const char *
verify_message(struct mf_context *c, const struct message_state *state, size_t i)
{
	const struct signature *signature = &state->messages[i];
	const char *wrong = verify_body(&state->bodies[i], &signature->parsed);
	uint8_t hash[DKIM_HASH_MAX];

	if (wrong)
		return wrong;
	if (!arc_hash_message(c->instance, &state->chain->sets[i], &signature->parsed,
	    state->fields, state->field_count, hash))
		return "OpenSSL cannot hash the header";
	return verify(c, signature, hash, "a message signature does not verify");
}

static const char *
verify_seal(struct mf_context *c, const struct message_state *state, size_t i)
{
	const struct signature *seal = &state->seals[i];
	uint8_t hash[DKIM_HASH_MAX];

	if (!arc_hash_seal(c->instance, state->chain, (unsigned)i + 1, &seal->parsed, hash))
		return "OpenSSL cannot hash the header";
	return verify(c, seal, hash, "a seal does not verify");
}

/* Section 5.2 steps 4 and 6. */
static void
verify_chain(struct mf_context *c, const struct message_state *state)
{
	struct arc_chain *chain = state->chain;
	const char *wrong = verify_message(c, state, chain->count - 1);
	size_t i;

	if (wrong)
		fault(chain, chain->count - 1, wrong);
	for (i = chain->count; !chain->fault && i-- > 0;) {
		wrong = verify_seal(c, state, i);
		if (wrong)
			fault(chain, i, wrong);
	}
}

/* Section 5.2 step 5: the lowest instance down to which all message signatures verify, 0 for
 * all. */
static unsigned
oldest_pass(struct mf_context *c, const struct message_state *state)
{
	unsigned instance = (unsigned)state->chain->count;

	while (instance > state->oldest && !verify_message(c, state, instance - 2))
		instance--;
	return instance == 1 ? 0 : instance;
}

/* ---- the result ---- */

/* The sealers' domains, the newest first, divided by colons. */
static const char *
chain_domains(struct mf_context *c, const struct message_state *state)
{
	size_t count = state->chain->count, i;
	char *domains = mf_alloc(c, count * DKIM_DOMAIN), *at = domains;

	for (i = count; i-- > 0;) {
		const char *domain = state->seals[i].parsed.domain;

		if (at > domains)
			*at++ = ':';
		memcpy(at, domain, strlen(domain));
		at += strlen(domain);
	}
	return domains;
}

static const char *
status_of(struct mf_context *c, const struct arc_chain *chain)
{
	const struct options *o = c->options;

	if (!chain)
		return "none";
	if (!chain->fault)
		return "pass";
	return o->marked_chain == 1 && arc_chain_is_marked(chain) ? "none" : "fail";
}

static const char *
reason_of(struct mf_context *c, const struct arc_chain *chain)
{
	if (!chain || !chain->fault)
		return NULL;
	if (chain->fault_instance == 0)
		return chain->fault;
	return mf_printf(c, "i=%u: %s", chain->fault_instance, chain->fault);
}

/* How many sets, from the newest down, are of trusted sealers without one between that is not. */
static size_t
count_trusted(struct mf_context *c, const struct message_state *state)
{
	const struct options *o = c->options;
	size_t count = state->chain->count, trusted = 0;

	while (o->trusted_sealers && trusted < count &&
	    mf_list_has(c, o->trusted_sealers, state->seals[count - 1 - trusted].parsed.domain))
		trusted++;
	return trusted;
}

static void
add_chain(struct mf_context *c, const struct message_state *state, struct mf_result *result)
{
	const struct options *o = c->options;
	size_t trusted = count_trusted(c, state), first = state->chain->count - trusted;

	if (o->oldest_pass)
		mf_result_property(c, result, "header.oldest-pass",
		    mf_printf(c, "%u", oldest_pass(c, state)));
	mf_result_property(c, result, "arc.chain", chain_domains(c, state));
	if (!o->trusted_sealers)
		return;
	mf_result_property(c, result, "policy.trusted", trusted > 0 ? "yes" : "no");
	if (trusted == 0)
		return;
	mf_result_property(c, result, "policy.sealer", state->seals[first].parsed.domain);
	arc_report_results(c, result, &state->chain->sets[first].field[ARC_RESULTS]);
}

/* A filter block whose `when` is decided at the end only has seen nothing come: what is there
 * then has to do. */
static void
catch_up(struct mf_context *c)
{
	size_t size;
	const void *bytes = mf_body(c, &size);

	eoh(c);
	body(c, bytes, size);
}

static enum mf_verdict
message(struct mf_context *c)
{
	const struct message_state *state = c->message;
	struct arc_chain *chain;
	struct mf_result *result;

	if (!state->fields)
		catch_up(c);
	chain = state->chain;
	if (chain && !chain->fault)
		verify_chain(c, state);
	result = mf_result_add(c, "arc", status_of(c, chain), reason_of(c, chain));
	if (mf_client(c)->version)
		mf_result_property(c, result, "smtp.remote-ip", mf_client(c)->address);
	if (chain && !chain->fault)
		add_chain(c, state, result);
	return MF_CONTINUE;
}

static const char *const provides[] = { "arc", NULL };

MF_PLUGIN(.name = "arc", .summary = "Verifies the Authenticated Received Chain (RFC 8617)",
	.version = "1.0", .provides = provides, .options = option_table,
	.options_size = sizeof(struct options), .message_size = sizeof(struct message_state),
	.start = start, .eoh = eoh, .body = body, .message = message);

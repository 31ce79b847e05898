/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arc-seal: adds an ARC Set to a message that we pass on, RFC 8617 section 5.1: what our filters
 * have found of it (ARC-Authentication-Results, from the results board), a signature of the message
 * as it leaves us (ARC-Message-Signature), and a seal over the chain with that set (ARC-Seal). What
 * the filter arc has found of the chain that came is the seal's cv=. It stands last in its chain,
 * behind dkim-sign, as an edit behind it breaks the message signature.
 */
#include "plugins/arc/chain.h"
#include "plugins/auth-results/board.h"
#include "plugins/dkim-sign/cover.h"
#include "plugins/dkim-sign/keyring.h"
#include "plugins/dkim-sign/sign.h"

struct options {
	struct key_settings keys;
	const char *authserv_id;
	struct mf_strings methods;
	struct mf_strings headers;
	struct mf_strings oversign;
	int header_canonicalization;	/* enum dkim_canon */
	int body_canonicalization;
	bool timestamp;
};

static const struct mf_option option_table[] = {
	KEY_OPTIONS,
	MF_OPTION(struct options, authserv_id, NULL,
	    "our name in ARC-Authentication-Results (the MTA's macro j)"),
	MF_OPTION(struct options, methods, NULL,
	    "methods whose results are told; without it all that are on the board"),
	MF_OPTION(struct options, headers, COVER_HEADERS " DKIM-Signature",
	    "header fields that the message signature covers, h="),
	MF_OPTION(struct options, oversign, COVER_OVERSIGNED,
	    "those of them of which no more may be added"),
	MF_CHOICE(struct options, header_canonicalization, "simple relaxed", "relaxed",
	    "how header fields are hashed, c="),
	MF_CHOICE(struct options, body_canonicalization, "simple relaxed", "relaxed",
	    "how the body is hashed, c="),
	MF_OPTION(struct options, timestamp, "yes", "says when it was sealed, t="),
	MF_OPTION_END
};

/* What start leaves. */
struct sealer {
	struct dkim_crypto *crypto;
	struct keyring *ring;
};

/* ---- start ---- */

/* RFC 8617 section 4.1.2. */
static bool
may_be_covered(const char *name)
{
	enum arc_kind kind;

	return !arc_kind_of(dkim_text_of(name), &kind) &&
	    !dkim_text_is(dkim_text_of(name), "Authentication-Results");
}

static bool
check_names(struct mf_context *c, const struct mf_strings *names)
{
	const char *wrong;
	size_t i;

	if (!cover_check_names(names, &wrong)) {
		mf_config_error(c, names, "\"%s\" is no name of a header field", wrong);
		return false;
	}
	for (i = 0; i < names->count; i++) {
		if (may_be_covered(names->items[i]))
			continue;
		mf_config_error(c, names, "a message signature must not cover %s",
		    names->items[i]);
		return false;
	}
	return true;
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
	struct sealer *sealer = mf_alloc(c, sizeof(*sealer));

	if (!check_names(c, &o->headers) || !check_names(c, &o->oversign))
		return false;
	if (o->keys.keys.count == 0 && !o->keys.key_table && !o->keys.signing_table) {
		mf_error(c, "there is no key: expected a `key` block, or key-table and "
		    "signing-table");
		return false;
	}
	sealer->crypto = dkim_crypto_create();
	if (!sealer->crypto) {
		mf_error(c, "OpenSSL has no SHA-256");
		return false;
	}
	mf_cleanup(c, release, sealer->crypto);
	sealer->ring = keyring_load(c, &o->keys);
	if (!sealer->ring)
		return false;
	mf_only_uses(c, MF_USE_BODY | MF_USE_ADD_HEADER);
	c->instance = sealer;
	return true;
}

/* ---- the chain that came ---- */

static struct arc_chain *
read_chain(struct mf_context *c, const struct cover *cover)
{
	struct arc_chain *chain = mf_alloc(c, sizeof(*chain));
	enum arc_kind kind;
	size_t i;

	for (i = 0; i < cover->count; i++)
		if (arc_kind_of(cover->fields[i].name, &kind))
			arc_chain_add(chain, kind, &cover->fields[i]);
	arc_chain_finish(chain);
	return chain;
}

/* cv=, from the result of the filter arc. NULL: nothing is sealed, which is said. */
static const char *
validation_status(struct mf_context *c, const struct arc_chain *chain)
{
	const char *status = mf_result_value(c, "arc", 0);

	/* Section 5.1 step 2. */
	if (arc_chain_is_marked(chain)) {
		mf_log(c, MF_LOG_DEBUG, "not sealed: the chain is marked as failed already");
		return NULL;
	}
	if (chain->count >= ARC_SETS_MAX) {
		mf_log(c, MF_LOG_INFO, "not sealed: the chain has 50 sets");
		return NULL;
	}
	if (!status || (strcmp(status, "none") == 0) != (chain->count == 0)) {
		mf_log(c, MF_LOG_INFO, "not sealed: the filter arc has not verified this chain");
		return NULL;
	}
	return status;
}

/* ---- the set ---- */

struct seal {
	const struct cover *cover;
	const struct arc_chain *chain;
	const char *cv;
	const char *results, *message;	/* values of the new fields */
	struct sign_request request;	/* what both signatures have in common */
};

static struct dkim_field
field_of(const char *name, const char *value)
{
	return (struct dkim_field){ dkim_text_of(name), dkim_text_of(value) };
}

static const char *
message_signature(struct mf_context *c, const struct seal *seal)
{
	const struct sealer *sealer = c->instance;
	const struct options *o = c->options;
	struct sign_request request = seal->request;
	uint8_t body_hash[DKIM_HASH_MAX];
	char *value = mf_alloc(c, SIGN_VALUE_MAX);

	request.kind = DKIM_KIND_ARC_MESSAGE;
	request.header_canon = o->header_canonicalization ? DKIM_RELAXED : DKIM_SIMPLE;
	request.body_canon = o->body_canonicalization ? DKIM_RELAXED : DKIM_SIMPLE;
	request.names = cover_names(c, seal->cover, &o->headers, &o->oversign);
	request.body_hash = body_hash;
	request.fields = seal->cover->fields;
	request.field_count = seal->cover->count;
	if (!request.names || !cover_body(c, sealer->crypto, request.body_canon, body_hash,
				      &request.length))
		return NULL;
	return sign_field(&request, value) ? value : NULL;
}

/* Section 5.1.1: all sets in order; section 5.1.2: of a failed chain the new one alone. */
static const char *
chain_seal(struct mf_context *c, const struct seal *seal)
{
	struct sign_request request = seal->request;
	struct dkim_field *fields = mf_alloc(c, (ARC_SETS_MAX + 1) * ARC_KINDS * sizeof(*fields));
	char *value = mf_alloc(c, SIGN_VALUE_MAX);
	size_t count = 0, i, kind;

	for (i = 0; strcmp(seal->cv, "fail") != 0 && i < seal->chain->count; i++)
		for (kind = 0; kind < ARC_KINDS; kind++)
			fields[count++] = seal->chain->sets[i].field[kind];
	fields[count++] = field_of("ARC-Authentication-Results", seal->results);
	fields[count++] = field_of("ARC-Message-Signature", seal->message);
	request.kind = DKIM_KIND_ARC_SEAL;
	request.cv = seal->cv;
	request.header_canon = DKIM_RELAXED;
	request.fields = fields;
	request.field_count = count;
	return sign_field(&request, value) ? value : NULL;
}

static const char *
own_name(struct mf_context *c, const struct chosen_key *key)
{
	const struct options *o = c->options;
	const char *name = o->authserv_id ? o->authserv_id : mf_macro(c, "j");

	return name && *name ? name : key->domain;
}

/* All of it as the message came: RFC 8617 section 4.1.1. */
static const char *
results_field(struct mf_context *c, unsigned instance, const char *authserv_id)
{
	const struct options *o = c->options;
	const struct authres_memory memory = authres_memory_of(c);
	bool utf8 = authres_smtputf8(c);
	const struct authres results = { .instance = instance, .authserv_id = authserv_id,
		.results = authres_from_board(c, &o->methods, utf8) };

	return authres_format(&memory, &results, sizeof("ARC-Authentication-Results:") - 1, utf8);
}

static void
add_set(struct mf_context *c, struct seal *seal, const struct chosen_key *key)
{
	const char *value = NULL;

	seal->results = results_field(c, seal->request.instance, own_name(c, key));
	seal->message = message_signature(c, seal);
	if (seal->message)
		value = chain_seal(c, seal);
	if (!value) {
		mf_log(c, MF_LOG_ERROR, "not sealed: there is no From, too many fields, or "
		    "OpenSSL refuses");
		return;
	}
	mf_header_insert(c, 0, "ARC-Authentication-Results", seal->results);
	mf_header_insert(c, 0, "ARC-Message-Signature", seal->message);
	mf_header_insert(c, 0, "ARC-Seal", value);
	mf_matched(c, "key", key->where);
}

static enum mf_verdict
message(struct mf_context *c)
{
	const struct sealer *sealer = c->instance;
	const struct options *o = c->options;
	struct chosen_key keys[KEYRING_CHOSEN_MAX];
	struct cover cover = cover_fields(c);
	struct seal seal = { .cover = &cover, .chain = read_chain(c, &cover) };

	seal.cv = validation_status(c, seal.chain);
	if (!seal.cv || keyring_choose(c, sealer->ring, &o->keys, keys) == 0)
		return MF_CONTINUE;
	seal.request = (struct sign_request){
		.crypto = sealer->crypto,
		.key = keys[0].key,
		.domain = keys[0].domain,
		.selector = keys[0].selector,
		.instance = (unsigned)seal.chain->count + 1,
		.has_time = o->timestamp,
		.time = (uint64_t)mf_now(c)
	};
	add_set(c, &seal, &keys[0]);
	return MF_CONTINUE;
}

static const char *const needs[] = { "arc", NULL };
static const char *const macros[] = { "j", NULL };

MF_PLUGIN(.name = "arc-seal", .summary = "Seals mail that is passed on (ARC, RFC 8617)",
	.version = "1.0", .needs = needs, .macros = macros, .options = option_table,
	.options_size = sizeof(struct options), .start = start, .message = message,
	.final_body = true);

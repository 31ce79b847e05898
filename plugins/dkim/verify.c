/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A signature from its text to its result, in three steps: dkim_case_create() at its header field,
 * dkim_case_header() when all fields are there, dkim_case_finish() when the body is. Results are
 * those of RFC 8601 section 2.7.1:
 *
 *	neutral    its text cannot be understood
 *	permerror  it cannot be verified, and never will be: no key, one that is not for it, From
 *	           not signed
 *	temperror  its key could not be had
 *	policy     it may be right, but is not accepted here
 *	fail       it is wrong
 */
#include "plugins/dkim/hash.h"
#include "plugins/dkim/verify.h"

enum { KEY_RECORDS = 4 };	/* that are tried at one name */

static void
decide(struct dkim_case *one, const char *result, const char *reason)
{
	one->result = result;
	one->reason = reason;
}

/* ---- its text ---- */

static void
decide_text(struct mf_context *c, struct dkim_case *one)
{
	const struct dkim_options *o = c->options;
	const struct dkim_signature *s = &one->signature;
	int64_t now = mf_now(c), skew = o->clock_skew.milliseconds / 1000;

	if (!dkim_names_count(s->names, "From"))
		decide(one, "permerror", "From is not signed");
	else if (s->algorithm == DKIM_RSA_SHA1 && !o->accept_sha1)
		decide(one, "policy", "rsa-sha1 is not accepted (RFC 8301)");
	else if (s->has_expiry && (int64_t)s->expiry + skew < now)
		decide(one, "policy", "the signature has expired");
	else if (s->has_time && (int64_t)s->time - skew > now)
		decide(one, "policy", "the signature is of the future");
	else if (s->has_length && o->body_length == DKIM_LENGTH_REFUSE)
		decide(one, "policy", "it covers a part of the body only (l=)");
}

struct dkim_case *
dkim_case_create(struct mf_context *c, const struct mf_header *field)
{
	struct dkim_case *one = mf_alloc(c, sizeof(*one));
	/* beyond what can be read nothing is kept */
	size_t length = field->value_length <= DKIM_TAG_LIST_MAX ? field->value_length : 0;
	char *copy = mf_alloc(c, field->name_length + length + 1);
	struct dkim_text value = { copy + field->name_length, length };
	const char *error;

	memcpy(copy, field->name, field->name_length);
	memcpy(copy + field->name_length, field->value, length);
	one->field.name = (struct dkim_text){ copy, field->name_length };
	one->field.value = value;
	one->index = field->index;
	if (length < field->value_length)
		decide(one, "neutral", "too long a list of tags");
	else if (dkim_signature_parse(DKIM_KIND_SIGNATURE, value, &one->signature, &error))
		decide(one, "neutral", error);
	else
		decide_text(c, one);
	if (one->result)
		return one;
	one->key_name = mf_printf(c, "%s._domainkey.%s", one->signature.selector,
	    one->signature.domain);
	one->query = mf_dns_start(c, one->key_name, MF_DNS_TXT);
	return one;
}

/* ---- header fields ---- */

/* Whether a field of that name is there that the signature does not cover: one that somebody has
 * added, RFC 6376 section 8.15. */
static bool
is_open(const struct dkim_case *one, const char *name, const struct dkim_field *fields,
    size_t count)
{
	return dkim_fields_count(fields, count, dkim_text_of(name)) >
	    dkim_names_count(one->signature.names, name);
}

static void
decide_header(struct mf_context *c, struct dkim_case *one, const struct dkim_field *fields,
    size_t count)
{
	const struct dkim_options *o = c->options;
	size_t i;

	if (is_open(one, "From", fields, count))
		decide(one, "policy", "not every From field is signed");
	for (i = 0; i < o->required_headers.count && !one->result; i++) {
		if (is_open(one, o->required_headers.items[i], fields, count))
			decide(one, "policy", mf_printf(c, "not every %s field is signed",
			    o->required_headers.items[i]));
	}
}

void
dkim_case_header(struct mf_context *c, struct dkim_case *one, const struct dkim_field *fields,
    size_t count)
{
	const struct dkim_instance *instance = c->instance;
	const struct dkim_signature *s = &one->signature;
	struct dkim_digest digest;
	struct dkim_output output;

	if (!one->result)
		decide_header(c, one, fields, count);
	if (one->result || !dkim_digest_start(instance->crypto, s->algorithm, &digest))
		return;
	dkim_output_start(&output, dkim_digest_write, &digest);
	dkim_hash_fields(s->header_canon, fields, count, one->index, s->names, &output);
	dkim_canon_signature(s->header_canon, &one->field, s->raw_signature, &output);
	dkim_output_flush(&output);
	one->hashed = dkim_digest_finish(&digest, one->header_hash);
}

/* ---- key and body ---- */

/* What a query for a key has come to when there is no record. */
static void
decide_dns(struct mf_context *c, struct dkim_case *one, enum mf_dns_status status)
{
	static const struct {
		const char *result, *what;
	} kinds[] = {
		[MF_DNS_NODATA] = { "permerror", "there is no key (no TXT record)" },
		[MF_DNS_NXDOMAIN] = { "permerror", "there is no key (NXDOMAIN)" },
		[MF_DNS_SERVFAIL] = { "temperror", "the key could not be had (SERVFAIL)" },
		[MF_DNS_TIMEOUT] = { "temperror", "the key could not be had (no answer)" },
		[MF_DNS_LIMIT] = { "policy", "the key was not asked for (too many queries)" },
		[MF_DNS_INVALID] = { "permerror", "the key has no name that can be asked for" },
	};

	if ((unsigned)status > MF_DNS_INVALID)
		status = MF_DNS_SERVFAIL;
	decide(one, kinds[status].result, mf_printf(c, "%s: %s", kinds[status].what,
	    one->key_name));
}

/* Whether the size of a key is one that is accepted. Those of Ed25519 are all of one size. */
static bool
fits(struct mf_context *c, struct dkim_case *one, const struct dkim_key *key,
    EVP_PKEY *public_key)
{
	const struct dkim_options *o = c->options;
	int bits = EVP_PKEY_get_bits(public_key);

	if (key->type != DKIM_KEY_RSA ||
	    (bits >= o->minimum_rsa_bits && bits <= o->maximum_rsa_bits))
		return true;
	decide(one, "policy", mf_printf(c, "the key has %d bits, %s than are accepted", bits,
	    bits < o->minimum_rsa_bits ? "fewer" : "more"));
	return false;
}

/* The body's part. */
static bool
body_is_right(struct mf_context *c, struct dkim_case *one)
{
	const struct dkim_signature *s = &one->signature;

	if (s->has_length && s->length > one->body->body.size)
		decide(one, "fail", "the body is shorter than l= says");
	else if (one->body->failed)
		decide(one, "temperror", "the body could not be hashed");
	else if (memcmp(one->body->hash, s->body_hash, s->body_hash_size) != 0)
		decide(one, "fail", mf_printf(c, "the body hash differs (%s)",
		    dkim_canon_name(s->body_canon)));
	else
		return true;
	return false;
}

/* Whether something stands behind what l= covers that must not. */
static bool
has_open_tail(struct mf_context *c, struct dkim_case *one)
{
	const struct dkim_options *o = c->options;
	uint64_t size = one->body->body.size;

	if (!one->signature.has_length || size <= one->signature.length)
		return false;
	one->reason = mf_printf(c, "%llu bytes at the end of the body are not signed (l=)",
	    (unsigned long long)(size - one->signature.length));
	return o->body_length == DKIM_LENGTH_WHOLE;
}

/* With a key that may be used: body, then signature. */
static void
decide_signature(struct mf_context *c, struct dkim_case *one,
    const struct dkim_public *public_key)
{
	const struct dkim_instance *instance = c->instance;
	const struct dkim_signature *s = &one->signature;

	if (!body_is_right(c, one))
		return;
	if (!one->hashed) {
		decide(one, "temperror", "the header could not be hashed");
		return;
	}
	switch (dkim_verify(instance->crypto, public_key, s->algorithm, one->header_hash,
	    s->signature)) {
	case DKIM_VERIFIED:
		one->result = has_open_tail(c, one) ? "policy" : "pass";
		break;
	case DKIM_WRONG:
		decide(one, "fail", mf_printf(c, "the signature is not of this key and header (%s)",
		    dkim_canon_name(s->header_canon)));
		break;
	case DKIM_NO_SIGNATURE:
		decide(one, "neutral", "b= is no base64");
		break;
	}
}

/* RFC 6376 section 3.6.1: mail from those who only try DKIM is not to fare worse for it. */
static void
bear_testing(struct mf_context *c, struct dkim_case *one, const struct dkim_key *key)
{
	if (!key->testing)
		return;
	if (strcmp(one->result, "fail") == 0)
		one->result = "neutral";
	one->reason = one->reason ? mf_printf(c, "%s; the key is for testing (t=y)", one->reason)
	    : "the key is for testing (t=y)";
}

/* Tries one record. */
static void
try_record(struct mf_context *c, struct dkim_case *one, const struct mf_dns_record *record)
{
	const struct dkim_instance *instance = c->instance;
	const char *error;
	struct dkim_public public_key = { 0 };
	struct dkim_key key;

	one->reason = NULL;
	error = dkim_key_parse((struct dkim_text){ record->data, record->size }, &key);
	if (!error)
		error = dkim_key_refusal(&key, &one->signature);
	if (!error)
		public_key = dkim_cache_key(instance->cache, instance->crypto, &key, &error);
	if (!public_key.key) {
		decide(one, "permerror", error);
		return;
	}
	if (fits(c, one, &key, public_key.key))
		decide_signature(c, one, &public_key);
	dkim_public_free(&public_key);
	bear_testing(c, one, &key);
}

/* How near a record has come to a signature that is right: of several, the best counts. */
static int
rank(const char *result)
{
	static const char *const ranks[] = { "permerror", "neutral", "policy", "fail", "pass" };
	int i;

	for (i = 0; i < 5 && strcmp(ranks[i], result) != 0; i++)
		;
	return i;
}

/* RFC 6376 section 6.1.2, step 4: several records at a name are tried in turn. */
void
dkim_case_finish(struct mf_context *c, struct dkim_case *one)
{
	const char *result = NULL, *reason = NULL;
	const struct mf_dns_answer *answer;
	size_t i;

	if (one->result)
		return;
	answer = mf_dns_await(c, one->query);
	if (answer->status != MF_DNS_FOUND) {
		decide_dns(c, one, answer->status);
		return;
	}
	for (i = 0; i < answer->count && i < KEY_RECORDS; i++) {
		try_record(c, one, &answer->records[i]);
		if (!result || rank(one->result) > rank(result)) {
			result = one->result;
			reason = one->reason;
		}
	}
	decide(one, result, reason);
}

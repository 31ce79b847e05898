/* SPDX-License-Identifier: BSD-2-Clause */
/* What the spf plugin does with an identity: its check, the board, policy, the header field. */
#include "plugins/spf/name.h"
#include "plugins/spf/received.h"
#include "plugins/spf/spf.h"

#define TIME_RESERVED	5	/* milliseconds before the deadline: nothing is asked any more */

/* ---- the check ---- */

static void *
take(void *of, size_t size)
{
	return mf_alloc(of, size);
}

static void
expect(void *of, const char *name, enum mf_dns_type type)
{
	mf_dns_start(of, name, type);
}

static const struct mf_dns_answer *
ask(void *of, const char *name, enum mf_dns_type type)
{
	static const struct mf_dns_answer late = { .status = MF_DNS_TIMEOUT };

	return mf_time_left(of) > TIME_RESERVED ? mf_dns(of, name, type) : &late;
}

void
spf_start_check(struct mf_context *c, const char *said)
{
	char name[SPF_NAME_SIZE];

	if (spf_name_of_identity(said, name))
		mf_dns_start(c, name, MF_DNS_TXT);
}

/* The name of this host, for macro "r" and the header field. */
static const char *
find_receiver(struct mf_context *c)
{
	const struct spf_options *o = c->options;
	const char *name = o->hostname ? o->hostname : mf_macro(c, "j");

	return name && *name ? name : "unknown";
}

static void
evaluate(struct mf_context *c, struct spf_identity *identity)
{
	const struct spf_options *o = c->options;
	const struct spf_resolver resolver = { c, take, expect, ask };
	char *name = mf_alloc(c, SPF_NAME_SIZE);
	struct spf_query query = {
		.local = identity->local,
		.domain = name,
		.helo = mf_helo(c) ? mf_helo(c) : "",
		.receiver = find_receiver(c),
		.now = mf_now(c),
		.voids_maximum = (unsigned)o->void_lookups,
		.explain = o->fail == SPF_REJECT || o->fail == SPF_TEMPFAIL
	};

	memcpy(query.ip, mf_client(c)->ip, sizeof(query.ip));
	if (spf_name_of_identity(identity->said, name))
		spf_evaluate(&resolver, &query, &identity->outcome);
	else
		identity->outcome = (struct spf_outcome){ .result = SPF_NONE,
		    .domain = "", .reason = "no domain name to check" };
}

/* ---- results ---- */

static bool
is_helo(const struct spf_identity *identity)
{
	return strcmp(identity->name, "helo") == 0;
}

static void
report(struct mf_context *c, const struct spf_identity *identity)
{
	const struct spf_outcome *outcome = &identity->outcome;
	struct mf_result *result = mf_result_add(c, "spf", spf_result_name(outcome->result),
	    outcome->reason);

	mf_result_property(c, result, mf_printf(c, "smtp.%s", identity->name), identity->text);
	if (outcome->mechanism) {
		mf_result_property(c, result, "policy.mechanism", outcome->mechanism);
		mf_result_property(c, result, "policy.domain", outcome->domain);
	}
	if (outcome->lookups)
		mf_result_property(c, result, "policy.lookups",
		    mf_printf(c, "%u", outcome->lookups));
}

void
spf_check(struct mf_context *c, struct spf_identity *identity)
{
	evaluate(c, identity);
	report(c, identity);
}

void
spf_record_result(struct mf_context *c, const struct spf_identity *identity)
{
	const struct spf_memory memory = { take, c };
	const struct spf_received received = {
		.outcome = &identity->outcome,
		.identity = identity->name,
		.receiver = find_receiver(c),
		.client_ip = mf_client(c)->address,
		.sender = is_helo(identity) ? NULL : identity->text,
		.helo = mf_helo(c) ? mf_helo(c) : ""
	};

	mf_header_insert(c, 0, "Received-SPF", spf_received_value(&memory, &received));
}

/* ---- policy ---- */

static enum spf_action
action_of(const struct spf_options *o, enum spf_result result)
{
	switch (result) {
	case SPF_FAIL:
		return o->fail;
	case SPF_SOFTFAIL:
		return o->softfail;
	case SPF_PERMERROR:
		return o->permerror;
	case SPF_TEMPERROR:
		return o->temperror;
	case SPF_NONE:
	case SPF_NEUTRAL:
		return o->none;
	case SPF_PASS:
		break;
	}
	return SPF_ACCEPT;
}

/* The enhanced status code behind its class: RFC 7372 section 3.2 has one for a fail and one for
 * errors. */
static const char *
subject_of(enum spf_result result)
{
	switch (result) {
	case SPF_FAIL:
		return "7.23";
	case SPF_TEMPERROR:
	case SPF_PERMERROR:
		return "7.24";
	default:
		return "7.1";
	}
}

/* Whose words the explanation is must be clear (RFC 7208 section 6.2). */
static const char *
reply_text(struct mf_context *c, const struct spf_identity *identity)
{
	const struct spf_options *o = c->options;
	const struct spf_outcome *outcome = &identity->outcome;
	const char *text;

	if (o->text)
		text = mf_expand(c, o->text);
	else
		text = mf_printf(c, "SPF %s check: %s for %s from %s (%s)",
		    is_helo(identity) ? "HELO" : "MAIL FROM",
		    spf_result_name(outcome->result), identity->text, mf_client(c)->address,
		    outcome->reason);
	if (!outcome->explanation)
		return text;
	return mf_printf(c, "%s\nThe domain %s explains:\n%s", text, outcome->domain,
	    outcome->explanation);
}

enum mf_verdict
spf_apply_policy(struct mf_context *c, const struct spf_identity *identity)
{
	const struct spf_outcome *outcome = &identity->outcome;
	const char *subject = subject_of(outcome->result);

	switch (action_of(c->options, outcome->result)) {
	case SPF_REJECT:
		return mf_reject(c, 550, mf_printf(c, "5.%s", subject), "%s",
		    reply_text(c, identity));
	case SPF_TEMPFAIL:
		return mf_tempfail(c, 451, mf_printf(c, "4.%s", subject), "%s",
		    reply_text(c, identity));
	case SPF_QUARANTINE:
		mf_quarantine(c, mf_printf(c, "SPF %s: %.900s", spf_result_name(outcome->result),
		    outcome->reason));
		break;
	case SPF_ACCEPT:
		break;
	}
	return MF_CONTINUE;
}

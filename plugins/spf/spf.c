/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf: Sender Policy Framework, RFC 7208. Checks the HELO and MAIL FROM identities of the client,
 * puts the results on the board, and does what its options say about each result.
 *
 * The first query of a check is sent as soon as the identity is known. When some result is to be
 * acted on, that is at MAIL, before the message is sent; else the results are waited for at its
 * end, and the DNS has had all the time that it took.
 */
#include "plugins/spf/spf.h"

#define ACTIONS		"accept reject tempfail quarantine"

static const struct mf_option option_table[] = {
	MF_CHOICE(struct spf_options, check, "both mailfrom helo", "both",
	    "identities that are checked"),
	MF_CHOICE(struct spf_options, fail, ACTIONS, "accept",
	    "what becomes of mail that the domain says is not its own"),
	MF_CHOICE(struct spf_options, softfail, ACTIONS, "accept",
	    "of mail that the domain says is probably not its own"),
	MF_CHOICE(struct spf_options, none, ACTIONS, "accept",
	    "of mail about which the domain says nothing: none and neutral"),
	MF_CHOICE(struct spf_options, permerror, ACTIONS, "accept",
	    "of mail of a domain whose record is in error"),
	MF_CHOICE(struct spf_options, temperror, ACTIONS, "accept",
	    "of mail that could not be checked now, as the DNS did not answer"),
	MF_OPTION(struct spf_options, text, NULL,
	    "text of the reply to mail that is refused; what the domain explains is put behind it"),
	MF_OPTION(struct spf_options, skip, NULL, "clients that are not checked"),
	MF_OPTION(struct spf_options, skip_authenticated, "yes",
	    "clients that have authenticated are not checked"),
	MF_OPTION(struct spf_options, received_spf, "no",
	    "record results in Received-SPF header fields"),
	MF_OPTION(struct spf_options, hostname, NULL,
	    "name of this host in Received-SPF and explanations; what the MTA says (macro j) when "
	    "left out"),
	MF_RANGE(struct spf_options, void_lookups, "2", 0, 10,
	    "terms of a record whose names may have no data, before it counts as an error"),
	MF_OPTION_END
};

struct message_state {
	bool skipped;
	struct spf_identity helo;
	struct spf_identity mailfrom;
};

static bool
acts_on_results(const struct spf_options *o)
{
	return o->fail || o->softfail || o->none || o->permerror || o->temperror;
}

static bool
quarantines(const struct spf_options *o)
{
	return o->fail == SPF_QUARANTINE || o->softfail == SPF_QUARANTINE ||
	    o->none == SPF_QUARANTINE || o->permerror == SPF_QUARANTINE ||
	    o->temperror == SPF_QUARANTINE;
}

/* The stage at which results are waited for. */
static enum mf_stage
decision_stage(struct mf_context *c)
{
	return acts_on_results(c->options) && mf_first_stage(c) <= MF_STAGE_MAIL ? MF_STAGE_MAIL :
	    MF_STAGE_MESSAGE;
}

static bool
start(struct mf_context *c)
{
	const struct spf_options *o = c->options;
	enum mf_stage *stage = mf_alloc(c, sizeof(*stage));
	unsigned stages = MF_AT(MF_STAGE_MAIL);

	*stage = decision_stage(c);
	c->instance = stage;
	if (o->check != SPF_CHECK_MAILFROM)
		stages |= MF_AT(MF_STAGE_HELO);
	if (*stage == MF_STAGE_MESSAGE || o->received_spf)
		stages |= MF_AT(MF_STAGE_MESSAGE);
	mf_only_stages(c, stages);
	mf_only_verdicts(c, MF_AT(*stage));
	mf_only_uses(c, (o->received_spf ? MF_USE_ADD_HEADER : 0u) |
	    (quarantines(o) ? MF_USE_QUARANTINE : 0u));
	if (o->text && mf_template_stage(c, o->text) > *stage) {
		mf_config_error(c, &o->text,
		    "expected fields that are known at mail: the reply is given there");
		return false;
	}
	return true;
}

static bool
is_skipped(struct mf_context *c)
{
	const struct spf_options *o = c->options;
	const struct mf_client *client = mf_client(c);
	const char *user = mf_macro(c, "{auth_authen}");

	return client->version == 0 || (o->skip && mf_list_has(c, o->skip, client->address)) ||
	    (o->skip_authenticated && user && *user);
}

/* ---- callbacks ---- */

/* Section 2.4: the null reverse-path stands for the postmaster of the HELO identity. */
static void
set_identities(struct mf_context *c, const struct mf_address *sender)
{
	struct message_state *state = c->message;
	const char *helo = mf_helo(c) ? mf_helo(c) : "";
	bool null = *sender->text == '\0';

	state->helo = (struct spf_identity){ .name = "helo", .local = "", .said = helo,
	    .text = helo };
	state->mailfrom = (struct spf_identity){
		.name = "mailfrom",
		.local = null ? "" : sender->local,
		.said = null ? helo : sender->domain,
		.text = null ? mf_printf(c, "postmaster@%s", helo) : sender->text
	};
}

/* When both are checked, HELO decides only what it can: other results than fail say nothing against
 * the client, as most hosts have no record (sections 2.3 and 2.4). */
static enum mf_verdict
judge(struct mf_context *c)
{
	const struct spf_options *o = c->options;
	struct message_state *state = c->message;
	enum mf_verdict verdict = MF_CONTINUE;

	if (o->check != SPF_CHECK_MAILFROM)
		spf_check(c, &state->helo);
	if (o->check == SPF_CHECK_HELO || state->helo.outcome.result == SPF_FAIL)
		verdict = spf_apply_policy(c, &state->helo);
	if (o->check != SPF_CHECK_HELO && verdict == MF_CONTINUE) {
		spf_check(c, &state->mailfrom);
		verdict = spf_apply_policy(c, &state->mailfrom);
	}
	return verdict;
}

static enum mf_verdict
at_helo(struct mf_context *c, const char *name)
{
	if (!is_skipped(c))
		spf_start_check(c, name);
	return MF_CONTINUE;
}

static enum mf_verdict
at_mail(struct mf_context *c, const struct mf_address *sender)
{
	const struct spf_options *o = c->options;
	const enum mf_stage *stage = c->instance;
	struct message_state *state = c->message;

	state->skipped = is_skipped(c);
	if (state->skipped)
		return MF_CONTINUE;
	set_identities(c, sender);
	if (o->check != SPF_CHECK_HELO)
		spf_start_check(c, state->mailfrom.said);
	return *stage == MF_STAGE_MAIL ? judge(c) : MF_CONTINUE;
}

/* A filter that sees no MAIL, as its `when` needs more, does all of it here. */
static enum mf_verdict
at_message(struct mf_context *c)
{
	const struct spf_options *o = c->options;
	const enum mf_stage *stage = c->instance;
	struct message_state *state = c->message;
	enum mf_verdict verdict = MF_CONTINUE;

	if (state->skipped || is_skipped(c))
		return MF_CONTINUE;
	if (!state->mailfrom.said)
		set_identities(c, mf_sender(c));
	if (*stage == MF_STAGE_MESSAGE)
		verdict = judge(c);
	if (!o->received_spf || verdict != MF_CONTINUE)
		return verdict;
	if (o->check != SPF_CHECK_MAILFROM)
		spf_record_result(c, &state->helo);
	if (o->check != SPF_CHECK_HELO)
		spf_record_result(c, &state->mailfrom);
	return MF_CONTINUE;
}

MF_PLUGIN(
	.name = "spf",
	.version = "1.0",
	.summary = "Sender Policy Framework: may this client send mail for that domain?",
	.provides = (const char *const[]){ "spf", NULL },
	.macros = (const char *const[]){ "{auth_authen}", "j", NULL },
	.options = option_table,
	.options_size = sizeof(struct spf_options),
	.message_size = sizeof(struct message_state),
	.start = start,
	.helo = at_helo,
	.mail = at_mail,
	.message = at_message,
);

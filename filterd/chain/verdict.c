/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a verdict means: for the filter, for the chain, for the message. A shadow filter's verdict
 * means nothing but that it wants no more, as it would have had no more. An ERROR is answered by
 * the filter's on-error policy.
 */
#include "filterd/chain/state.h"

/* Where a refusal is of one recipient, or one command: the filter has more to say later. */
#define PASSING (MF_AT(MF_STAGE_RCPT) | MF_AT(MF_STAGE_UNKNOWN))

struct policy {
	const char *name;
	enum mf_verdict verdict;	/* that stands in */
	struct reply_request reply;
};

static const struct policy policies[] = {
	[ON_ERROR_TEMPFAIL] = { "tempfail", MF_TEMPFAIL,
		{ 451, "4.7.1", "A mail filter failed for the moment; try again later" } },
	[ON_ERROR_REJECT] = { "reject", MF_REJECT, { 550, "5.7.1", "A mail filter failed" } },
	[ON_ERROR_ACCEPT] = { "accept", MF_ACCEPT, { 0, NULL, NULL } },
	[ON_ERROR_SKIP] = { "skip", MF_DONE, { 0, NULL, NULL } },
};

static const enum outcome outcomes[] = {
	[MF_CONTINUE] = OUTCOME_CONTINUE,
	[MF_DONE] = OUTCOME_CONTINUE,
	[MF_ACCEPT] = OUTCOME_ACCEPT,
	[MF_REJECT] = OUTCOME_REJECT,
	[MF_TEMPFAIL] = OUTCOME_TEMPFAIL,
	[MF_DISCARD] = OUTCOME_DISCARD,
};

static bool
refuses(enum mf_verdict verdict)
{
	return verdict == MF_REJECT || verdict == MF_TEMPFAIL;
}

/* What is the same for all messages is logged once a session; a removal has been logged once and
 * for all. */
static void
log_failure(struct seat *seat, enum mf_stage stage, const char *cause, const char *policy)
{
	struct log_field fields[] = {
		{ "stage", str_of(stage_name(stage)), false },
		{ "cause", str_of(cause), false },
		{ "policy", { policy, policy ? str_of(policy).length : 0 }, false },
	};

	if (seat->filter->removed || (seat->absent && seat->absent_logged))
		return;
	seat->absent_logged = seat->absent != NULL;
	session_log(seat->session, seat->filter->shadow ? MF_LOG_WARNING : MF_LOG_ERROR,
	    "filter failed", seat->filter->name, fields, sizeof(fields) / sizeof(fields[0]));
}

static const struct reply *
make_reply(struct seat *seat, enum outcome outcome, const struct reply_request *request)
{
	struct session *session = seat->session;
	const char *mistake;
	const struct reply *reply = reply_make(arena_now(session), outcome, request,
	    in_message(session) && session->message.utf8, &mistake);

	if (mistake)
		session_log_text(session, MF_LOG_WARNING, "filter mistake", seat->filter->name,
		    "cause", mistake);
	return reply;
}

/* The message's own line cannot say which of its recipients it is about. */
static void
log_shadow_refusal(struct seat *seat, enum outcome outcome, const struct reply_request *request)
{
	struct session *session = seat->session;
	const struct state *state = &session->message.model.original;
	const struct reply *reply = make_reply(seat, outcome, request);
	const struct log_field fields[] = {
		{ "recipient", str_of(state->recipients[state->recipient_count - 1]->text), false },
		{ "reply", str_of(reply_text(session->message.arena, reply)), false },
	};

	session_log(session, MF_LOG_INFO, "recipient would be refused", seat->filter->name, fields,
	    sizeof(fields) / sizeof(fields[0]));
}

/* What stands in for an ERROR. */
static const struct policy *
apply_policy(struct seat *seat, enum mf_stage stage, struct filter_account *account)
{
	const struct policy *policy = &policies[seat->filter->settings.on_error];
	const char *cause = seat->session->call.cause;

	account->cause = cause;
	account->policy = seat->filter->shadow ? NULL : policy->name;
	log_failure(seat, stage, cause, account->policy);
	return policy;
}

bool
verdict_ends(
    struct seat *seat, enum mf_stage stage, enum mf_verdict verdict, struct ruling *ruling_r)
{
	struct session *session = seat->session;
	struct part *part = part_now(seat);
	const struct reply_request *request = &session->call.reply;

	count_verdict(seat, verdict);
	if (verdict == MF_CONTINUE)
		return false;
	part->account.verdict = verdict;
	part->account.stage = stage;
	if (verdict == MF_ERROR) {
		const struct policy *policy = apply_policy(seat, stage, &part->account);

		verdict = policy->verdict;
		request = &policy->reply;
	}
	if (verdict == MF_DONE ||
	    (seat->filter->shadow && !(refuses(verdict) && (PASSING & MF_AT(stage)))))
		part->done = true;
	if (seat->filter->shadow && refuses(verdict) && stage == MF_STAGE_RCPT)
		log_shadow_refusal(seat, outcomes[verdict], request);
	if (verdict == MF_DONE || seat->filter->shadow)
		return false;
	*ruling_r = (struct ruling){
		.outcome = outcomes[verdict], .filter = seat->filter->name, .stage = stage
	};
	if (refuses(verdict))
		ruling_r->reply = make_reply(seat, ruling_r->outcome, request);
	return true;
}

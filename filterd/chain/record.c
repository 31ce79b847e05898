/* SPDX-License-Identifier: BSD-2-Clause */
/* The explanation's record, written while a message runs and put together when it ends. */
#include <string.h>

#include "filterd/chain/history.h"
#include "filterd/chain/state.h"

void
record_rule(struct seat *seat, const char *rule, const char *where, const char *would)
{
	struct part *part = part_now(seat);
	struct arena *arena = arena_now(seat->session);
	enum mf_stage stage = seat->context.stage;
	struct matched_rule *matched;

	for (matched = part->account.rules; matched; matched = matched->next)
		if (matched->stage == stage && strcmp(matched->rule, rule) == 0 &&
		    strcmp(matched->where, where) == 0)
			return;
	matched = arena_alloc(arena, sizeof(*matched));
	matched->rule = arena_strdup(arena, rule);
	matched->where = arena_strdup(arena, where);
	matched->would = would ? arena_strdup(arena, would) : NULL;
	matched->stage = stage;
	*part->rules_end = matched;
	part->rules_end = &matched->next;
	metrics_rule_hit(seat_place(seat), rule);
}

static void
fill_accounts(struct session *session)
{
	size_t i;

	for (i = 0; i < session->chain->count; i++) {
		struct seat *seat = &session->seats[i];
		struct part *part = part_now(seat);

		part->account.edits = part->edits.first;
		part->account.dropped = part->dropped.first;
		part->account.board = seat->filter->shadow ? &part->shadow : NULL;
		session->accounts[i] = part->account;
	}
}

static void
fill_envelope(struct session *session, struct explanation *explanation)
{
	const struct message *message = &session->message;
	const struct state *state = &message->model.original;
	const char **recipients = arena_array(
	    message->arena, state->recipient_count, sizeof(*recipients));
	size_t i;

	for (i = 0; i < state->recipient_count; i++)
		recipients[i] = state->recipients[i]->text;
	explanation->queue_id = session->queue_id[0] ? session->queue_id : NULL;
	explanation->auth_user = message->auth_user;
	explanation->sender = state->sender->text;
	explanation->recipients = recipients;
	explanation->recipient_count = state->recipient_count;
	explanation->size = message->model.header_bytes + message->body_bytes +
	    (message->reached > MF_STAGE_DATA ? strlen("\r\n") : 0);
}

void
record_fill(struct session *session, const struct ruling *ruling, const char *verdict)
{
	struct explanation *explanation = &session->explanation;
	const struct message *message = &session->message;
	bool passed = ruling->outcome == OUTCOME_CONTINUE || ruling->outcome == OUTCOME_ACCEPT ||
	    message->quarantined;

	fill_accounts(session);
	*explanation = (struct explanation){
		.session_id = session->id,
		.listener = session->chain->listener,
		.client_name = session->client.name,
		.client_address = session->client.address,
		.helo = session->helo,
		.verdict = verdict,
		.stage = ruling->stage,
		.reply = ruling->reply,
		.decided_by = ruling->filter,
		.filters = session->accounts,
		.filter_count = session->chain->count,
		.board = board_now(session),
	};
	explanation->queries = asked_accounts(&session->asked,
	    in_message(session) ? &session->message.asked : NULL, arena_now(session),
	    &explanation->query_count);
	if (in_message(session)) {
		fill_envelope(session, explanation);
		if (passed && message->reached == MF_STAGE_MESSAGE)
			explanation->final = message->model.current;
		explanation->plan = message->plan;
		explanation->stored = message->stored;
		explanation->released = message->released;
		if (message->quarantined)
			explanation->store = session->chain->settings->quarantine.store;
	}
}

void
record_make(struct session *session, const struct ruling *ruling, const char *verdict)
{
	const struct explanation *explanation = &session->explanation;

	record_fill(session, ruling, verdict);
	session->explained = true;
	count_explanation(explanation, session);
	explanation_log(explanation, session->chain->settings->log.format);
	history_record(explanation, in_message(session) ? &session->message.model : NULL,
	    session->chain->settings);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The events of a message, from MAIL to its end. What has been decided where no answer can be given
 * is held until an event that has one. Events that cannot come here are logged and tempfailed.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "filterd/chain/state.h"

static const struct decision go_on = { .outcome = OUTCOME_CONTINUE };

/* The furthest stage of the message after which each event may still come. A client may send RCPT
 * or DATA again when the MTA itself has refused DATA. */
static const enum mf_stage latest[MF_STAGE_COUNT] = {
	[MF_STAGE_RCPT] = MF_STAGE_DATA,
	[MF_STAGE_DATA] = MF_STAGE_DATA,
	[MF_STAGE_HEADER] = MF_STAGE_HEADER,
	[MF_STAGE_EOH] = MF_STAGE_HEADER,
	[MF_STAGE_BODY] = MF_STAGE_BODY,
	[MF_STAGE_MESSAGE] = MF_STAGE_BODY,
};

static struct decision
decide(const struct ruling *ruling)
{
	return (struct decision){ .outcome = ruling->outcome, .reply = ruling->reply };
}

/* What the chain, or the host, has ruled for the whole message. */
static struct decision
conclude(struct session *session, enum mf_stage stage, const struct ruling *ruling)
{
	struct message *message = &session->message;

	if (ruling->outcome == OUTCOME_CONTINUE)
		return go_on;
	if (ruling->outcome == OUTCOME_ACCEPT && edits_wait(session)) {
		message->accepted = true;
		message->ruling = *ruling;
		return go_on;
	}
	if (!stage_answers(session, stage)) {
		message->held = true;
		message->ruling = *ruling;
		return go_on;
	}
	message_finish(session, ruling);
	return decide(ruling);
}

/* Whether an event finds a message that it can belong to; else *decision_r is its answer. */
static bool
enter(struct session *session, enum mf_stage stage, struct decision *decision_r)
{
	struct message *message = &session->message;
	struct ruling ruling;

	assert(session->arena);
	*decision_r = go_on;
	if (session->over || message->phase == MESSAGE_OVER) {
		if (stage_answers(session, stage))
			*decision_r = decide(session->over ? &session->ruling : &message->ruling);
		return false;
	}
	if (in_message(session) && message->reached <= latest[stage]) {
		message->reached = stage;
		if (!message->held)
			return true;
		message_learn_queue_id(session);
		*decision_r = conclude(session, stage, &message->ruling);
		return false;
	}
	message_clear(session);
	ruling = limit_ruling(session, LIMIT_ORDER, stage, 0);
	if (in_message(session))
		*decision_r = conclude(session, stage, &ruling);
	else if (stage_answers(session, stage))
		*decision_r = decide(&ruling);
	return false;
}

/* Passes the event through the chain unless it has ended before. */
static struct decision
judge(struct session *session, enum mf_stage stage, const struct event *event)
{
	struct ruling ruling;

	if (session->message.held)
		return conclude(session, stage, &session->message.ruling);
	if (session->message.accepted || session->message.mark)
		return go_on;
	stage_run(session, stage, event, &ruling);
	return conclude(session, stage, &ruling);
}

/* ---- envelope ---- */

struct decision
session_mail(struct session *session, const char *path, const char *const *arguments)
{
	struct event event = { 0 };

	message_forget(session);
	if (session->over)
		return stage_answers(session, MF_STAGE_MAIL) ? decide(&session->ruling) : go_on;
	message_begin(session, path, arguments);
	event.address = session->message.model.original.sender;
	return judge(session, MF_STAGE_MAIL, &event);
}

static void
log_refusal(struct session *session, const struct ruling *ruling, const char *recipient)
{
	struct arena *arena = session->message.arena;
	const struct log_field fields[] = {
		{ "sender", str_of(session->message.model.original.sender->text), false },
		{ "recipient", str_of(recipient), false },
		{ "reply", str_of(ruling->reply ? reply_text(arena, ruling->reply) : NULL), false },
	};

	session_log(session, MF_LOG_INFO, "recipient refused", ruling->filter, fields,
	    sizeof(fields) / sizeof(fields[0]));
}

/* Takes the newest recipient back, and with it what the filters did for it. */
static struct decision
refuse_recipient(struct session *session, const struct ruling *ruling, struct board_mark mark)
{
	struct message *message = &session->message;
	const struct state *state = &message->model.original;

	log_refusal(session, ruling, state->recipients[state->recipient_count - 1]->text);
	message->refusal = *ruling;
	metrics_add(METRICS_RECIPIENTS_REFUSED + (ruling->outcome == OUTCOME_TEMPFAIL), 1);
	edits_settle_recipient(session, false);
	board_rollback(&message->board, mark, NULL);
	model_recipient_refused(&message->model);
	return decide(ruling);
}

static struct decision
judge_recipient(struct session *session)
{
	struct message *message = &session->message;
	const struct state *state = &message->model.original;
	const struct event event = { .address = state->recipients[state->recipient_count - 1] };
	struct board_mark mark = board_mark(&message->board);
	struct ruling ruling;

	edits_begin_recipient(session);
	message->judging = true;
	stage_run(session, MF_STAGE_RCPT, &event, &ruling);
	message->judging = false;
	if ((ruling.outcome == OUTCOME_REJECT || ruling.outcome == OUTCOME_TEMPFAIL) &&
	    stage_answers(session, MF_STAGE_RCPT))
		return refuse_recipient(session, &ruling, mark);
	edits_settle_recipient(session, true);
	return conclude(session, MF_STAGE_RCPT, &ruling);
}

struct decision
session_rcpt(struct session *session, const char *path, const char *const *arguments)
{
	struct message *message = &session->message;
	struct decision decision;
	struct ruling ruling;

	if (!enter(session, MF_STAGE_RCPT, &decision))
		return decision;
	message_learn_queue_id(session);
	if (!model_recipient(&message->model, path, arguments)) {
		ruling = limit_ruling(session, LIMIT_RECIPIENTS, MF_STAGE_RCPT, 0);
		if (!stage_answers(session, MF_STAGE_RCPT))
			return conclude(session, MF_STAGE_RCPT, &ruling);
		message->refusal = ruling;
		return decide(&ruling);
	}
	return message->accepted ? go_on : judge_recipient(session);
}

struct decision
session_data(struct session *session)
{
	static const struct event none;
	struct decision decision;

	if (!enter(session, MF_STAGE_DATA, &decision))
		return decision;
	message_learn_queue_id(session);
	return judge(session, MF_STAGE_DATA, &none);
}

/* ---- content ---- */

static struct decision
decide_limit(struct session *session, enum limit limit, enum mf_stage stage, int error)
{
	struct ruling ruling = limit_ruling(session, limit, stage, error);

	return conclude(session, stage, &ruling);
}

static struct decision
judge_header(struct session *session)
{
	const struct state *state = &session->message.model.original;
	const struct field_node *node = state->fields[state->field_count - 1];
	const struct mf_header header = { .name = node->name.data, .value = node->value.data,
		.name_length = node->name.length, .value_length = node->value.length,
		.index = state->field_count - 1 };
	const struct event event = { .header = &header };

	return judge(session, MF_STAGE_HEADER, &event);
}

struct decision
session_header(struct session *session, struct str name, struct str value)
{
	struct message *message = &session->message;
	struct decision decision;

	if (!enter(session, MF_STAGE_HEADER, &decision))
		return decision;
	name.length = strnlen(name.data, name.length);
	value.length = strnlen(value.data, value.length);
	if (!model_field(&message->model, name, value))
		return decide_limit(session, LIMIT_HEADERS, MF_STAGE_HEADER, 0);
	quarantine_look(session, name, value);
	if (message->model.header_bytes > session->chain->settings->message.memory_limit.bytes)
		return decide_limit(session, LIMIT_HEADER_SIZE, MF_STAGE_HEADER, 0);
	return judge_header(session);
}

struct decision
session_eoh(struct session *session)
{
	static const struct event none;
	struct decision decision;

	if (!enter(session, MF_STAGE_EOH, &decision))
		return decision;
	message_learn_queue_id(session);
	return judge(session, MF_STAGE_EOH, &none);
}

/* Whether this filter may still look at the body, as it comes or as a whole. */
static bool
wants_body(struct seat *seat)
{
	const struct filter *filter = seat->filter;
	bool whole = (filter->uses & (MF_USE_BODY | MF_USE_CHANGE_BODY)) || filter->reads_size;

	if (whole && seat->message.edits.first)
		return true;
	if (seat->session->message.accepted || seat->message.done)
		return false;
	if (whole && (filter->stages & MF_AT(MF_STAGE_MESSAGE)))
		return true;
	return (filter->stages & MF_AT(MF_STAGE_BODY)) && seat_takes_part(seat, MF_STAGE_BODY);
}

static bool
can_skip(struct session *session)
{
	size_t i;

	if (!session->grant.skip || session->chain->stores ||
	    !stage_answers(session, MF_STAGE_BODY))
		return false;
	for (i = 0; i < session->chain->count; i++)
		if (wants_body(&session->seats[i]))
			return false;
	return true;
}

struct decision
session_body(struct session *session, const void *bytes, size_t size)
{
	const struct event event = { .bytes = bytes, .size = size };
	struct message *message = &session->message;
	struct decision decision;

	if (!enter(session, MF_STAGE_BODY, &decision))
		return decision;
	message->body_bytes += size;
	if (session->chain->keeps_body && !model_body(&message->model, bytes, size)) {
		bool large = errno == EFBIG;

		return decide_limit(
		    session, large ? LIMIT_SIZE : LIMIT_STORAGE, MF_STAGE_BODY, large ? 0 : errno);
	}
	decision = judge(session, MF_STAGE_BODY, &event);
	if (decision.outcome == OUTCOME_CONTINUE && in_message(session) && !message->held &&
	    can_skip(session))
		decision.outcome = OUTCOME_SKIP;
	return decision;
}

static const struct plan *
make_plan(struct session *session)
{
	struct model *model = &session->message.model;
	const struct plan_target target = {
		.leading_space = session->grant.leading_space,
		.sendmail = session->grant.sendmail,
		.headers_unseen = !(session->chain->wants.events & MF_AT(MF_STAGE_HEADER)) &&
		    model->original.field_count == 0,
	};

	return plan_make(model, &target);
}

static bool
passes(const struct ruling *ruling)
{
	return ruling->outcome == OUTCOME_CONTINUE || ruling->outcome == OUTCOME_ACCEPT;
}

struct decision
session_end_of_message(struct session *session)
{
	struct message *message = &session->message;
	struct decision decision;
	struct ruling ruling;

	if (!enter(session, MF_STAGE_MESSAGE, &decision))
		return decision;
	message_learn_queue_id(session);
	if (message->mark)
		quarantine_pass(session, &ruling);
	else
		stage_run_message(session, &ruling);
	if (passes(&ruling) && quarantine_wanted(session))
		quarantine_hold(session, &ruling);
	if (passes(&ruling))
		message->plan = make_plan(session);
	message_finish(session, &ruling);
	message->progress = 0;
	decision = decide(&ruling);
	decision.plan = message->plan;
	return decision;
}

/* ---- the end ---- */

void
session_abort(struct session *session)
{
	message_abort(session);
}

void
session_release(struct session *session)
{
	if (!in_message(session))
		message_clear(session);
}

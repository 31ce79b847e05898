/* SPDX-License-Identifier: BSD-2-Clause */
/* An event's way through the chain: filter by filter, until one ends it. */
#include "filterd/chain/state.h"

bool
stage_answers(const struct session *session, enum mf_stage stage)
{
	return (session->chain->wants.replies & MF_AT(stage)) != 0;
}

void
stage_run(struct session *session, enum mf_stage stage, const struct event *event,
    struct ruling *ruling_r)
{
	const struct chain_stage *at = &session->chain->at[stage];
	int64_t clock;
	size_t i;

	*ruling_r = (struct ruling){ .outcome = OUTCOME_CONTINUE, .stage = stage };
	if (!at->count)
		return;
	clock = clock_now(session);
	for (i = 0; i < at->count; i++) {
		struct seat *seat = &session->seats[at->places[i]];

		if (!seat_takes_part(seat, stage))
			continue;
		if (verdict_ends(seat, stage, call_stage(seat, stage, event, &clock), ruling_r))
			break;
	}
}

/* ---- end of message ---- */

/* The MTA's patience is not the filters': it is told that work goes on. While one filter works, the
 * watchdog does it. */
static void
show_progress(struct session *session, int64_t now)
{
	if (now - session->message.progress < progress_interval(session))
		return;
	session->message.progress = now;
	session->front->progress(session->front_data);
}

/* Live edits of a filter that takes effect are committed by themselves. True: the chain ends, for
 * they failed. */
static bool
commit_live_edits(struct seat *seat, struct ruling *ruling_r)
{
	struct session *session = seat->session;

	if (edits_apply(seat)) {
		model_commit(&session->message.model);
		return false;
	}
	edits_move(&seat->message.dropped, &seat->message.edits);
	return verdict_ends(seat, MF_STAGE_MESSAGE, MF_ERROR, ruling_r);
}

/* A shadow filter sees its own live edits, in a transaction that ends with its callback. */
static void
show_live_edits(struct seat *seat)
{
	if (!edits_apply(seat))
		edits_move(&seat->message.dropped, &seat->message.edits);
}

static bool
has_message_callback(const struct seat *seat)
{
	return (seat->filter->stages & MF_AT(MF_STAGE_MESSAGE)) ||
	    (seat->absent && !seat->filter->removed && seat->filter->stages);
}

/* True: the chain ends here. */
static bool
run_message(struct seat *seat, bool chain_ended, int64_t *clock, struct ruling *ruling_r)
{
	static const struct event none;

	if (!seat->filter->shadow && seat->message.edits.first && commit_live_edits(seat, ruling_r))
		return true;
	if (chain_ended || !has_message_callback(seat) || !seat_takes_part(seat, MF_STAGE_MESSAGE))
		return false;
	if (seat->filter->shadow)
		show_live_edits(seat);
	return verdict_ends(
	    seat, MF_STAGE_MESSAGE, call_stage(seat, MF_STAGE_MESSAGE, &none, clock), ruling_r);
}

static bool
is_final(const struct ruling *ruling)
{
	return ruling->outcome != OUTCOME_CONTINUE && ruling->outcome != OUTCOME_ACCEPT;
}

void
stage_run_message(struct session *session, struct ruling *ruling_r)
{
	struct message *message = &session->message;
	int64_t clock, begun;
	size_t i;

	*ruling_r = (struct ruling){ .outcome = OUTCOME_CONTINUE, .stage = MF_STAGE_MESSAGE };
	if (message->accepted)
		*ruling_r = message->ruling;
	clock = begun = clock_now(session);
	message->progress = clock;
	for (i = 0; i < session->chain->count && !is_final(ruling_r); i++) {
		run_message(
		    &session->seats[i], ruling_r->outcome == OUTCOME_ACCEPT, &clock, ruling_r);
		show_progress(session, clock);
	}
	metrics_message_time((clock - begun) * 1000);
}

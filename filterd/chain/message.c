/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The beginning and the end of a message. Its memory is one arena that is used again for each
 * message of the connection; it is kept after the end, for the front end to read the plan and the
 * explanation, until the next event or until the front end gives it back.
 */
#include <string.h>
#include <strings.h>

#include "filterd/chain/state.h"

#define FIRST_BLOCK (16 * 1024)	/* of a message's arena: most messages need no more */

/* ---- the beginning ---- */

static bool
wants_utf8(const char *const *arguments)
{
	for (; arguments && *arguments; arguments++)
		if (strcasecmp(*arguments, "SMTPUTF8") == 0)
			return true;
	return false;
}

static void
copy_rules(struct part *part, const struct matched_rule *rules, struct arena *arena)
{
	part->account.rules = NULL;
	part->rules_end = &part->account.rules;
	for (; rules; rules = rules->next) {
		struct matched_rule *copy = arena_alloc(arena, sizeof(*copy));

		*copy = *rules;
		copy->next = NULL;
		*part->rules_end = copy;
		part->rules_end = &copy->next;
	}
}

static void
copy_edits(struct edit_list *list, const struct edit *edits, struct arena *arena)
{
	edits_clear(list);
	for (; edits; edits = edits->next) {
		struct edit *copy = arena_alloc(arena, sizeof(*copy));

		*copy = *edits;
		copy->next = NULL;
		edits_append(list, copy);
	}
}

/* A filter's part of a message begins with what it did before MAIL. */
static void
begin_part(struct seat *seat, struct arena *arena)
{
	const struct part *before = &seat->connection;
	struct part *part = &seat->message;

	part->account = before->account;
	part->memory = 0;
	part->queries = 0;
	part->done = before->done;
	part->owed = false;
	copy_rules(part, before->account.rules, arena);
	copy_edits(&part->edits, before->edits.first, arena);
	copy_edits(&part->dropped, before->dropped.first, arena);
	board_init(&part->shadow, arena);
	board_copy(&part->shadow, &before->shadow);
	edits_clear(&seat->recipient_edits);
	seat->context.message = NULL;
	seat->scope_stage = MF_STAGE_START;
}

static void
begin_model(struct session *session, const char *path, const char *const *arguments)
{
	const struct message_settings *settings = &session->chain->settings->message;
	const struct body_limits limits = { settings->spool_threshold.bytes,
		settings->maximum_size.bytes, settings->spool_directory };
	struct message *message = &session->message;

	model_init(&message->model, message->arena, &limits, (size_t)settings->maximum_headers,
	    (size_t)settings->maximum_recipients);
	message->model.mime_limits = (struct mime_limits){
		.parts = (size_t)settings->maximum_parts,
		.depth = (size_t)settings->maximum_part_depth,
		.names = (size_t)settings->maximum_part_names,
		.fields = (size_t)settings->maximum_part_headers,
		.text = settings->maximum_text.bytes,
	};
	model_sender(&message->model, path, arguments);
}

static const char *
copy_macro(struct session *session, const char *name)
{
	const char *value = session->front->macro(session->front_data, name);

	return value && *value ? arena_strdup(session->message.arena, value) : NULL;
}

void
message_begin(struct session *session, const char *path, const char *const *arguments)
{
	struct message *message = &session->message;
	struct arena *arena = message->arena ? message->arena : arena_create(0, FIRST_BLOCK);
	size_t i;

	*message = (struct message){
		.arena = arena, .phase = MESSAGE_OPEN, .reached = MF_STAGE_MAIL
	};
	begin_model(session, path, arguments);
	board_init(&message->board, arena);
	board_copy(&message->board, &session->board);
	for (i = 0; i < session->chain->count; i++)
		begin_part(&session->seats[i], arena);
	message->utf8 = wants_utf8(arguments);
	message->auth_user = copy_macro(session, "{auth_authen}");
	message->accepted = session->accepted;
	message->held = session->held;
	message->ruling = session->ruling;
	message_learn_queue_id(session);
}

void
message_learn_queue_id(struct session *session)
{
	const char *id;

	if (session->queue_id[0])
		return;
	id = session->front->macro(session->front_data, "i");
	if (id)
		memcpy(session->queue_id, id, strnlen(id, sizeof(session->queue_id) - 1));
}

/* ---- the end ---- */

static const char *const verdicts[] = {
	[OUTCOME_CONTINUE] = "accept", [OUTCOME_ACCEPT] = "accept", [OUTCOME_REJECT] = "reject",
	[OUTCOME_TEMPFAIL] = "tempfail", [OUTCOME_DISCARD] = "discard", [OUTCOME_SKIP] = "accept",
};

static void
leave(struct session *session, const struct ruling *ruling, const char *verdict,
    enum message_phase phase)
{
	struct message *message = &session->message;
	size_t i;

	for (i = session->chain->count; i > 0; i--) {
		struct seat *seat = &session->seats[i - 1];

		if (seat->message.owed && seat->filter->plugin->message_end)
			call_end(seat, message->reached, seat->filter->plugin->message_end);
	}
	message->ruling = *ruling;
	record_make(session, ruling, verdict);
	for (i = 0; i < session->chain->count; i++)
		session->seats[i].context.message = NULL;
	message->phase = phase;
	message->kept = true;
}

void
message_finish(struct session *session, const struct ruling *ruling)
{
	bool passed = ruling->outcome == OUTCOME_CONTINUE || ruling->outcome == OUTCOME_ACCEPT;
	bool held = session->message.quarantined ||
	    (passed && session->message.model.current->quarantine);

	leave(session, ruling, held ? "quarantine" : verdicts[ruling->outcome], MESSAGE_OVER);
}

/* A message of which no recipient is left has ended with the refusal of the last of them. */
void
message_abort(struct session *session)
{
	struct message *message = &session->message;
	struct ruling ruling = { .outcome = OUTCOME_CONTINUE, .stage = message->reached };

	if (in_message(session)) {
		bool refused = message->refusal.outcome != OUTCOME_CONTINUE &&
		    message->model.original.recipient_count == 0;

		if (refused)
			ruling = message->refusal;
		leave(
		    session, &ruling, refused ? verdicts[ruling.outcome] : "aborted", MESSAGE_NONE);
	} else {
		message_clear(session);
		message->phase = MESSAGE_NONE;
	}
}

void
message_forget(struct session *session)
{
	if (in_message(session))
		message_abort(session);
	message_clear(session);
	session->message.phase = MESSAGE_NONE;
}

void
message_clear(struct session *session)
{
	struct message *message = &session->message;

	session->explained = false;
	if (!message->kept)
		return;
	memset(session->queue_id, 0, sizeof(session->queue_id));
	arena_reset(message->arena);
	message->kept = false;
	message->plan = NULL;
	message->ruling.reply = NULL;
}

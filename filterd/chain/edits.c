/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Edits: checked and, in live callbacks, kept for the end of the message; in `message` applied to
 * the model's open transaction at once. What a callback edited is kept or dropped as a whole when
 * it has returned. An edit that is refused ends the callback in ERROR.
 */
#include <errno.h>
#include <string.h>

#include "filterd/chain/state.h"
#include "filterd/util/domain.h"

static const struct {
	const char *name;
	unsigned use;		/* enum mf_use */
	const char *limit;	/* the setting that it may pass; NULL: none */
} kinds[] = {
	[EDIT_HEADER_ADD] = { "add-header", MF_USE_ADD_HEADER, "maximum-headers" },
	[EDIT_HEADER_INSERT] = { "insert-header", MF_USE_ADD_HEADER, "maximum-headers" },
	[EDIT_HEADER_SET] = { "set-header", MF_USE_CHANGE_HEADER, "maximum-headers" },
	[EDIT_HEADER_DELETE] = { "delete-header", MF_USE_CHANGE_HEADER, NULL },
	[EDIT_BODY_REPLACE] = { "replace-body", MF_USE_CHANGE_BODY, "maximum-size" },
	[EDIT_BODY_APPEND] = { "append-body", MF_USE_CHANGE_BODY, "maximum-size" },
	[EDIT_SENDER] = { "set-sender", MF_USE_CHANGE_SENDER, NULL },
	[EDIT_RECIPIENT_ADD] = { "add-recipient", MF_USE_ADD_RECIPIENT, "maximum-recipients" },
	[EDIT_RECIPIENT_DELETE] = { "delete-recipient", MF_USE_DELETE_RECIPIENT, NULL },
	[EDIT_QUARANTINE] = { "quarantine", MF_USE_QUARANTINE, NULL },
};

const char *
edit_name(enum edit_kind kind)
{
	return kinds[kind].name;
}

unsigned
edit_use(enum edit_kind kind)
{
	return kinds[kind].use;
}

static bool
is_body(enum edit_kind kind)
{
	return kind == EDIT_BODY_REPLACE || kind == EDIT_BODY_APPEND;
}

/* ---- what a callback asks for ---- */

/* Why it cannot be; NULL: it can. A shadow filter's edits are not the MTA's business. */
static const char *
find_objection(const struct seat *seat, const struct edit *edit)
{
	const struct session *session = seat->session;
	const char *wrong = edit_check(edit);

	if (wrong)
		return arena_printf(arena_now(session), "%s: %s", edit_name(edit->kind), wrong);
	if (!(seat->filter->uses & edit_use(edit->kind)))
		return arena_printf(arena_now(session), "%s: its plugin did not declare this edit",
		    edit_name(edit->kind));
	if (!seat->filter->shadow && !(session->grant.uses & edit_use(edit->kind)))
		return arena_printf(arena_now(session), "%s: the MTA does not offer this edit",
		    edit_name(edit->kind));
	return NULL;
}

/* The edit as it is remembered. Of a body that goes into the model at once only the size is. */
static struct edit *
make_record(const struct session *session, const struct edit *edit, bool at_once)
{
	struct edit sized = *edit;

	if (at_once && is_body(edit->kind))
		sized.value.data = NULL;
	return edit_copy(arena_now(session), &sized);
}

/* The draft cannot be used any more, so what the callback reads from now on is the message before
 * its edits. */
static const char *
apply_failed(struct session *session, const struct edit *edit, int error)
{
	model_rollback(&session->message.model);
	if (error == EFBIG && kinds[edit->kind].limit)
		return arena_printf(arena_now(session), "%s: it would pass %s",
		    edit_name(edit->kind), kinds[edit->kind].limit);
	return arena_printf(arena_now(session), "%s: %s", edit_name(edit->kind), strerror(error));
}

/* To the model, as it can be sent: without SMTPUTF8 an address that goes into the envelope has
 * A-labels (RFC 6531 section 3.2). A local part beyond ASCII has no such form, and stays. */
static bool
apply(struct session *session, const struct edit *edit)
{
	char buffer[DOMAIN_TEXT];
	struct edit sent = *edit;

	if ((edit->kind == EDIT_SENDER || edit->kind == EDIT_RECIPIENT_ADD) &&
	    !session->message.utf8)
		sent.value = domain_ascii_in(edit->value, buffer);
	return model_apply(&session->message.model, &sent);
}

/* A context that a plugin has kept from another callback edits nothing. */
bool
edit_request(struct seat *seat, const struct edit *edit)
{
	struct session *session = seat->session;
	struct call *call = &session->call;
	bool at_once = in_message(session) && seat->context.stage == MF_STAGE_MESSAGE;
	struct edit *record;

	if (call->ending || call->refused || call->seat != seat)
		return false;
	call->refused = find_objection(seat, edit);
	if (call->refused)
		return false;
	record = make_record(session, edit, at_once);
	if (at_once && !apply(session, is_body(edit->kind) ? edit : record)) {
		call->refused = apply_failed(session, edit, errno);
		return false;
	}
	edits_append(&call->edits, record);
	return true;
}

/* ---- when it has returned ---- */

void
edits_settle(struct seat *seat, enum mf_stage stage, bool keep)
{
	struct session *session = seat->session;
	struct part *part = part_now(seat);

	if (stage == MF_STAGE_MESSAGE && keep && !seat->filter->shadow)
		model_commit(&session->message.model);
	else if (stage == MF_STAGE_MESSAGE)
		model_rollback(&session->message.model);
	if (!session->call.edits.first)
		return;
	if (!keep)
		edits_move(&part->dropped, &session->call.edits);
	else if (stage == MF_STAGE_RCPT)
		edits_move(&seat->recipient_edits, &session->call.edits);
	else
		edits_move(&part->edits, &session->call.edits);
}

void
edits_begin_recipient(struct session *session)
{
	const struct chain_stage *at = &session->chain->at[MF_STAGE_RCPT];
	size_t i;

	for (i = 0; i < at->count; i++) {
		struct seat *seat = &session->seats[at->places[i]];

		seat->recipient_mark = board_mark(&seat->message.shadow);
	}
}

void
edits_settle_recipient(struct session *session, bool accepted)
{
	const struct chain_stage *at = &session->chain->at[MF_STAGE_RCPT];
	size_t i;

	for (i = 0; i < at->count; i++) {
		struct seat *seat = &session->seats[at->places[i]];

		edits_move(accepted ? &seat->message.edits : &seat->message.dropped,
		    &seat->recipient_edits);
		if (!accepted && seat->filter->shadow)
			board_rollback(&seat->message.shadow, seat->recipient_mark, NULL);
	}
}

/* ---- at end of message ---- */

bool
edits_apply(struct seat *seat)
{
	struct session *session = seat->session;
	const struct edit *edit;

	for (edit = seat->message.edits.first; edit; edit = edit->next) {
		if (apply(session, edit))
			continue;
		session->call.cause = apply_failed(session, edit, errno);
		return false;
	}
	return true;
}

bool
edits_wait(const struct session *session)
{
	size_t i;

	for (i = 0; i < session->chain->count; i++) {
		const struct seat *seat = &session->seats[i];
		const struct part *part = in_message(session) ? &seat->message : &seat->connection;

		if (!seat->filter->shadow && part->edits.first)
			return true;
	}
	return false;
}

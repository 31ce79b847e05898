/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The edit plan: sender, recipients, header fields, body, quarantine, in that order. An
 * unchanged message gives an empty plan, whatever edits were made and taken back.
 *
 * The rules it follows, and where they were read. Postfix: src/cleanup/cleanup_milter.c,
 * src/milter/milter8.c. Sendmail: sendmail/milter.c, headers.c, recipient.c.
 * docs/mta-differences.md has them at length.
 *
 * Both
 *   B1  chgheader counts fields of one name from 1, without case, from the top, as the filter
 *       saw them: the MTA's own Received is not counted. In Postfix a deleted field is counted
 *       no more (cleanup_del_header, cleanup_find_header_start), in Sendmail it still is
 *       (milter_changeheader: H_USER stays set). So changes and deletions go from the bottom
 *       up, where the two agree, and before all inserts.
 *   B2  chgheader with an empty value deletes (milter8_event, milter_changeheader). A field
 *       whose value becomes empty is deleted and inserted anew.
 *   B3  Sendmail keeps the old spelling of a changed field's name (milter_changeheader sets
 *       h_value only), Postfix takes the new one (cleanup_upd_header). A field with a new
 *       spelling is deleted and inserted.
 *   B4  Without SMFIP_HDR_LEADSPC the MTA puts one blank before each value it is sent
 *       (MILTER8_HDR_SPACE, addleadingspace).
 * Postfix
 *   P1  insheader counts the fields that are there, the own Received as 0 (cleanup_ins_header:
 *       index 1 is the top-most; milter8_event adds 1). Past the last it appends.
 *   P2  Nothing is ever inserted at 0: chgheader passes over the first field of the file,
 *       whichever that is (SKIP_ONE_HEADER), so for it, and for filters behind this one, the
 *       new field would become the hidden one.
 *   P3  So a field that comes at place i of the current state is inserted at i + 1, from the
 *       top down. Behind the last field that stays, addheader appends (cleanup_add_header).
 * Sendmail
 *   S1  insheader counts the nodes of a list that begins with the default fields of sendmail.cf
 *       (Return-Path, Received, Resent-Date, Date, ...; nine in the stock file), most of them
 *       hidden, holds deleted fields too, and warnings of its own; and it inserts behind the
 *       node that it has counted to (insheader). So no index names a place between
 *       two fields for certain, as its comment says too.
 *   S2  addheader goes before the first field of that name, or in the place of a hidden one
 *       (addheader, milter_addheader).
 *   S3  So fields are only inserted at the front: index 1, behind Return-Path and the own
 *       Received ...
 *   S4  ... and at the end: an index past all nodes. A field that has to come between others is
 *       brought there by deleting the fewer ones that stand before or behind it, and inserting
 *       them again.
 *   S5  A default field that the client did not send is not deleted by the insert of one of its
 *       name, and would go out beside it. chgheader with no field of the client's to count to
 *       falls on the hidden one (milter_changeheader: sysheader): it is deleted first.
 * Recipients
 *   R1  delrcpt in Postfix takes all recipients that came from that address, spelled as at RCPT
 *       (cleanup_del_rcpt).
 *   R2  Postfix's duplicate filter is not told of deletions (cleanup_del_rcpt), so an address
 *       that is deleted and added just as it was may be taken for a duplicate and lost; and one
 *       that is added while it is there, with other DSN arguments, is delivered to twice.
 *   R3  An address that was deleted can be added in Sendmail (recipient: QS_REMOVED). Deletions
 *       come first.
 */
#include <string.h>

#include "filterd/message/plan_parts.h"

#define FIRST_ROOM	8

struct action *
plan_add(struct plan_builder *builder, enum action_kind kind)
{
	struct action *action;

	if (builder->count == builder->room) {
		size_t room = builder->room ? builder->room * 2 : FIRST_ROOM;
		struct action *actions = arena_array(builder->arena, room, sizeof(*actions));

		if (builder->count)
			memcpy(actions, builder->actions, builder->count * sizeof(*actions));
		builder->actions = actions;
		builder->room = room;
	}
	action = &builder->actions[builder->count++];
	action->kind = kind;
	return action;
}

static void
plan_body(struct plan_builder *builder, struct plan *plan)
{
	if (body_equal(builder->original->body, builder->current->body))
		return;
	plan_add(builder, ACTION_REPLACE_BODY);
	plan->body = builder->current->body;
}

static void
plan_quarantine(struct plan_builder *builder)
{
	if (builder->current->quarantine)
		plan_add(builder, ACTION_QUARANTINE)->value = str_of(builder->current->quarantine);
}

struct plan *
plan_make(struct model *model, const struct plan_target *target)
{
	struct plan *plan = arena_alloc(model->arena, sizeof(*plan));
	struct plan_builder builder = {
		.arena = model->arena,
		.target = target,
		.original = &model->original,
		.current = model->current,
	};

	if (model->current == &model->original)
		return plan;
	plan_sender(&builder);
	plan_recipients(&builder);
	plan_headers(&builder);
	plan_body(&builder, plan);
	plan_quarantine(&builder);
	plan->actions = builder.actions;
	plan->count = builder.count;
	return plan;
}

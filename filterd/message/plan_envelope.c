/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sender and recipients of a plan. A mailbox is an address; the MTA's delete takes all its
 * entries (rule R1), and an entry that is added again just as it was may be lost in Postfix
 * (rule R2). So entries that stay protect their mailbox from being deleted.
 */
#include <string.h>

#include "filterd/message/address.h"
#include "filterd/message/plan_parts.h"
#include "filterd/util/buffer.h"

static bool
has_entry(struct mf_address *const *entries, size_t count, const struct mf_address *wanted)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (entries[i] == wanted || (address_equal(entries[i], wanted) &&
		    address_arguments_equal(entries[i], wanted)))
			return true;
	}
	return false;
}

/* Whether some entry of the mailbox stays as it is. */
static bool
mailbox_stays(const struct plan_builder *builder, const struct mf_address *mailbox)
{
	const struct state *original = builder->original, *current = builder->current;
	size_t i;

	for (i = 0; i < original->recipient_count; i++) {
		const struct mf_address *entry_of = original->recipients[i];

		if (address_equal(entry_of, mailbox) &&
		    has_entry(current->recipients, current->recipient_count, entry_of))
			return true;
	}
	return false;
}

/* Spellings of one address differ for Postfix, so a delete is only left out when its very text
 * was there. */
static bool
deleted_before(const struct plan_builder *builder, const struct mf_address *doomed)
{
	size_t i;

	for (i = 0; i < builder->count; i++) {
		const struct action *action = &builder->actions[i];

		if (action->kind == ACTION_DELETE_RECIPIENT && !strcmp(action->name, doomed->text))
			return true;
	}
	return false;
}

static const char *
join_arguments(struct arena *arena, const struct mf_address *address)
{
	struct buffer joined = { 0 };
	const char *text;
	size_t i;

	for (i = 0; address->arguments[i]; i++)
		buffer_printf(&joined, "%s%s", i ? " " : "", address->arguments[i]);
	text = joined.length ? arena_strdup(arena, buffer_text(&joined)) : NULL;
	buffer_free(&joined);
	return text;
}

static void
delete_recipients(struct plan_builder *builder)
{
	const struct state *original = builder->original;
	size_t i;

	for (i = 0; i < original->recipient_count; i++) {
		const struct mf_address *recipient = original->recipients[i];

		if (mailbox_stays(builder, recipient) || deleted_before(builder, recipient))
			continue;
		plan_add(builder, ACTION_DELETE_RECIPIENT)->name = recipient->text;
	}
}

static void
add_recipients(struct plan_builder *builder)
{
	const struct state *original = builder->original, *current = builder->current;
	size_t i;

	for (i = 0; i < current->recipient_count; i++) {
		const struct mf_address *recipient = current->recipients[i];
		struct action *action;

		if (has_entry(original->recipients, original->recipient_count, recipient) ||
		    has_entry(current->recipients, i, recipient))
			continue;
		action = plan_add(builder, ACTION_ADD_RECIPIENT);
		action->name = recipient->text;
		action->arguments = join_arguments(builder->arena, recipient);
	}
}

void
plan_recipients(struct plan_builder *builder)
{
	if (builder->current->recipients == builder->original->recipients)
		return;
	delete_recipients(builder);
	add_recipients(builder);
}

/* A new sender without arguments keeps those that the MTA has. */
void
plan_sender(struct plan_builder *builder)
{
	const struct mf_address *old = builder->original->sender, *new = builder->current->sender;
	struct action *action;

	if (old == new || (!strcmp(old->text, new->text) &&
	    (!new->arguments[0] || address_arguments_equal(old, new))))
		return;
	action = plan_add(builder, ACTION_CHANGE_SENDER);
	action->name = new->text;
	action->arguments = join_arguments(builder->arena, new);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Edits on the open transaction. Its state begins as a copy that shares all with the current
 * one; each array, and the body, is copied when the first edit touches it. Texts are copied
 * into the message's arena. False with errno: a limit (EFBIG) or the spool file.
 */
#include <errno.h>
#include <string.h>

#include "filterd/message/address.h"
#include "filterd/message/model.h"
#include "filterd/message/state.h"
#include "filterd/util/domain.h"

#define ARGUMENTS_MAXIMUM	100	/* words */

static struct state *
draft_begin(struct model *model)
{
	if (!model->draft) {
		model->draft = arena_alloc(model->arena, sizeof(*model->draft));
		*model->draft = *model->current;
	}
	return model->draft;
}

/* The value with LF for CRLF. */
static struct str
normal_value(struct arena *arena, struct str value)
{
	char *copy;
	size_t i, length = 0;

	if (!value.length || !memchr(value.data, '\r', value.length))
		return value;
	copy = arena_copy(arena, value.data, value.length);
	for (i = 0; i < value.length; i++) {
		if (copy[i] != '\r' || i + 1 == value.length || copy[i + 1] != '\n')
			copy[length++] = copy[i];
	}
	return (struct str){ copy, length };
}

static bool
insert_field(struct model *model, size_t index, struct str name, struct str value)
{
	struct state *draft = model->draft;

	if (draft->field_count >= model->maximum_fields) {
		errno = EFBIG;
		return false;
	}
	state_own_fields(draft, model->arena, model->current);
	state_insert_field(draft, model->arena, index,
	    field_create(model->arena, name, normal_value(model->arena, value)));
	return true;
}

static bool
apply_header_add(struct model *model, const struct edit *edit)
{
	return insert_field(model, model->draft->field_count, str_of(edit->name), edit->value);
}

static bool
apply_header_insert(struct model *model, const struct edit *edit)
{
	return insert_field(model, edit->index, str_of(edit->name), edit->value);
}

static bool
apply_header_set(struct model *model, const struct edit *edit)
{
	struct state *draft = model->draft;
	size_t index = state_field_find(draft, str_of(edit->name), edit->index);
	struct str value;

	if (index == draft->field_count)
		return apply_header_add(model, edit);
	value = normal_value(model->arena, edit->value);
	if (str_equal(draft->fields[index]->value, value))
		return true;
	state_own_fields(draft, model->arena, model->current);
	draft->fields[index] = field_create(model->arena, draft->fields[index]->name, value);
	return true;
}

static bool
apply_header_delete(struct model *model, const struct edit *edit)
{
	struct state *draft = model->draft;
	size_t index = state_field_find(draft, str_of(edit->name), edit->index);

	if (index == draft->field_count)
		return true;
	state_own_fields(draft, model->arena, model->current);
	draft->field_count--;
	memmove(draft->fields + index, draft->fields + index + 1,
	    (draft->field_count - index) * sizeof(*draft->fields));
	return true;
}

static bool
apply_body_replace(struct model *model, const struct edit *edit)
{
	struct body *body = body_create(model->arena, &model->limits);
	size_t i;

	for (i = 0; i < edit->piece_count; i++) {
		if (!body_append(body, edit->pieces[i].data, edit->pieces[i].length))
			return false;
	}
	model->draft->body = body;
	return edit->pieces || body_append(body, edit->value.data, edit->value.length);
}

/* A body that this transaction has made is appended to, another one is copied first. */
static bool
apply_body_append(struct model *model, const struct edit *edit)
{
	struct state *draft = model->draft;

	if (draft->body == model->current->body) {
		struct body *copy;
		struct str old;

		if (!body_bytes(draft->body, &old))
			return false;
		copy = body_create(model->arena, &model->limits);
		if (!body_append(copy, old.data, old.length))
			return false;
		draft->body = copy;
	}
	return body_append(draft->body, edit->value.data, edit->value.length);
}

/* The address of an edit with its ESMTP arguments, which stand in one text, divided. */
static struct mf_address *
edit_address(struct arena *arena, const struct edit *edit)
{
	const char *arguments[ARGUMENTS_MAXIMUM + 1] = { NULL };
	size_t count = 0;
	char *rest = arena_strdup(arena, edit->arguments ? edit->arguments : "");
	char *word;

	while (count < ARGUMENTS_MAXIMUM && (word = strsep(&rest, " "))) {
		if (*word)
			arguments[count++] = word;
	}
	return address_from_path(arena, arena_str(arena, edit->value).data, arguments);
}

static bool
apply_sender(struct model *model, const struct edit *edit)
{
	model->draft->sender = edit_address(model->arena, edit);
	return true;
}

/* Whether a filter that names the one means the other: U-labels and A-labels are the same. */
static bool
is_same_mailbox(const struct mf_address *a, const struct mf_address *b)
{
	return strcmp(a->local, b->local) == 0 &&
	    domain_equal(str_of(a->domain), str_of(b->domain));
}

/* An address that is there is not added again, for Postfix would deliver to it twice. */
static bool
apply_recipient_add(struct model *model, const struct edit *edit)
{
	struct state *draft = model->draft;
	struct mf_address *recipient = edit_address(model->arena, edit);
	size_t i;

	for (i = 0; i < draft->recipient_count; i++) {
		if (is_same_mailbox(draft->recipients[i], recipient))
			return true;
	}
	if (draft->recipient_count >= model->maximum_recipients) {
		errno = EFBIG;
		return false;
	}
	state_own_recipients(draft, model->arena, model->current);
	state_add_recipient(draft, model->arena, recipient);
	return true;
}

static bool
apply_recipient_delete(struct model *model, const struct edit *edit)
{
	struct state *draft = model->draft;
	struct mf_address *doomed = edit->value.data ? edit_address(model->arena, edit) : NULL;
	size_t i, kept = 0;

	state_own_recipients(draft, model->arena, model->current);
	for (i = 0; i < draft->recipient_count; i++) {
		if (doomed && !is_same_mailbox(draft->recipients[i], doomed))
			draft->recipients[kept++] = draft->recipients[i];
	}
	draft->recipient_count = kept;
	return true;
}

static bool
apply_quarantine(struct model *model, const struct edit *edit)
{
	model->draft->quarantine = arena_str(model->arena, edit->value).data;
	return true;
}

static bool (*const applies[])(struct model *model, const struct edit *edit) = {
	[EDIT_HEADER_ADD] = apply_header_add,
	[EDIT_HEADER_INSERT] = apply_header_insert,
	[EDIT_HEADER_SET] = apply_header_set,
	[EDIT_HEADER_DELETE] = apply_header_delete,
	[EDIT_BODY_REPLACE] = apply_body_replace,
	[EDIT_BODY_APPEND] = apply_body_append,
	[EDIT_SENDER] = apply_sender,
	[EDIT_RECIPIENT_ADD] = apply_recipient_add,
	[EDIT_RECIPIENT_DELETE] = apply_recipient_delete,
	[EDIT_QUARANTINE] = apply_quarantine,
};

bool
model_apply(struct model *model, const struct edit *edit)
{
	draft_begin(model);
	return applies[edit->kind](model, edit);
}

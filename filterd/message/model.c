/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The message model: what arrives, and transactions. All memory is the message arena's; a
 * transaction that is rolled back leaves its copies there until the message ends.
 */
#include <assert.h>
#include <errno.h>

#include "filterd/message/address.h"
#include "filterd/message/model.h"
#include "filterd/message/state.h"

void
model_init(struct model *model, struct arena *arena, const struct body_limits *limits,
    size_t maximum_fields, size_t maximum_recipients)
{
	*model = (struct model){
		.arena = arena,
		.limits = *limits,
		.maximum_fields = maximum_fields,
		.maximum_recipients = maximum_recipients,
	};
	model->current = &model->original;
	model->original.sender = address_from_path(arena, "", NULL);
	model->original.body = body_create(arena, limits);
}

void
model_sender(struct model *model, const char *path, const char *const *arguments)
{
	model->original.sender = address_from_path(model->arena, path, arguments);
}

bool
model_recipient(struct model *model, const char *path, const char *const *arguments)
{
	if (model->original.recipient_count >= model->maximum_recipients) {
		errno = EFBIG;
		return false;
	}
	state_add_recipient(&model->original, model->arena,
	    address_from_path(model->arena, path, arguments));
	return true;
}

void
model_recipient_refused(struct model *model)
{
	assert(model->original.recipient_count > 0);
	model->original.recipient_count--;
}

bool
model_field(struct model *model, struct str name, struct str value)
{
	struct field_node *field;

	if (model->original.field_count >= model->maximum_fields) {
		errno = EFBIG;
		return false;
	}
	field = field_create(model->arena, name, value);
	state_insert_field(&model->original, model->arena, model->original.field_count, field);
	model->header_bytes += field_size(field);
	return true;
}

bool
model_body(struct model *model, const void *bytes, size_t size)
{
	return body_append(model->original.body, bytes, size);
}

const struct state *
model_view(const struct model *model)
{
	return model->draft ? model->draft : model->current;
}

void
model_commit(struct model *model)
{
	if (!model->draft)
		return;
	model->current = model->draft;
	model->draft = NULL;
}

void
model_rollback(struct model *model)
{
	if (!model->draft)
		return;
	model->draft = NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a plugin can read of client, envelope, header fields and body: in `message` the model as it
 * is now, in live callbacks what has arrived. Without a session or a message there is nothing to
 * read.
 */
#include <errno.h>
#include <string.h>

#include "filterd/chain/host.h"
#include "filterd/chain/start.h"
#include "filterd/chain/state.h"
#include "filterd/message/decode.h"
#include "filterd/message/encode.h"

#define USUAL_NAME 16	/* bytes of a header field's name, where a fold must reckon with one */

/* ---- client and envelope ---- */

const struct mf_client *
host_client(struct mf_context *c)
{
	static const struct mf_client nobody = { .name = "unknown", .address = "local" };
	const struct session *session = seat_of(c)->session;

	return session ? &session->client : &nobody;
}

const char *
host_helo(struct mf_context *c)
{
	const struct session *session = seat_of(c)->session;

	return session ? session->helo : NULL;
}

/* The message as the callback sees it; NULL: there is none. */
static const struct state *
view(const struct seat *seat)
{
	if (!seat->session || !in_message(seat->session))
		return NULL;
	return model_view(&seat->session->message.model);
}

const struct mf_address *
host_sender(struct mf_context *c)
{
	const struct state *state = view(seat_of(c));

	return state ? state->sender : NULL;
}

size_t
host_recipient_count(struct mf_context *c)
{
	const struct seat *seat = seat_of(c);
	const struct state *state = view(seat);

	if (!state)
		return 0;
	return state->recipient_count - (seat->session->message.judging ? 1 : 0);
}

const struct mf_address *
host_recipient(struct mf_context *c, size_t index)
{
	return index < host_recipient_count(c) ? view(seat_of(c))->recipients[index] : NULL;
}

const char *
host_macro(struct mf_context *c, const char *name)
{
	const struct session *session = seat_of(c)->session;

	return session && name ? session->front->macro(session->front_data, name) : NULL;
}

/* ---- header fields ---- */

static struct str
name_of(const char *name)
{
	return name ? str_of(name) : (struct str){ NULL, 0 };
}

size_t
host_header_count(struct mf_context *c, const char *name)
{
	const struct state *state = view(seat_of(c));

	return state ? state_field_count(state, name_of(name)) : 0;
}

bool
host_header_at(struct mf_context *c, size_t index, struct mf_header *field_r)
{
	const struct state *state = view(seat_of(c));
	const struct field_node *node;

	if (!state || index >= state->field_count)
		return false;
	node = state->fields[index];
	*field_r = (struct mf_header){ .name = node->name.data,
		.value = node->value.data,
		.name_length = node->name.length,
		.value_length = node->value.length,
		.index = index };
	return true;
}

bool
host_header_find(struct mf_context *c, const char *name, size_t n, struct mf_header *field_r)
{
	const struct state *state = view(seat_of(c));

	return state && host_header_at(c, state_field_find(state, name_of(name), n), field_r);
}

/* The model keeps what it has decoded; a field that is not in it any more is decoded by itself. */
const char *
host_decoded(struct mf_context *c, const struct mf_header *field)
{
	struct seat *seat = seat_of(c);
	const struct state *state = view(seat);
	struct model *model = state ? &seat->session->message.model : NULL;

	if (!field->value)
		return "";
	if (state && field->index < state->field_count &&
	    state->fields[field->index]->value.data == field->value)
		return field_decoded(model, state->fields[field->index]).data;
	return header_decode(seat_arena(seat), (struct str){ field->value, field->value_length })
	    .data;
}

const char *
host_encoded(struct mf_context *c, const char *text)
{
	const struct seat *seat = seat_of(c);

	return header_encode(seat_arena(seat), str_of(text), USUAL_NAME).data;
}

/* ---- body ---- */

const void *
host_body(struct mf_context *c, size_t *size_r)
{
	struct seat *seat = seat_of(c);
	const struct state *state = view(seat);
	struct call *call;
	struct str bytes = { "", 0 };

	*size_r = 0;
	if (!state || seat->context.stage != MF_STAGE_MESSAGE)
		return "";
	call = &seat->session->call;
	if (!(seat->filter->uses & MF_USE_BODY)) {
		if (!call->refused)
			call->refused = "it reads the body, which its plugin did not declare";
		return "";
	}
	if (!body_bytes(state->body, &bytes)) {
		if (!call->refused)
			call->refused = arena_printf(
			    arena_now(seat->session), "cannot read the body: %s", strerror(errno));
		return "";
	}
	*size_r = bytes.length;
	return bytes.data;
}

/* ---- what has become of it ---- */

static bool
same_fields(const struct state *a, const struct state *b, struct str name)
{
	size_t count = state_field_count(a, name), n;

	if (state_field_count(b, name) != count)
		return false;
	for (n = 0; n < count; n++) {
		if (!field_same(a->fields[state_field_find(a, name, n)],
			b->fields[state_field_find(b, name, n)]))
			return false;
	}
	return true;
}

bool
host_changed(struct mf_context *c, const char *name)
{
	const struct seat *seat = seat_of(c);
	const struct state *now = view(seat), *then;

	if (!now || c->stage != MF_STAGE_MESSAGE)
		return false;
	then = &seat->session->message.model.original;
	if (name)
		return !same_fields(now, then, str_of(name));
	return now->body != then->body && !body_equal(now->body, then->body);
}

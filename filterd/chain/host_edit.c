/* SPDX-License-Identifier: BSD-2-Clause */
/* The edits that a plugin can ask for, each in the shape that edits.c takes. */
#include "filterd/chain/host.h"
#include "filterd/chain/start.h"
#include "filterd/chain/state.h"

static bool
ask(struct mf_context *c, const struct edit *edit)
{
	struct seat *seat = seat_of(c);

	if (seat->session)
		return edit_request(seat, edit);
	if (!seat->filter->start->stopping)
		seat->filter->start->cause = "it edits a message in start, where there is none";
	return false;
}

static struct str
bytes_of(const void *bytes, size_t size)
{
	return bytes ? (struct str){ bytes, size } : (struct str){ "", 0 };
}

bool
host_header_add(struct mf_context *c, const char *name, const char *value)
{
	return ask(c,
	    &(struct edit){
		.kind = EDIT_HEADER_ADD, .name = name ? name : "", .value = str_of(value) });
}

bool
host_header_insert(struct mf_context *c, size_t index, const char *name, const char *value)
{
	return ask(c,
	    &(struct edit){ .kind = EDIT_HEADER_INSERT,
		.index = index,
		.name = name ? name : "",
		.value = str_of(value) });
}

bool
host_header_set(struct mf_context *c, const char *name, size_t n, const char *value)
{
	return ask(c, &(struct edit){ .kind = EDIT_HEADER_SET, .index = n, .name = name ? name : "",
	    .value = str_of(value) });
}

bool
host_header_delete(struct mf_context *c, const char *name, size_t n)
{
	return ask(
	    c, &(struct edit){ .kind = EDIT_HEADER_DELETE, .index = n, .name = name ? name : "" });
}

bool
host_body_replace(struct mf_context *c, const void *bytes, size_t size)
{
	return ask(c, &(struct edit){ .kind = EDIT_BODY_REPLACE, .value = bytes_of(bytes, size) });
}

bool
host_body_append(struct mf_context *c, const void *bytes, size_t size)
{
	return ask(c, &(struct edit){ .kind = EDIT_BODY_APPEND, .value = bytes_of(bytes, size) });
}

bool
host_sender_set(struct mf_context *c, const char *address, const char *arguments)
{
	return ask(c, &(struct edit){ .kind = EDIT_SENDER,
	    .value = { address, str_of(address).length }, .arguments = arguments });
}

bool
host_recipient_add(struct mf_context *c, const char *address, const char *arguments)
{
	return ask(c, &(struct edit){ .kind = EDIT_RECIPIENT_ADD, .value = str_of(address),
	    .arguments = arguments });
}

bool
host_recipient_delete(struct mf_context *c, const char *address)
{
	return ask(c, &(struct edit){ .kind = EDIT_RECIPIENT_DELETE,
	    .value = address ? str_of(address) : (struct str){ NULL, 0 } });
}

bool
host_quarantine(struct mf_context *c, const char *reason)
{
	return ask(c, &(struct edit){ .kind = EDIT_QUARANTINE, .value = str_of(reason) });
}

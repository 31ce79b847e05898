/* SPDX-License-Identifier: BSD-2-Clause */
/* What a plugin can read of the message's MIME parts, in `message`. What is made for plugins is
 * made once a view, and goes with it. */
#include <errno.h>
#include <string.h>

#include "filterd/chain/host.h"
#include "filterd/chain/host_mime.h"
#include "filterd/chain/start.h"
#include "filterd/chain/state.h"
#include "filterd/message/mime_decode.h"

struct mf_part_stream {
	struct mime_decoder decoder;
	char window[MIME_WINDOW];
};

struct mime_view *
host_mime_view(struct mf_context *c)
{
	struct seat *seat = seat_of(c);
	struct session *session = seat->session;
	struct mime_view *view;

	if (!session || !in_message(session) || seat->context.stage != MF_STAGE_MESSAGE ||
	    session->call.ending)
		return NULL;
	if (!(seat->filter->uses & MF_USE_BODY)) {
		if (!session->call.refused)
			session->call.refused =
			    "it reads the body, which its plugin did not declare";
		return NULL;
	}
	view = model_mime(&session->message.model);
	if (!view && !session->call.refused)
		session->call.refused = arena_printf(
		    arena_now(session), "cannot read the body: %s", strerror(errno));
	return view;
}

/* NULL: there is none of that number. */
static struct mime_part *
part_of(struct mime_view *view, size_t index)
{
	return view && index < view->count ? &view->parts[index] : NULL;
}

static const char *
word_of(struct str word)
{
	return word.length ? word.data : NULL;
}

static unsigned
flags_of(const struct mime_view *view, const struct mime_part *part)
{
	bool is_inline = str_equal(part->disposition, STR("inline"));

	return (mime_is_text(part) ? MF_PART_TEXT : 0u) |
	    (part->multipart ? MF_PART_MULTIPART : 0u) | (part->message ? MF_PART_MESSAGE : 0u) |
	    (mime_is_attachment(view, part) ? MF_PART_ATTACHMENT : 0u) |
	    (is_inline ? MF_PART_INLINE : 0u) | (part->inlined ? MF_PART_UUENCODED : 0u);
}

static struct mf_part
show_part(struct mime_view *view, const struct mime_part *part)
{
	const char **names = arena_array(view->arena, part->name_count + 1, sizeof(*names));
	size_t i;

	for (i = 0; i < part->name_count; i++)
		names[i] = part->names[i].data;
	return (struct mf_part){
		.index = part->index,
		.parent = part->parent,
		.depth = part->depth,
		.flags = flags_of(view, part),
		.type = part->type.data,
		.charset = word_of(part->charset),
		.encoding = word_of(part->encoding_name),
		.disposition = word_of(part->disposition),
		.content_id = word_of(part->content_id),
		.names = names,
		.name_count = part->name_count,
		.header_begin = part->header.begin,
		.header_end = part->header.end,
		.body_begin = part->body.begin,
		.body_end = part->body.end,
	};
}

/* All parts, in the view's memory. */
static const struct mf_part *
shown_parts(struct mime_view *view)
{
	struct mf_part *parts = view->foreign;
	size_t i;

	if (!parts) {
		parts = arena_array(view->arena, view->count, sizeof(*parts));
		for (i = 0; i < view->count; i++)
			parts[i] = show_part(view, &view->parts[i]);
		view->foreign = parts;
	}
	return parts;
}

size_t
host_part_count(struct mf_context *c)
{
	const struct mime_view *view = host_mime_view(c);

	return view ? view->count : 0;
}

const struct mf_part *
host_part(struct mf_context *c, size_t index)
{
	struct mime_view *view = host_mime_view(c);

	return part_of(view, index) ? &shown_parts(view)[index] : NULL;
}

const char *
host_part_detected(struct mf_context *c, size_t index)
{
	struct mime_view *view = host_mime_view(c);
	struct mime_part *part = part_of(view, index);

	return part ? word_of(mime_part_detected(view, part)) : NULL;
}

size_t
host_part_size(struct mf_context *c, size_t index)
{
	struct mime_view *view = host_mime_view(c);
	struct mime_part *part = part_of(view, index);

	return part ? mime_part_size(view, part) : 0;
}

/* The model folds with LF, and so does what is shown of a part. */
static struct str
with_line_feeds(struct arena *arena, struct str value)
{
	char *copy = arena_copy(arena, value.data, value.length);
	size_t i, length = 0;

	for (i = 0; i < value.length; i++) {
		if (value.data[i] != '\r' || i + 1 == value.length || value.data[i + 1] != '\n')
			copy[length++] = value.data[i];
	}
	copy[length] = '\0';
	return (struct str){ copy, length };
}

bool
host_part_header(struct mf_context *c, size_t index, size_t n, struct mf_header *field_r)
{
	struct mime_view *view = host_mime_view(c);
	const struct mime_part *part = part_of(view, index);
	struct str name, value;

	if (!part || part->parent == MIME_NONE)
		return part && host_header_at(c, n, field_r);
	if (n >= part->field_count)
		return false;
	name = arena_str(view->arena, part->fields[n].name);
	value = with_line_feeds(view->arena, part->fields[n].value);
	*field_r = (struct mf_header){ .name = name.data, .value = value.data,
		.name_length = name.length, .value_length = value.length, .index = n };
	return true;
}

struct mf_part_stream *
host_part_open(struct mf_context *c, size_t index)
{
	struct mime_view *view = host_mime_view(c);
	const struct mime_part *part = part_of(view, index);
	struct mf_part_stream *stream;

	if (!part)
		return NULL;
	stream = arena_alloc(view->arena, sizeof(*stream));
	mime_decoder_begin(&stream->decoder, view, part);
	return stream;
}

size_t
host_part_read(struct mf_context *c, struct mf_part_stream *stream, const void **bytes_r)
{
	const char *window = "";
	size_t size = 0;

	(void)c;
	if (stream)
		size = mime_decoder_next(&stream->decoder, stream->window, &window);
	*bytes_r = window;
	return size;
}

const char *
host_part_text(struct mf_context *c, size_t index, size_t *length_r)
{
	struct mime_view *view = host_mime_view(c);
	struct mime_part *part = part_of(view, index);
	struct str text = part ? mime_part_text(view, part) : STR("");

	if (length_r)
		*length_r = text.length;
	return text.data;
}

const char *const *
host_part_defects(struct mf_context *c, size_t index)
{
	static const char *const none[] = { NULL };
	struct mime_view *view = host_mime_view(c);
	struct mime_part *part = part_of(view, index);
	uint64_t defects = part ? mime_part_defects(view, part) : 0;
	const char **names;
	size_t count = 0;
	unsigned i;

	if (view && index == MF_NO_PART)
		defects = mime_defects(view);
	if (!defects)
		return none;
	names = arena_array(view->arena, MIME_DEFECT_COUNT + 1, sizeof(*names));
	for (i = 0; i < MIME_DEFECT_COUNT; i++) {
		if (defects & MIME_DEFECT_BIT(i))
			names[count++] = mime_defect_name(i);
	}
	return names;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Edits of parts, as pieces of the old body and new text between them. */
#include <assert.h>
#include <string.h>

#include "filterd/message/charset.h"
#include "filterd/message/mime_edit_parts.h"
#include "filterd/message/mime_encode.h"

/* ---- pieces ---- */

void
mime_edit_begin(struct mime_edit *edit, const struct mime_view *view, struct arena *arena)
{
	*edit = (struct mime_edit){ .view = view, .arena = arena };
}

static void
add_piece(struct mime_edit *edit, struct str piece)
{
	assert(edit->piece_count < MIME_EDIT_PIECES);
	if (piece.length)
		edit->pieces[edit->piece_count++] = piece;
}

static void
add_text(struct mime_edit *edit, const char *text)
{
	add_piece(edit, str_of(text));
}

static void
add_old(struct mime_edit *edit, size_t begin, size_t end)
{
	add_piece(edit, mime_bytes(edit->view, (struct mime_range){ begin, end }));
}

/* What follows from an offset on, in a line of its own. */
static void
add_rest(struct mime_edit *edit, size_t begin)
{
	struct str bytes = edit->view->bytes;

	if (begin < bytes.length && bytes.data[begin] != '\r' && bytes.data[begin] != '\n')
		add_text(edit, "\r\n");
	add_old(edit, begin, bytes.length);
}

static bool
refuse(struct mime_edit *edit, const char *why)
{
	edit->refused = why;
	return false;
}

static void
set_field(struct mime_edit *edit, const char *name, struct str value)
{
	assert(edit->field_count < MIME_EDIT_FIELDS);
	edit->fields[edit->field_count++] = (struct mime_edit_field){ name, value };
}

static void
set_text(struct mime_edit *edit, const char *name, const char *text)
{
	if (text)
		set_field(edit, name, str_of(arena_printf(edit->arena, " %s", text)));
}

/* A message without MIME-Version is none to strict readers (RFC 2045 section 4). */
static void
set_version(struct mime_edit *edit)
{
	const struct mime_part *message = &edit->view->parts[0];
	size_t i;

	for (i = 0; i < message->field_count; i++) {
		if (str_equal_nocase(message->fields[i].name, STR("MIME-Version")))
			return;
	}
	set_text(edit, "MIME-Version", "1.0");
}

/* ---- a part written anew ---- */

/* The fields that a plan replaces go. */
static bool
stays(const void *argument, struct str name)
{
	const struct mime_plan *plan = argument;

	if (plan->type && str_equal_nocase(name, STR("Content-Type")))
		return false;
	if (plan->disposition && str_equal_nocase(name, STR("Content-Disposition")))
		return false;
	return !plan->encoding || !str_equal_nocase(name, STR("Content-Transfer-Encoding"));
}

static struct str
planned_header(const struct mime_edit *edit, const struct mime_part *part,
    const struct mime_plan *plan)
{
	struct buffer header = { 0 };

	mime_add_fields(&header, edit->view, part, stays, plan);
	if (plan->type)
		buffer_printf(&header, "Content-Type: %s\r\n", plan->type);
	if (plan->disposition)
		buffer_printf(&header, "Content-Disposition: %s\r\n", plan->disposition);
	if (plan->encoding)
		buffer_printf(&header, "Content-Transfer-Encoding: %s\r\n", plan->encoding);
	buffer_add(&header, "\r\n", 2);
	return mime_take_buffer(edit->arena, &header);
}

static bool
ends_line(struct str text)
{
	return !text.length || text.data[text.length - 1] == '\n';
}

static bool
write_part(struct mime_edit *edit, const struct mime_part *part, const struct mime_plan *plan)
{
	bool same = !plan->type && !plan->encoding && !plan->disposition &&
	    !(part->defects & MIME_DEFECT_BIT(MIME_HEADER_UNTERMINATED));

	if (part->inlined)
		return refuse(edit, "a uuencoded file within text has no header of its own");
	if (part->parent == MIME_NONE) {
		set_text(edit, "Content-Type", plan->type);
		set_text(edit, "Content-Disposition", plan->disposition);
		set_text(edit, "Content-Transfer-Encoding", plan->encoding);
		if (!same)
			set_version(edit);
		add_piece(edit, plan->body);
		if (!ends_line(plan->body) && ends_line(edit->view->bytes))
			add_text(edit, "\r\n");
		return true;
	}
	add_old(edit, 0, part->header.begin);
	if (same)
		add_old(edit, part->header.begin, part->header.end);
	else
		add_piece(edit, planned_header(edit, part, plan));
	add_piece(edit, plan->body);
	add_rest(edit, part->body.end);
	return true;
}

/* Whether content can stand in the part as it is: has nothing that the part's encoding does not
 * allow, unless the part has it already. */
static bool
stands(const struct mime_part *part, uint64_t beyond)
{
	if (str_equal(part->encoding_name, STR("binary")))
		return true;
	if (str_equal(part->encoding_name, STR("8bit")))
		beyond &= ~MIME_DEFECT_BIT(MIME_8BIT);
	return !(beyond & ~part->defects);
}

/* In the part's encoding if it can be; else the name of another. */
static const char *
encode_alike(const struct mime_part *part, struct str bytes, struct buffer *body)
{
	uint64_t beyond = mime_beyond_7bit(bytes);

	switch (part->encoding) {
	case MIME_BASE64:
		mime_add_base64(body, bytes);
		return NULL;
	case MIME_QUOTED_PRINTABLE:
		mime_add_quoted_printable(body, bytes);
		return NULL;
	case MIME_IDENTITY:
		if (stands(part, beyond)) {
			buffer_add_str(body, bytes);
			return NULL;
		}
		if (beyond & MIME_DEFECT_BIT(MIME_NUL)) {
			mime_add_base64(body, bytes);
			return "base64";
		}
		mime_add_quoted_printable(body, bytes);
		return "quoted-printable";
	default:
		mime_add_base64(body, bytes);
		return "base64";
	}
}

bool
mime_edit_replace(struct mime_edit *edit, size_t index, const struct mime_content *content)
{
	const struct mime_part *part = &edit->view->parts[index];
	struct mime_plan plan = { .type = content->type, .disposition = content->disposition };
	struct str type = content->type ? str_of(content->type) : part->type;
	struct buffer body = { 0 };

	if (!content->type && (part->multipart || part->message))
		return refuse(edit, "new content for a part that holds parts needs a type");
	if (content->type)
		plan.encoding = mime_add_encoded(&body, str_has_prefix_nocase(type, STR("text/")),
		    content->bytes);
	else
		plan.encoding = encode_alike(part, content->bytes, &body);
	plan.body = mime_take_buffer(edit->arena, &body);
	return write_part(edit, part, &plan);
}

/* ---- text ---- */

/* Text that is not quite in the character set that it is said to be in stays so. */
static bool
encode_text(const struct mime_part *part, struct str charset, struct str text,
    struct buffer *bytes)
{
	struct buffer old = { 0 };
	bool loose;

	if (charset_encode(bytes, charset, text, false))
		return true;
	loose = part->text.data && !charset_encode(&old, charset, part->text, false);
	buffer_free(&old);
	bytes->length = 0;
	return loose && charset_encode(bytes, charset, text, true);
}

bool
mime_edit_text(struct mime_edit *edit, size_t index, struct str text)
{
	const struct mime_part *part = &edit->view->parts[index];
	struct str charset = part->charset.length ? part->charset : STR("us-ascii");
	struct buffer lines = { 0 }, bytes = { 0 }, body = { 0 };
	struct mime_plan plan = { NULL, NULL, NULL, { "", 0 } };
	struct str content;

	if (!mime_is_text(part))
		return refuse(edit, "a part that is no text has no text to set");
	if (part->defects & MIME_DEFECT_BIT(MIME_TEXT_CUT))
		return refuse(edit, "the text of the part is larger than is looked at");
	mime_add_lines(&lines, text);
	content = (struct str){ buffer_text(&lines), lines.length };
	if (encode_text(part, charset, content, &bytes)) {
		content = (struct str){ buffer_text(&bytes), bytes.length };
	} else if (part->charset.length || !(part->defects & MIME_DEFECT_BIT(MIME_8BIT))) {
		plan.type = mime_with_charset(part, edit->arena, "utf-8");
	}
	plan.encoding = encode_alike(part, content, &body);
	plan.body = mime_take_buffer(edit->arena, &body);
	buffer_free(&bytes);
	buffer_free(&lines);
	return write_part(edit, part, &plan);
}

/* ---- removing ---- */

/* Parts that a part holds. */
static size_t
count_parts(const struct mime_view *view, size_t parent)
{
	size_t i, count = 0;

	for (i = 0; i < view->count; i++)
		count += view->parts[i].parent == parent;
	return count;
}

bool
mime_edit_remove(struct mime_edit *edit, size_t index)
{
	const struct mime_view *view = edit->view;
	const struct mime_part *part = &view->parts[index];
	struct mime_plan plan = { "text/plain", "7bit", NULL, { "", 0 } };

	/* A message goes with the part that holds it. */
	while (part->parent != MIME_NONE && view->parts[part->parent].message)
		part = &view->parts[part->parent];
	if (part->inlined) {
		add_old(edit, 0, part->body.begin);
		add_old(edit, part->body.end, view->bytes.length);
		return true;
	}
	if (part->parent != MIME_NONE && count_parts(view, part->parent) > 1) {
		add_old(edit, 0, part->delimiter.begin);
		add_rest(edit, part->body.end);
		return true;
	}
	if (part->disposition.length || part->name_count)
		plan.disposition = "inline";
	return write_part(edit, part, &plan);
}

/* ---- adding and wrapping ---- */

/* A new part behind "--BOUNDARY", up to the next one. */
static struct str
new_part(const struct mime_edit *edit, const struct mime_content *content)
{
	struct buffer text = { 0 };

	buffer_add(&text, "\r\n", 2);
	mime_add_part(&text, content);
	return mime_take_buffer(edit->arena, &text);
}

/* A multipart around a part; behind the part another one, unless it is NULL. */
static bool
wrap(struct mime_edit *edit, const struct mime_part *part, const char *type,
    const struct mime_content *content)
{
	const char *boundary = mime_new_boundary(edit->view, edit->arena);
	bool message = part->parent == MIME_NONE;
	struct buffer header = { 0 };

	if (part->inlined)
		return refuse(edit, "a uuencoded file within text has no header of its own");
	add_old(edit, 0, part->header.begin);
	if (message) {
		edit->strip = true;
		set_text(edit, "Content-Type", arena_printf(edit->arena,
		    "%s;\n\tboundary=\"%s\"", type, boundary));
		set_version(edit);
	} else {
		buffer_printf(&header, "Content-Type: %s;\r\n\tboundary=\"%s\"\r\n", type,
		    boundary);
		mime_add_fields(&header, edit->view, part, mime_is_other_field, NULL);
		buffer_add(&header, "\r\n", 2);
	}
	buffer_printf(&header, "--%s\r\n", boundary);
	mime_add_fields(&header, edit->view, part, mime_is_content_field, NULL);
	buffer_add(&header, "\r\n", 2);
	add_piece(edit, mime_take_buffer(edit->arena, &header));
	add_old(edit, part->body.begin, part->body.end);
	if (content) {
		add_text(edit, arena_printf(edit->arena, "\r\n--%s", boundary));
		add_piece(edit, new_part(edit, content));
	}
	add_text(edit, arena_printf(edit->arena, "\r\n--%s--%s", boundary, message ? "\r\n" : ""));
	add_rest(edit, part->body.end);
	return true;
}

bool
mime_edit_append(struct mime_edit *edit, size_t index, const struct mime_content *content)
{
	const struct mime_part *part = &edit->view->parts[index];
	struct str boundary = part->boundary;

	if (!part->multipart)
		return wrap(edit, part, "multipart/mixed", content);
	if (!boundary.length)
		boundary = part->boundaries[0];
	add_old(edit, 0, part->close);
	add_text(edit, "\r\n--");
	add_piece(edit, boundary);
	add_piece(edit, new_part(edit, content));
	if (!part->closed) {
		add_text(edit, "\r\n--");
		add_piece(edit, boundary);
		add_text(edit, part->close == edit->view->bytes.length ? "--\r\n" : "--");
	}
	add_rest(edit, part->close);
	return true;
}

bool
mime_edit_wrap(struct mime_edit *edit, size_t index, const char *type)
{
	return wrap(edit, &edit->view->parts[index], type, NULL);
}

/* ---- fields ---- */

bool
mime_edit_field(struct mime_edit *edit, size_t index, const char *name, struct str value)
{
	const struct mime_part *part = &edit->view->parts[index];
	struct buffer header = { 0 };
	bool written = !value.data;
	size_t i, at = part->header.begin;

	if (part->inlined)
		return refuse(edit, "a uuencoded file within text has no header of its own");
	if (part->parent == MIME_NONE) {
		set_field(edit, name, value);
		add_piece(edit, edit->view->bytes);
		return true;
	}
	add_old(edit, 0, at);
	for (i = 0; i < part->field_count; i++) {
		const struct mime_field *field = &part->fields[i];
		bool ours = str_equal_nocase(field->name, str_of(name));

		buffer_add_str(&header, mime_bytes(edit->view,
		    (struct mime_range){ at, ours ? field->range.begin : field->range.end }));
		at = field->range.end;
		if (ours && !written)
			mime_add_field(&header, field->name, value);
		else if (ours && value.data)
			buffer_add_str(&header, mime_bytes(edit->view, field->range));
		written |= ours;
	}
	if (!written)
		mime_add_field(&header, str_of(name), value);
	if (part->defects & MIME_DEFECT_BIT(MIME_HEADER_UNTERMINATED))
		buffer_add(&header, "\r\n", 2);
	add_piece(edit, mime_take_buffer(edit->arena, &header));
	add_old(edit, at, edit->view->bytes.length);
	return true;
}

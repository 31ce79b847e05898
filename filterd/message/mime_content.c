/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the content of a part comes to, made when it is asked for, once: its size and defects, which
 * want all of it decoded, a window at a time; the type that its beginning speaks for; its text.
 */
#include <string.h>

#include "filterd/message/charset.h"
#include "filterd/message/mime_decode.h"
#include "filterd/message/mime_parts.h"
#include "filterd/message/mime_signature.h"
#include "filterd/util/buffer.h"

#define HTML_LINKS	10000	/* of a part */

static const struct str replacement = { "\xef\xbf\xbd", 3 };

struct str
mime_bytes(const struct mime_view *view, struct mime_range range)
{
	return (struct str){ view->bytes.data + range.begin, range.end - range.begin };
}

bool
mime_is_text(const struct mime_part *part)
{
	return str_has_prefix_nocase(part->type, STR("text/")) && !part->multipart;
}

bool
mime_is_attachment(const struct mime_view *view, const struct mime_part *part)
{
	const struct mime_part *parent =
	    part->parent == MIME_NONE ? NULL : &view->parts[part->parent];

	if (part->multipart)
		return false;
	if (part->name_count || str_equal(part->disposition, STR("attachment")))
		return true;
	if (part->message || mime_is_text(part))
		return false;
	return !parent || !str_equal(parent->type, STR("multipart/related"));
}

/* Whether there is content that is no parts. */
static bool
is_leaf(const struct mime_part *part)
{
	return !part->multipart && !part->message;
}

struct str
mime_part_detected(struct mime_view *view, struct mime_part *part)
{
	struct mime_decoder decoder;
	char buffer[MIME_WINDOW];
	struct str window = { "", 0 };

	if (part->detected.data)
		return part->detected;
	part->detected = STR("");
	if (!is_leaf(part))
		return part->detected;
	mime_decoder_begin(&decoder, view, part);
	if (decoder.rest.length > 4 * MIME_SIGNATURE_WINDOW)
		decoder.rest.length = 4 * MIME_SIGNATURE_WINDOW;
	window.length = mime_decoder_next(&decoder, buffer, &window.data);
	part->detected = mime_signature(window);
	return part->detected;
}

static void
examine(struct mime_view *view, struct mime_part *part)
{
	struct mime_decoder decoder;
	char buffer[MIME_WINDOW];
	const char *window;
	size_t made;

	if (part->examined)
		return;
	part->examined = true;
	part->size = part->body.end - part->body.begin;
	if (!is_leaf(part) || part->encoding == MIME_IDENTITY)
		return;
	part->size = 0;
	mime_decoder_begin(&decoder, view, part);
	while ((made = mime_decoder_next(&decoder, buffer, &window)))
		part->size += made;
	part->defects |= decoder.defects;
}

size_t
mime_part_size(struct mime_view *view, struct mime_part *part)
{
	examine(view, part);
	return part->size;
}

/* Whether it is said to be a TNEF and is none, so that nobody looks into it but its reader. */
static bool
is_no_tnef(struct mime_view *view, struct mime_part *part)
{
	return (str_equal(part->type, STR("application/ms-tnef")) ||
	    str_equal(part->type, STR("application/vnd.ms-tnef")) ||
	    (part->name_count && str_equal_nocase(part->names[0], STR("winmail.dat")))) &&
	    !str_equal(mime_part_detected(view, part), STR("application/ms-tnef"));
}

uint64_t
mime_part_defects(struct mime_view *view, struct mime_part *part)
{
	examine(view, part);
	if (is_no_tnef(view, part))
		mime_note(part, MIME_OPAQUE);
	if (mime_is_text(part))
		mime_part_text(view, part);
	return part->defects;
}

uint64_t
mime_defects(struct mime_view *view)
{
	uint64_t defects = 0;
	size_t i;

	for (i = 0; i < view->count; i++)
		defects |= mime_part_defects(view, &view->parts[i]);
	return defects;
}

/* ---- text ---- */

/* Decoded bytes as far as they can be needed for a text of that size. */
static void
gather(struct mime_view *view, struct mime_part *part, struct buffer *bytes)
{
	struct mime_decoder decoder;
	char buffer[MIME_WINDOW];
	size_t limit = view->limits.text - view->text_made, made;
	const char *window;

	mime_decoder_begin(&decoder, view, part);
	while (bytes->length <= limit && (made = mime_decoder_next(&decoder, buffer, &window))) {
		if (made > limit + 1 - bytes->length)
			made = limit + 1 - bytes->length;
		buffer_add(bytes, window, made);
	}
	if (bytes->length > limit) {
		mime_note(part, MIME_TEXT_CUT);
		bytes->length = limit;
	}
}

/* Where the text can be cut without cutting a character. */
static size_t
whole_characters(struct str text, size_t maximum)
{
	if (text.length <= maximum)
		return text.length;
	while (maximum && ((unsigned char)text.data[maximum] & 0xc0) == 0x80)
		maximum--;
	return maximum;
}

/* A character set that is not known: UTF-8, as far as it is that. */
static void
convert(struct mime_part *part, struct str bytes, struct buffer *text)
{
	struct str charset = part->charset.length ? part->charset : STR("us-ascii");

	if (!charset_add_lines(text, charset, bytes)) {
		mime_note(part, MIME_CHARSET_UNKNOWN);
		charset_add_lines(text, STR("utf-8"), bytes);
	}
	if (memmem(buffer_text(text), text->length, replacement.data, replacement.length) &&
	    !memmem(bytes.data, bytes.length, replacement.data, replacement.length))
		mime_note(part, MIME_CHARSET_INVALID);
}

struct str
mime_part_text(struct mime_view *view, struct mime_part *part)
{
	struct buffer bytes = { 0 }, text = { 0 };
	size_t limit = view->limits.text - view->text_made;

	if (part->text.data)
		return part->text;
	part->text = STR("");
	if (!mime_is_text(part))
		return part->text;
	gather(view, part, &bytes);
	convert(part, (struct str){ buffer_text(&bytes), bytes.length }, &text);
	part->text = (struct str){ buffer_text(&text), text.length };
	if (part->text.length > limit)
		mime_note(part, MIME_TEXT_CUT);
	part->text.length = whole_characters(part->text, limit);
	view->text_made += part->text.length;
	part->text = arena_str(view->arena, part->text);
	buffer_free(&bytes);
	buffer_free(&text);
	return part->text;
}

const struct html_document *
mime_part_html(struct mime_view *view, struct mime_part *part)
{
	const struct html_limits limits = { .text = view->limits.text, .links = HTML_LINKS };
	struct html_document *document;

	if (part->html || !str_equal(part->type, STR("text/html")))
		return part->html;
	document = arena_alloc(view->arena, sizeof(*document));
	html_read(view->arena, &limits, mime_part_text(view, part), document);
	if (document->cut)
		mime_note(part, MIME_TEXT_CUT);
	part->html = document;
	return document;
}

struct str
mime_part_shown(struct mime_view *view, struct mime_part *part)
{
	const struct html_document *document = mime_part_html(view, part);

	return document ? document->text : mime_part_text(view, part);
}

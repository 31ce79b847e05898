/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Edits of a part. Wherever its character set has markup and line ends as ASCII has them, what is
 * added is put among the bytes of its content, all of which stay as they are. Else, and where the
 * character set lacks a character of a plain text, its text is written anew, which the host puts
 * into UTF-8 if need be; HTML has references for what the character set lacks.
 */
#include <string.h>

#include "filterd/message/charset.h"
#include "plugins/footer/body.h"
#include "plugins/footer/compose.h"
#include "plugins/footer/edit.h"
#include "plugins/footer/place.h"

static bool
has_defect(struct mf_context *c, size_t index, const char *name)
{
	const char *const *defect;

	for (defect = mf_part_defects(c, index); *defect; defect++) {
		if (strcmp(*defect, name) == 0)
			return true;
	}
	return false;
}

/* ---- character sets ---- */

static struct str
charset_of(const struct mf_part *part)
{
	return part->charset ? str_of(part->charset) : STR("us-ascii");
}

/* Whether the character set has what footers are placed by as ASCII has it. One that is not known
 * has, for all that one can see; so has one whose letters are shifted, where none are. */
static bool
is_like_ascii(struct str charset, struct str content)
{
	const struct str probe = STR("<html>&#;=\"'/!?+-_.,:()[] \t\r\n0189AZaz");
	struct buffer encoded = { 0 };
	bool like = !charset_encode(&encoded, charset, probe, false) ||
	    str_equal(text_in(&encoded), probe);
	size_t i;

	buffer_free(&encoded);
	for (i = 0; like && i < content.length; i++)
		like = !memchr("\033\016\017", content.data[i], 3);
	return like;
}

/* Adds the text in the character set. False: it does not have all of it. */
static bool
encode(struct buffer *to, struct str charset, struct str text)
{
	if (compose_is_ascii(text)) {
		buffer_add_str(to, text);
		return true;
	}
	return charset_encode(to, charset, text, false);
}

/* Whether bytes beyond ASCII can stand in the part without another encoding. */
static bool
takes_8bit(const struct mf_part *part)
{
	return part->encoding && strcmp(part->encoding, "7bit") != 0;
}

/* Adds an addition as it can stand in the part's content. */
static bool
fit(struct buffer *to, const struct mf_part *part, struct str text)
{
	if (!body_is_html(part))
		return encode(to, charset_of(part), text);
	if (takes_8bit(part) && encode(to, charset_of(part), text))
		return true;
	to->length = 0;
	compose_ascii_html(to, text);
	return true;
}

/* ---- edits ---- */

/* All of a part's decoded content, in the message's memory. */
static struct str
content_of(struct mf_context *c, size_t index)
{
	char *content = mf_alloc(c, mf_part_size(c, index) + 1);
	struct mf_part_stream *stream = mf_part_open(c, index);
	size_t length = 0, size;
	const void *bytes;

	while ((size = mf_part_read(c, stream, &bytes)) > 0) {
		memcpy(content + length, bytes, size);
		length += size;
	}
	return (struct str){ content, length };
}

static void
place(struct buffer *to, const struct mf_part *part, struct str document, struct str before,
    struct str after)
{
	if (body_is_html(part))
		place_html(to, document, before, after);
	else
		place_text(to, document, before, after);
}

/* False: the character set lacks something, and nothing was done. */
static bool
edit_content(struct mf_context *c, const struct mf_part *part, const struct additions *additions)
{
	struct str content = content_of(c, part->index);
	struct buffer before = { 0 }, after = { 0 }, edited = { 0 };
	bool fits = is_like_ascii(charset_of(part), content) &&
	    fit(&before, part, additions->before) && fit(&after, part, additions->after);

	if (fits) {
		place(&edited, part, content, text_in(&before), text_in(&after));
		mf_part_replace(c, part->index, &(struct mf_part_content){
			.bytes = buffer_text(&edited), .size = edited.length });
	}
	buffer_free(&before);
	buffer_free(&after);
	buffer_free(&edited);
	return fits;
}

static void
edit_text(struct mf_context *c, const struct mf_part *part, const struct additions *additions)
{
	struct buffer edited = { 0 };
	struct str text;

	text.data = mf_part_text(c, part->index, &text.length);
	place(&edited, part, text, additions->before, additions->after);
	mf_part_set_text(c, part->index, buffer_text(&edited), edited.length);
	buffer_free(&edited);
}

const char *
edit_part(struct mf_context *c, size_t index, const struct additions *additions)
{
	const struct mf_part *part = mf_part(c, index);

	if (edit_content(c, part, additions))
		return NULL;
	if (has_defect(c, index, "charset-invalid") || has_defect(c, index, "charset-unknown"))
		return "not in its character set";
	edit_text(c, part, additions);
	return NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The actions replace-body and replace-text: matches are replaced in the decoded text of the
 * message's text parts, and what comes of it is written back in the encoding and character set of
 * each part. Where those do not have all of the text (it is not what they say, or is too long to be
 * decoded), matches are replaced in the bytes of the content, so that nothing else of it is
 * changed.
 */
#include <string.h>

#include "plugins/rules/action_run.h"

/* Whether the text of the part is not all that its content holds. */
static bool
is_lossy(struct mf_context *c, size_t index)
{
	const char *const *defect;

	for (defect = mf_part_defects(c, index); *defect; defect++) {
		if (strncmp(*defect, "charset-", 8) == 0 || strcmp(*defect, "text-cut") == 0 ||
		    strcmp(*defect, "nul") == 0)
			return true;
	}
	return false;
}

/* Whether there are bytes that text in this character set does not show: control characters, and
 * line ends other than CRLF. */
static bool
has_controls(const char *charset, const char *content, size_t size)
{
	size_t i;

	if (charset && (strncmp(charset, "iso-2022", 8) == 0 ||
	    strncmp(charset, "utf-16", 6) == 0 || strncmp(charset, "hz", 2) == 0))
		return false;
	for (i = 0; i < size; i++) {
		unsigned char c = (unsigned char)content[i];

		if ((c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == 0x7f ||
		    (c == '\r' && (i + 1 == size || content[i + 1] != '\n')) ||
		    (c == '\n' && (i == 0 || content[i - 1] != '\r')))
			return true;
	}
	return false;
}

/* Whether the content stands in the body as it is: nothing has to be decoded (RFC 2045 section
 * 6.2). */
static bool
is_plain(const struct mf_part *part, size_t size)
{
	const char *encoding = part->encoding ? part->encoding : "7bit";

	return size == part->body_end - part->body_begin &&
	    (strcmp(encoding, "7bit") == 0 || strcmp(encoding, "8bit") == 0 ||
		strcmp(encoding, "binary") == 0);
}

/* All of a part's decoded content: in the body itself, else in the message's memory. */
static const char *
content_of(struct mf_context *c, const struct mf_part *part, size_t *size_r)
{
	size_t size = mf_part_size(c, part->index), unused;
	struct mf_part_stream *stream;
	const void *bytes;
	char *content;

	*size_r = size;
	if (is_plain(part, size))
		return (const char *)mf_body(c, &unused) + part->body_begin;
	stream = mf_part_open(c, part->index);
	content = mf_alloc(c, size + 1);
	for (*size_r = 0; (size = mf_part_read(c, stream, &bytes)) > 0; *size_r += size)
		memcpy(content + *size_r, bytes, size);
	return content;
}

/* Matches in the bytes of the content. */
static void
replace_in_content(const struct action_run *run, const struct replace_body_options *o,
    size_t index, const char *content, size_t size)
{
	struct mf_part_content changed = { NULL, NULL, NULL, 0 };

	changed.bytes = mf_replace(run->c, o->pattern, o->with, content, size, &changed.size);
	if (changed.bytes)
		mf_part_replace(run->c, index, &changed);
}

static void
replace_in_part(const struct action_run *run, const struct replace_body_options *o,
    const struct mf_part *part)
{
	size_t index = part->index, length, changed_length, size;
	const char *text = mf_part_text(run->c, index, &length), *content;
	const char *changed = mf_replace(run->c, o->pattern, o->with, text, length,
	    &changed_length);

	if (!changed && !is_lossy(run->c, index))
		return;
	content = content_of(run->c, part, &size);
	if (is_lossy(run->c, index) || has_controls(part->charset, content, size))
		replace_in_content(run, o, index, content, size);
	else
		mf_part_set_text(run->c, index, changed, changed_length);
}

/* A part that is given a text keeps its place among the parts. */
static enum mf_verdict
replace_in_parts(const struct action_run *run, const struct replace_body_options *o, bool plain)
{
	const struct mf_part *part;
	size_t i;

	for (i = 0; (part = mf_part(run->c, i)); i++) {
		if ((part->flags & MF_PART_TEXT) &&
		    (!plain || strcmp(part->type, "text/plain") == 0))
			replace_in_part(run, o, part);
	}
	return MF_CONTINUE;
}

enum mf_verdict
run_replace_body(const struct action_run *run, const void *options)
{
	return replace_in_parts(run, options, false);
}

enum mf_verdict
run_replace_text(const struct action_run *run, const void *options)
{
	return replace_in_parts(run, options, true);
}

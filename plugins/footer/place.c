/* SPDX-License-Identifier: BSD-2-Clause */
/* Footers put into documents: HTML by its tokens, plain text by its lines. */
#include <stdint.h>
#include <string.h>

#include "filterd/message/html_token.h"
#include "plugins/footer/place.h"

/* ---- HTML ---- */

/* What has been read of a document so far, as offsets into it. */
struct outline {
	struct str document;
	struct html_reader reader;
	struct html_token token;
	size_t begin;			/* of the token */
	bool in_title;			/* the next text is that of an element in the head */
	size_t templates;		/* open <template>, whose content is not shown */
	size_t template_begin;		/* of the outermost one */
	size_t raw_begin;		/* of the element whose text is being read */
	bool raw;
	bool has_body_end, has_html_end;
	size_t body_end, html_end;	/* where the last of these end tags begin */
};

static bool
is(const struct outline *outline, const char *element)
{
	return str_equal_nocase(outline->token.name, str_of(element));
}

static bool
is_blank(struct str text)
{
	return str_trim(text).length == 0;
}

static size_t
offset(const struct outline *outline)
{
	return outline->document.length - outline->reader.rest.length;
}

static size_t
begin_of(const struct outline *outline)
{
	const struct html_token *token = &outline->token;
	const char *at = token->kind == HTML_START ? token->name.data - 1 :
	    token->kind == HTML_END ? token->name.data - 2 : token->text.data;

	return (size_t)(at - outline->document.data);
}

/* Keeps count of <template>. True: the token belongs to one. */
static bool
in_template(struct outline *outline)
{
	bool within = outline->templates > 0;

	if (outline->token.name.length == 0 || !is(outline, "template"))
		return within;
	if (outline->token.kind == HTML_START) {
		if (outline->templates++ == 0)
			outline->template_begin = outline->begin;
	} else if (within) {
		outline->templates--;
	}
	return true;
}

/* The text of an element that has no markup in it stands between its tags; what is not closed
 * goes on to the end. */
static void
note_raw(struct outline *outline)
{
	if (outline->token.kind == HTML_START && outline->reader.raw.length) {
		outline->raw = true;
		outline->raw_begin = outline->begin;
	} else if (outline->token.kind == HTML_END) {
		outline->raw = false;
	}
}

/* Whether the tag has a quote that is never closed: the standard has the document end there. */
static bool
is_endless(const struct outline *outline)
{
	uintptr_t document = (uintptr_t)outline->document.data;
	size_t i;

	for (i = 0; i < outline->token.attribute_count; i++) {
		struct str value = outline->token.attributes[i].value;
		size_t at = (size_t)((uintptr_t)value.data - document);
		bool within = at > 0 && at < outline->document.length;	/* not one left out */

		if (within && (value.data[-1] == '"' || value.data[-1] == '\'') &&
		    value.data[value.length] != value.data[-1])
			return true;
	}
	return false;
}

static bool
next_token(struct outline *outline)
{
	if (!html_next(&outline->reader, &outline->token) || is_endless(outline))
		return false;
	outline->begin = begin_of(outline);
	note_raw(outline);
	return true;
}

/* Whether the token may stand in front of the body without beginning it (HTML standard, section
 * 13.2.6.4.1 to 13.2.6.4.6). */
static bool
is_head(struct outline *outline)
{
	static const char *const elements[] = { "html", "head", "title", "meta", "link", "base",
		"script", "style", "noscript", "bgsound", "basefont", "noframes" };
	bool in_title = outline->in_title;
	size_t i;

	outline->in_title = false;
	if (outline->token.kind == HTML_RAW_TEXT || outline->token.kind == HTML_END)
		return true;
	if (outline->token.kind == HTML_TEXT)
		return in_title || is_blank(outline->token.text);
	outline->in_title = is(outline, "title");
	for (i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
		if (is(outline, elements[i]))
			return true;
	}
	return false;
}

/* The end; if it is within an element that shows nothing and is not closed, before that. */
static size_t
before_unseen(const struct outline *outline, size_t end)
{
	if (outline->templates)
		return outline->template_begin;
	return outline->raw ? outline->raw_begin : end;
}

/* Behind <body>, or before what begins the body without it. */
static size_t
find_begin(struct outline *outline)
{
	size_t at = 0;

	while (next_token(outline)) {
		if (in_template(outline))
			continue;
		if (outline->token.kind == HTML_START && is(outline, "body"))
			return offset(outline);
		if (!is_head(outline))
			return outline->begin;
		at = offset(outline);
	}
	return before_unseen(outline, at);
}

static void
note_end(struct outline *outline)
{
	if (outline->token.kind != HTML_END)
		return;
	if (is(outline, "body")) {
		outline->has_body_end = true;
		outline->body_end = outline->begin;
	} else if (is(outline, "html")) {
		outline->has_html_end = true;
		outline->html_end = outline->begin;
	}
}

/* A document that ends in "</" has it as text, but with anything behind it, it is a comment. */
static size_t
before_slash(struct str document, size_t at)
{
	return at == document.length && at >= 2 && memcmp(document.data + at - 2, "</", 2) == 0 ?
	    at - 2 : at;
}

/* Before the last </body>, or </html>; without them behind the last token, which what follows it,
 * a comment or a tag that is not closed, is not. */
static size_t
find_end(struct outline *outline)
{
	size_t at = 0;

	while (next_token(outline)) {
		if (in_template(outline))
			continue;
		note_end(outline);
		at = offset(outline);
	}
	if (outline->has_body_end)
		return outline->body_end;
	return outline->has_html_end ? outline->html_end :
	    before_unseen(outline, before_slash(outline->document, at));
}

size_t
place_in_html(struct str document, enum place place)
{
	struct outline outline = { .document = document, .reader = { .rest = document } };

	if (!document.length)
		return 0;
	return place == PLACE_BEFORE ? find_begin(&outline) : find_end(&outline);
}

/* ---- lines ---- */

/* The line end that the document has; CRLF where it has none. */
static const char *
line_end_of(struct str document)
{
	const char *found = document.length ? memchr(document.data, '\n', document.length) : NULL;

	return found && (found == document.data || found[-1] != '\r') ? "\n" : "\r\n";
}

/* Adds lines, the line ends replaced; without the last one if the text is to end within a line. */
static void
add_lines(struct buffer *to, struct str lines, const char *line_end, bool whole)
{
	while (lines.length) {
		const char *found = memchr(lines.data, '\n', lines.length);
		size_t size = found ? (size_t)(found - lines.data) : lines.length;
		size_t step = found ? size + 1 : size;

		buffer_add(to, lines.data, size);
		lines.data += step;
		lines.length -= step;
		if (found && (lines.length || whole))
			buffer_add_text(to, line_end);
	}
}

static bool
ends_line(struct str text)
{
	return !text.length || text.data[text.length - 1] == '\n';
}

static bool
begins_line(struct str text)
{
	return !text.length || text.data[0] == '\n' || text.data[0] == '\r';
}

/* Adds lines between what has been added and what will be; `whole`: the document ends in a line. */
static void
add_between(struct buffer *to, struct str text, struct str behind, const char *line_end, bool whole)
{
	if (!text.length)
		return;
	if (!ends_line((struct str){ buffer_text(to), to->length }))
		buffer_add_text(to, line_end);
	add_lines(to, text, line_end, behind.length ? !begins_line(behind) : whole);
}

static struct str
between(struct str document, size_t begin, size_t end)
{
	return (struct str){ document.data + begin, end - begin };
}

void
place_html(struct buffer *to, struct str document, struct str before, struct str after)
{
	const char *line_end = line_end_of(document);
	size_t begin = before.length ? place_in_html(document, PLACE_BEFORE) : 0;
	size_t end = after.length ? place_in_html(document, PLACE_AFTER) : document.length;
	bool whole = ends_line(document);

	if (end < begin)
		end = begin;
	buffer_add_str(to, between(document, 0, begin));
	add_between(to, before, between(document, begin, document.length), line_end, whole);
	buffer_add_str(to, between(document, begin, end));
	add_between(to, after, between(document, end, document.length), line_end, whole);
	buffer_add_str(to, between(document, end, document.length));
}

/* ---- plain text ---- */

/* Whether the last line has nothing in it. */
static bool
ends_empty_line(struct str text)
{
	while (text.length && text.data[text.length - 1] == '\r')
		text.length--;
	if (!ends_line(text) || !text.length)
		return !text.length;
	text.length--;
	while (text.length && text.data[text.length - 1] == '\r')
		text.length--;
	return ends_line(text);
}

void
place_text(struct buffer *to, struct str document, struct str before, struct str after)
{
	static const struct str mark = { "\xef\xbb\xbf", 3 };
	const char *line_end = line_end_of(document);
	bool whole = ends_line(document);
	struct str rest = document;

	if (document.length >= mark.length && memcmp(document.data, mark.data, mark.length) == 0) {
		buffer_add_str(to, mark);
		rest.data += mark.length;
		rest.length -= mark.length;
	}
	if (before.length) {
		add_lines(to, before, line_end, true);
		if (!begins_line(rest))
			buffer_add_text(to, line_end);
	}
	buffer_add_str(to, rest);
	if (!after.length)
		return;
	if (!whole)
		buffer_add_text(to, line_end);
	if (!ends_empty_line((struct str){ buffer_text(to), to->length }))
		buffer_add_text(to, line_end);
	add_lines(to, after, line_end, whole);
}

bool
place_holds(struct str document, struct str text, enum place place, size_t window)
{
	size_t size = document.length < window ? document.length : window;

	if (place == PLACE_AFTER)
		document.data += document.length - size;
	while (text.length && text.data[text.length - 1] == '\n')
		text.length--;
	return text.length && text.length <= size &&
	    memmem(document.data, size, text.data, text.length);
}

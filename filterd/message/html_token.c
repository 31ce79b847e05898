/* SPDX-License-Identifier: BSD-2-Clause */
/* HTML as a row of tokens: section 13.2.5 of the standard, one function a group of its states. */
#include <string.h>

#include "filterd/message/html_token.h"

static bool
is_letter(char c)
{
	return str_lower(c) >= 'a' && str_lower(c) <= 'z';
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static struct str
take(struct str *rest, size_t size)
{
	struct str taken = { rest->data, size };

	rest->data += size;
	rest->length -= size;
	return taken;
}

static void
skip_blanks(struct str *rest, bool slashes)
{
	while (rest->length && (is_blank(*rest->data) || (slashes && *rest->data == '/')))
		take(rest, 1);
}

/* Bytes up to the first blank, ">", or one of the others, from a place on. */
static size_t
word(struct str text, size_t from, const char *others)
{
	size_t i = from < text.length ? from : text.length;

	while (i < text.length && !is_blank(text.data[i]) && text.data[i] != '>' &&
	    !(text.data[i] && strchr(others, text.data[i])))
		i++;
	return i;
}

static size_t
up_to(struct str text, char c)
{
	const char *found = text.length ? memchr(text.data, c, text.length) : NULL;

	return found ? (size_t)(found - text.data) : text.length;
}

/* ---- what is no tag ---- */

/* Bytes of a comment, which begins with "<!--" (13.2.5.43 to 13.2.5.52). */
static size_t
comment_size(struct str text)
{
	size_t i = 4;

	if (i < text.length && text.data[i] == '>')
		return i + 1;
	if (i + 1 < text.length && text.data[i] == '-' && text.data[i + 1] == '>')
		return i + 2;
	while (i < text.length) {
		struct str rest = { text.data + i, text.length - i };

		if (rest.length >= 3 && memcmp(rest.data, "-->", 3) == 0)
			return i + 3;
		if (rest.length >= 4 && memcmp(rest.data, "--!>", 4) == 0)
			return i + 4;
		i += rest.data[0] == '-' ? 1 : up_to(rest, '-');
	}
	return text.length;
}

/* Bytes of what stands there and is neither tag nor text: a comment, a document type, what is taken
 * for a comment (13.2.5.41). 0: text or a tag. */
static size_t
passed_over(struct str text)
{
	bool bogus;

	if (text.length < 2 || text.data[0] != '<')
		return 0;
	if (text.length >= 4 && memcmp(text.data, "<!--", 4) == 0)
		return comment_size(text);
	bogus = text.data[1] == '!' || text.data[1] == '?' ||
	    (text.data[1] == '/' && text.length > 2 && !is_letter(text.data[2]));
	if (!bogus)
		return 0;
	bogus = up_to(text, '>') < text.length;
	return up_to(text, '>') + bogus;
}

static bool
begins_tag(struct str text)
{
	size_t letter = text.length > 1 && text.data[1] == '/' ? 2 : 1;

	return text.length > letter && text.data[0] == '<' && is_letter(text.data[letter]);
}

/* ---- tags ---- */

/* 13.2.5.35 to 13.2.5.39, behind the name. A quote that is never closed ends with the tag, so
 * that the rest of the document is seen. */
static struct str
attribute_value(struct str *rest)
{
	char quote;
	size_t size;
	struct str value;

	skip_blanks(rest, false);
	if (!rest->length || *rest->data != '=')
		return (struct str){ "", 0 };
	take(rest, 1);
	skip_blanks(rest, false);
	if (!rest->length || *rest->data == '>')
		return (struct str){ "", 0 };
	quote = *rest->data;
	if (quote != '"' && quote != '\'')
		return take(rest, word(*rest, 0, ""));
	take(rest, 1);
	size = up_to(*rest, quote);
	if (size == rest->length) {
		size = up_to(*rest, '>');
		return take(rest, size);
	}
	value = take(rest, size);
	take(rest, 1);
	return value;
}

/* 13.2.5.32 to 13.2.5.40. False: the document ends within the tag, which is dropped. */
static bool
read_attributes(struct str *rest, struct html_token *token)
{
	for (;;) {
		struct html_attribute attribute;

		skip_blanks(rest, true);
		if (!rest->length)
			return false;
		if (*rest->data == '>') {
			take(rest, 1);
			return true;
		}
		attribute.name = take(rest, word(*rest, 1, "/="));
		attribute.value = attribute_value(rest);
		if (token->attribute_count < HTML_ATTRIBUTES)
			token->attributes[token->attribute_count++] = attribute;
	}
}

/* Elements whose content is text up to their end tag (13.2.6.2). */
static void
choose_content(struct html_reader *reader, struct str name)
{
	static const struct {
		struct str name;
		bool references;
	} elements[] = {
		{ { "script", 6 }, false }, { { "style", 5 }, false }, { { "title", 5 }, true },
		{ { "textarea", 8 }, true }, { { "xmp", 3 }, false }, { { "iframe", 6 }, false },
		{ { "noembed", 7 }, false }, { { "noframes", 8 }, false },
		{ { "plaintext", 9 }, false },
	};
	size_t i;

	for (i = 0; i < sizeof(elements) / sizeof(elements[0]); i++) {
		if (str_equal_nocase(name, elements[i].name)) {
			reader->raw = elements[i].name;
			reader->references = elements[i].references;
		}
	}
}

static bool
read_tag(struct html_reader *reader, struct html_token *token)
{
	bool end = reader->rest.data[1] == '/';

	take(&reader->rest, end ? 2 : 1);
	token->kind = end ? HTML_END : HTML_START;
	token->name = take(&reader->rest, word(reader->rest, 0, "/"));
	if (!read_attributes(&reader->rest, token))
		return false;
	if (!end)
		choose_content(reader, token->name);
	return true;
}

/* ---- text ---- */

/* Whether the text begins with the end tag of an element. */
static bool
is_end_of(struct str text, struct str name)
{
	char behind;

	if (text.length < name.length + 2 || text.data[0] != '<' || text.data[1] != '/' ||
	    !str_equal_nocase((struct str){ text.data + 2, name.length }, name))
		return false;
	behind = text.length > name.length + 2 ? text.data[name.length + 2] : '>';
	return is_blank(behind) || behind == '/' || behind == '>';
}

/* Bytes of text before the end tag of reader->raw. */
static size_t
raw_size(const struct html_reader *reader)
{
	struct str rest = reader->rest;

	if (str_equal(reader->raw, STR("plaintext")))
		return rest.length;
	while (rest.length && !is_end_of(rest, reader->raw)) {
		take(&rest, 1);
		take(&rest, up_to(rest, '<'));
	}
	return reader->rest.length - rest.length;
}

static size_t
text_size(struct str text)
{
	struct str rest = text;

	while (rest.length && !begins_tag(rest) && !passed_over(rest)) {
		take(&rest, 1);
		take(&rest, up_to(rest, '<'));
	}
	return text.length - rest.length;
}

static bool
read_text(struct html_reader *reader, struct html_token *token)
{
	bool raw = reader->raw.length > 0;
	size_t size = raw ? raw_size(reader) : text_size(reader->rest);

	token->kind = raw && !reader->references ? HTML_RAW_TEXT : HTML_TEXT;
	token->text = take(&reader->rest, size);
	reader->raw.length = 0;
	return size > 0;
}

bool
html_next(struct html_reader *reader, struct html_token *token_r)
{
	token_r->text = token_r->name = (struct str){ "", 0 };
	token_r->attribute_count = 0;
	while (reader->rest.length) {
		size_t passed;

		if (read_text(reader, token_r))
			return true;
		if (!reader->rest.length)
			return false;
		passed = passed_over(reader->rest);
		if (passed)
			take(&reader->rest, passed);
		else if (read_tag(reader, token_r))
			return true;
	}
	return false;
}

struct str
html_attribute(const struct html_token *token, struct str name)
{
	size_t i;

	for (i = 0; i < token->attribute_count; i++) {
		if (str_equal_nocase(token->attributes[i].name, name))
			return token->attributes[i].value;
	}
	return (struct str){ NULL, 0 };
}

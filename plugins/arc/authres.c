/* SPDX-License-Identifier: BSD-2-Clause */
/* The results in an Authentication-Results field. Comments may stand between any two words, and ";"
 * divides results where it stands neither in a comment nor in a quoted string. */
#include "plugins/arc/authres.h"

enum { COMMENT_DEPTH = 50 };

/* The length of the comment or quoted string that the text begins with, at least 1; all of it when
 * nothing ends it. */
static size_t
closed_length(struct dkim_text text)
{
	bool quoted = text.data[0] == '"';
	size_t at, depth = 1;

	for (at = 1; at < text.length && depth > 0; at++) {
		char c = text.data[at];

		if (c == '\\')
			at++;
		else if (quoted ? c == '"' : c == ')')
			depth--;
		else if (!quoted && c == '(' && depth < COMMENT_DEPTH)
			depth++;
	}
	return at < text.length ? at : text.length;
}

static void
skip(struct dkim_text *text, size_t length)
{
	text->data += length;
	text->length -= length;
}

static void
skip_blanks(struct dkim_text *text)
{
	while (text->length > 0) {
		if (text->data[0] == '(')
			skip(text, closed_length(*text));
		else if (dkim_is_space(text->data[0]))
			skip(text, 1);
		else
			return;
	}
}

/* All up to the next ";", which is taken off too. */
static struct dkim_text
take_part(struct dkim_text *text)
{
	struct dkim_text part = { text->data, 0 };

	while (text->length > 0 && text->data[0] != ';') {
		size_t length = text->data[0] == '(' || text->data[0] == '"' ?
		    closed_length(*text) : 1;

		part.length += length;
		skip(text, length);
	}
	if (text->length > 0)
		skip(text, 1);
	return part;
}

/* A word: up to a blank, a comment or one of the bytes that end it; or a quoted string. */
static struct dkim_text
take_word(struct dkim_text *text, const char *ends)
{
	struct dkim_text word = { text->data, 0 };
	size_t length;

	if (text->length > 1 && text->data[0] == '"') {
		length = closed_length(*text);
		word = (struct dkim_text){ text->data + 1, length - 1 };
		if (word.length > 0 && word.data[word.length - 1] == '"')
			word.length--;
		skip(text, length);
		return word;
	}
	while (word.length < text->length && !dkim_is_space(word.data[word.length]) &&
	    word.data[word.length] != '(' && !strchr(ends, word.data[word.length]))
		word.length++;
	skip(text, word.length);
	return word;
}

static bool
take_equals(struct dkim_text *text)
{
	skip_blanks(text);
	if (text->length == 0 || text->data[0] != '=')
		return false;
	skip(text, 1);
	skip_blanks(text);
	return true;
}

bool
authres_id(struct dkim_text *payload, struct dkim_text *id_r)
{
	struct dkim_text part = take_part(payload);

	skip_blanks(&part);
	*id_r = take_word(&part, "");
	return id_r->length > 0;
}

bool
authres_next(struct dkim_text *payload, struct authres *result_r)
{
	while (payload->length > 0) {
		struct dkim_text part = take_part(payload);

		skip_blanks(&part);
		result_r->method = take_word(&part, "=/");
		skip_blanks(&part);
		if (part.length > 0 && part.data[0] == '/') {	/* its version */
			skip(&part, 1);
			skip_blanks(&part);
			take_word(&part, "=");
		}
		if (result_r->method.length == 0 || !take_equals(&part))
			continue;
		result_r->value = take_word(&part, "");
		result_r->properties = part;
		if (result_r->value.length > 0)
			return true;
	}
	return false;
}

bool
authres_property(const struct authres *result, const char *name, struct dkim_text *value_r)
{
	struct dkim_text rest = result->properties;

	for (;;) {
		struct dkim_text word;

		skip_blanks(&rest);
		if (rest.length == 0)
			return false;
		word = take_word(&rest, "=");
		if (!take_equals(&rest)) {
			if (word.length == 0 && rest.length > 0)
				skip(&rest, 1);
			continue;
		}
		*value_r = take_word(&rest, "");
		if (dkim_text_is(word, name))
			return true;
	}
}

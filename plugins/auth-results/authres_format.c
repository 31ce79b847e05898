/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes Authentication-Results fields. The field is made of words, which are never broken: names
 * with their values. Whatever a value is, what is written has no line end but those of folds, and
 * is read back as one value.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "filterd/util/utf8.h"
#include "plugins/auth-results/authres.h"

#define LINE_WIDTH	78	/* columns, RFC 5322 section 2.1.1 */
#define VALUE_MAXIMUM	700	/* bytes of a value as written: lines stay below 998 */
#define KEYWORD_MAXIMUM	63	/* bytes */
#define WORD_MAXIMUM	1000	/* bytes: a name of two keywords, and a value */

struct word {
	char text[WORD_MAXIMUM];
	size_t length;
};

struct writer {
	char *text;
	size_t length;
	size_t column;
	bool utf8;
};

/* ---- words ---- */

static void
put(struct word *word, const char *text, size_t length)
{
	memcpy(word->text + word->length, text, length);
	word->length += length;
}

static void
put_text(struct word *word, const char *text)
{
	put(word, text, strlen(text));
}

static bool
is_keyword(const char *text)
{
	static const char bytes[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t length = text ? strspn(text, bytes) : 0;

	return length > 0 && length <= KEYWORD_MAXIMUM && !text[length];
}

/* The value as it may be written: characters that cannot be are replaced. Each takes one more byte
 * when it is quoted, so cut that it fits whatever is done with it. */
static size_t
clean(const char *value, bool utf8, char clean_r[VALUE_MAXIMUM])
{
	struct str rest = { value, strlen(value) };
	size_t length = 0, written = 2;

	while (rest.length) {
		uint32_t point = 0;
		size_t size = utf8_next(rest, &point);
		bool keep = size == 1 || (utf8 && size > 1 && point >= 0xa0);
		size_t quoted = keep ? size + (point == '"' || point == '\\') : 1;

		if (written + quoted > VALUE_MAXIMUM)
			break;
		written += quoted;
		if (!keep || point == 0x7f)
			clean_r[length++] = '?';
		else if (point < ' ')
			clean_r[length++] = ' ';
		else {
			memcpy(clean_r + length, rest.data, size);
			length += size;
		}
		size = size ? size : 1;
		rest = (struct str){ rest.data + size, rest.length - size };
	}
	return length;
}

/* A token of RFC 2045 section 5.1. */
static bool
is_token(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] >= 0x7f ||
		    strchr("()<>@,;:\\\"/[]?=", text[i]))
			return false;
	return length > 0;
}

/* Words of atom characters with single dots between, RFC 5322 section 3.2.3 and RFC 6532. */
static bool
is_dot_atom(const char *text, size_t length)
{
	size_t i;

	if (length == 0 || text[length - 1] == '.')
		return false;
	for (i = 0; i < length; i++) {
		if (text[i] == '.' && (i == 0 || text[i - 1] == '.'))
			return false;
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f ||
		    strchr("()<>@,;:\\\"[]", text[i]))
			return false;
	}
	return true;
}

static bool
is_quoted(const char *text, size_t length)
{
	size_t i;

	if (length < 2 || text[0] != '"' || text[length - 1] != '"')
		return false;
	for (i = 1; i + 1 < length; i++) {
		if (text[i] == '"')
			return false;
		if (text[i] == '\\' && ++i + 1 >= length)
			return false;
	}
	return true;
}

/* [[local-part] "@"] domain-name: what RFC 8601 section 2.2 wants identities written as. */
static bool
is_mailbox(const char *text, size_t length)
{
	const char *at = length ? memrchr(text, '@', length) : NULL;
	size_t local = at ? (size_t)(at - text) : 0;

	return at && is_dot_atom(at + 1, length - local - 1) &&
	    (local == 0 || is_dot_atom(text, local) || is_quoted(text, local));
}

static void
put_quoted(struct word *word, const char *text, size_t length)
{
	size_t i;

	put_text(word, "\"");
	for (i = 0; i < length; i++) {
		if (text[i] == '"' || text[i] == '\\')
			put_text(word, "\\");
		put(word, text + i, 1);
	}
	put_text(word, "\"");
}

static void
put_value(struct word *word, const char *value, bool utf8, bool may_be_mailbox)
{
	char text[VALUE_MAXIMUM];
	size_t length = clean(value ? value : "", utf8, text);

	if (is_token(text, length) || (may_be_mailbox && is_mailbox(text, length)))
		put(word, text, length);
	else
		put_quoted(word, text, length);
}

/* ---- lines ---- */

static void
add(struct writer *w, const char *text, size_t length)
{
	memcpy(w->text + w->length, text, length);
	w->length += length;
	w->column += length;
}

/* A word behind a blank, or on a new line; the first is never on one, for a line of nothing but the
 * field's name is not to everybody's taste. */
static void
add_word(struct writer *w, const struct word *word, bool new_line)
{
	if (new_line || (w->length && w->column + 1 + word->length > LINE_WIDTH)) {
		add(w, "\n\t", 2);
		w->column = 8;
	} else {
		add(w, " ", 1);
	}
	add(w, word->text, word->length);
}

static void
add_reason(struct writer *w, const char *reason)
{
	struct word word = { .length = 0 };

	put_text(&word, "reason=");
	put_value(&word, reason, w->utf8, false);
	add_word(w, &word, false);
}

static void
add_property(struct writer *w, const struct authres_property *property)
{
	struct word word = { .length = 0 };

	put_text(&word, property->ptype);
	put_text(&word, ".");
	put_text(&word, property->property);
	put_text(&word, "=");
	put_value(&word, property->value, w->utf8, true);
	add_word(w, &word, false);
}

static void
add_method(struct writer *w, const struct authres_result *result)
{
	struct word word = { .length = 0 };
	char version[16];

	put_text(&word, result->method);
	if (result->version > 1) {
		snprintf(version, sizeof(version), "/%u", result->version);
		put_text(&word, version);
	}
	put_text(&word, "=");
	put_text(&word, result->value);
	add_word(w, &word, true);
}

/* Whether the result was written: else nothing of it is there. The text has room for one property
 * more than may be written. */
static bool
add_result(struct writer *w, const struct authres_result *result)
{
	const struct authres_property *property;
	struct writer before = *w;

	if (!is_keyword(result->method) || !is_keyword(result->value))
		return false;
	add(w, ";", 1);
	add_method(w, result);
	if (result->reason)
		add_reason(w, result->reason);
	for (property = result->properties; property; property = property->next) {
		if (w->length > AUTHRES_WRITTEN_MAXIMUM)
			break;
		if (is_keyword(property->ptype) && is_keyword(property->property))
			add_property(w, property);
	}
	if (w->length <= AUTHRES_WRITTEN_MAXIMUM)
		return true;
	*w = before;
	return false;
}

static void
add_id(struct writer *w, const struct authres *results)
{
	struct word word = { .length = 0 };
	char instance[16];

	if (results->instance) {
		snprintf(instance, sizeof(instance), "i=%u;", results->instance);
		put_text(&word, instance);
		add_word(w, &word, false);
		word.length = 0;
	}
	put_value(&word, results->authserv_id, w->utf8, false);
	add_word(w, &word, false);
}

char *
authres_format(const struct authres_memory *memory, const struct authres *results,
    size_t name_length, bool utf8)
{
	struct writer w = { .column = name_length, .utf8 = utf8 };
	const struct authres_result *result;
	bool any = false;

	w.text = memory->alloc(memory->owner, AUTHRES_WRITTEN_MAXIMUM + 4 * WORD_MAXIMUM);
	add_id(&w, results);
	for (result = results->results; result; result = result->next)
		if (add_result(&w, result))
			any = true;
	if (!any)
		add(&w, "; none", 6);
	w.text[w.length] = '\0';
	return w.text;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Words and parameters of structured values: takes a value apart. mime_reading.c puts what is found
 * together again. */
#include <string.h>

#include "filterd/message/mime_defect.h"
#include "filterd/message/mime_param.h"
#include "filterd/util/buffer.h"

#define VALUE_MAXIMUM	8192	/* bytes of a value that are looked at */
#define COMMENT_DEPTH	16	/* of nested comments, RFC 5322 section 3.2.2 */
#define UNCLOSED	4	/* comments without end: then no more are looked for */

/* A value that is read from the front. */
struct scan {
	struct arena *arena;
	struct str text;
	size_t at;
	unsigned unclosed;		/* comments that did not end */
	uint64_t defects;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What ends a parameter's name. */
static bool
is_special(char c)
{
	return c == '=' || c == ';' || c == '(' || c == '"';
}

static bool
more(const struct scan *scan)
{
	return scan->at < scan->text.length;
}

static char
here(const struct scan *scan)
{
	return scan->text.data[scan->at];
}

static void
note(struct scan *scan, enum mime_defect defect)
{
	scan->defects |= MIME_DEFECT_BIT(defect);
}

/* Passes over a comment; one that does not end is none. */
static bool
skip_comment(struct scan *scan)
{
	size_t depth = 0, i;

	for (i = scan->at; i < scan->text.length && scan->unclosed < UNCLOSED; i++) {
		char c = scan->text.data[i];

		if (c == '\\')
			i++;
		else if (c == '(' && ++depth > COMMENT_DEPTH)
			return false;
		else if (c == ')' && --depth == 0) {
			scan->at = i + 1;
			note(scan, MIME_COMMENT);
			return true;
		}
	}
	scan->unclosed++;
	return false;
}

/* Blanks, folds and comments. */
static void
skip_space(struct scan *scan)
{
	while (more(scan)) {
		if (is_blank(here(scan)))
			scan->at++;
		else if (here(scan) != '(' || !skip_comment(scan))
			return;
	}
}

/* Adds a reading unless it is there. */
static void
add_reading(struct mime_parameter *parameter, struct str reading)
{
	size_t i;

	for (i = 0; i < parameter->count; i++) {
		if (str_equal(parameter->readings[i], reading))
			return;
	}
	if (parameter->count < MIME_PARAMETER_READINGS)
		parameter->readings[parameter->count++] = reading;
}

/* A text without line ends, and without the bytes in `without`. */
static struct str
strip(struct arena *arena, struct str text, const char *without)
{
	char *copy = arena_copy(arena, text.data, text.length);
	size_t i, length = 0;

	for (i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (c != '\r' && c != '\n' && (!c || !strchr(without, c)))
			copy[length++] = c;
	}
	copy[length] = '\0';
	return (struct str){ copy, length };
}

/* Where the value that begins here ends: at a ";" that is not quoted. */
static size_t
find_end(const struct scan *scan, size_t at)
{
	const char *end = memchr(scan->text.data + at, ';', scan->text.length - at);

	return end ? (size_t)(end - scan->text.data) : scan->text.length;
}

/* RFC 5322 section 3.2.4. Behind its end there should be nothing but the next ";". */
static void
read_quoted(struct scan *scan, struct mime_parameter *parameter)
{
	size_t begin = scan->at + 1, i = begin, behind, end;
	struct buffer plain = { 0 };
	bool escaped = false;
	struct str kept;

	for (; i < scan->text.length && scan->text.data[i] != '"'; i++) {
		if (scan->text.data[i] == '\\' && i + 1 < scan->text.length) {
			i++;
			escaped |= scan->text.data[i] != '"' && scan->text.data[i] != '\\';
		}
		if (scan->text.data[i] != '\r' && scan->text.data[i] != '\n')
			buffer_add_char(&plain, scan->text.data[i]);
	}
	add_reading(parameter, arena_str(scan->arena,
	    (struct str){ buffer_text(&plain), plain.length }));
	kept = (struct str){ scan->text.data + begin, i - begin };
	if (memchr(kept.data, '\\', kept.length))
		add_reading(parameter, strip(scan->arena, kept, ""));
	if (escaped || i >= scan->text.length)
		note(scan, MIME_PARAMETER_SYNTAX);
	if (i >= scan->text.length)	/* a reader that ends it at the next ";" */
		add_reading(parameter, strip(scan->arena, (struct str){ kept.data,
		    find_end(scan, begin) - begin }, ""));
	scan->at = i < scan->text.length ? i + 1 : i;
	behind = scan->at;
	skip_space(scan);
	if (more(scan) && here(scan) != ';') {
		end = find_end(scan, scan->at);
		note(scan, MIME_PARAMETER_SYNTAX);
		buffer_add(&plain, scan->text.data + behind, end - behind);
		add_reading(parameter, strip(scan->arena,
		    str_trim((struct str){ buffer_text(&plain), plain.length }), "\""));
		scan->at = end;
	}
	buffer_free(&plain);
}

/* A token, RFC 2045 section 5.1, but of any bytes up to a blank; then what a reader sees who goes
 * on to the next ";", with and without its blanks. */
static void
read_token(struct scan *scan, struct mime_parameter *parameter)
{
	size_t begin = scan->at, end = find_end(scan, begin), i = begin;
	struct str all = str_trim((struct str){ scan->text.data + begin, end - begin });
	struct str token;

	while (i < end && !is_blank(scan->text.data[i]) && scan->text.data[i] != '(')
		i++;
	token = (struct str){ scan->text.data + begin, i - begin };
	scan->at = i;
	skip_space(scan);
	if (scan->at < end || memchr(token.data, '"', token.length))
		note(scan, MIME_PARAMETER_SYNTAX);
	add_reading(parameter, strip(scan->arena, token, ""));
	if (scan->at < end || i < begin + all.length) {
		add_reading(parameter, strip(scan->arena, all, ""));
		add_reading(parameter, strip(scan->arena, all, " \t"));
	}
	if (memchr(token.data, '"', token.length) ||
	    (token.length > 1 && token.data[0] == '\'')) {
		note(scan, MIME_PARAMETER_SYNTAX);
		add_reading(parameter, strip(scan->arena, all, "\"'"));
	}
	scan->at = end;
}

/* Number of the section in "name*NUMBER"; -1: it has none. */
static int
section_of(struct str digits)
{
	int number = 0;
	size_t i;

	if (!digits.length || digits.length > 4)
		return -1;
	for (i = 0; i < digits.length; i++) {
		if (digits.data[i] < '0' || digits.data[i] > '9')
			return -1;
		number = number * 10 + (digits.data[i] - '0');
	}
	return number;
}

/* RFC 2231: name*, name*1, name*1*. */
static void
split_name(struct scan *scan, struct mime_parameter *parameter, struct str name)
{
	const char *star = memchr(name.data, '*', name.length);
	struct str tail;

	parameter->section = -1;
	parameter->name = name;
	if (!star)
		return;
	parameter->name.length = (size_t)(star - name.data);
	tail = (struct str){ star + 1, name.length - parameter->name.length - 1 };
	if (!tail.length) {
		parameter->extended = true;
		return;
	}
	if (tail.data[tail.length - 1] == '*') {
		parameter->extended = true;
		tail.length--;
	}
	parameter->section = section_of(tail);
	if (parameter->section < 0)
		note(scan, MIME_PARAMETER_SYNTAX);
}

/* The name up to "=": false when there is none before the next ";". */
static bool
read_name(struct scan *scan, struct mime_parameter *parameter)
{
	size_t begin = scan->at, end;

	while (more(scan) && !is_blank(here(scan)) && !is_special(here(scan)))
		scan->at++;
	end = scan->at;
	skip_space(scan);
	if (!more(scan) || here(scan) != '=' || end == begin) {
		note(scan, MIME_PARAMETER_SYNTAX);
		return false;
	}
	if (scan->at > end)
		note(scan, MIME_PARAMETER_SYNTAX);
	scan->at++;
	split_name(scan, parameter, (struct str){ scan->text.data + begin, end - begin });
	return true;
}

static void
read_parameter(struct scan *scan, struct mime_value *value)
{
	struct mime_parameter *parameter = &value->parameters[value->count];
	size_t begin;

	*parameter = (struct mime_parameter){ .section = -1 };
	if (!read_name(scan, parameter)) {
		if (more(scan) && here(scan) == '"')
			read_quoted(scan, parameter);
		scan->at = find_end(scan, scan->at);
		return;
	}
	begin = scan->at;
	skip_space(scan);
	if (scan->at > begin)
		note(scan, MIME_PARAMETER_SYNTAX);
	if (more(scan) && here(scan) == '"')
		read_quoted(scan, parameter);
	else
		read_token(scan, parameter);
	value->count++;
}

/* What stands in front of the first ";": a word, or several with something wrong between. A
 * parameter that has no ";" in front is left. */
static struct str
read_word(struct scan *scan)
{
	struct buffer word = { 0 };
	bool parameters = true;		/* there may be some in front of the first ";" */
	struct str result;

	skip_space(scan);
	while (more(scan) && here(scan) != ';') {
		if (!is_blank(here(scan)) && here(scan) != '(') {
			buffer_add_char(&word, here(scan));
			scan->at++;
			continue;
		}
		skip_space(scan);
		if (more(scan) && here(scan) != ';') {
			note(scan, MIME_PARAMETER_SYNTAX);
			parameters = parameters && memchr(scan->text.data + scan->at, '=',
			    find_end(scan, scan->at) - scan->at);
			if (parameters)
				break;
			buffer_add_char(&word, ' ');
			buffer_add_char(&word, here(scan));
			scan->at++;
		}
	}
	result = arena_str(scan->arena, (struct str){ buffer_text(&word), word.length });
	buffer_free(&word);
	return result;
}

void
mime_value_parse(struct arena *arena, struct str text, struct mime_value *value_r)
{
	struct scan scan = { .arena = arena, .text = text };

	if (text.length > VALUE_MAXIMUM) {
		scan.text.length = VALUE_MAXIMUM;
		note(&scan, MIME_PARAMETER_SYNTAX);
	}
	value_r->count = 0;
	value_r->word = read_word(&scan);
	while (more(&scan)) {
		skip_space(&scan);
		while (more(&scan) && here(&scan) == ';') {
			scan.at++;
			skip_space(&scan);
		}
		if (!more(&scan))
			break;
		if (value_r->count == MIME_PARAMETERS) {
			note(&scan, MIME_PARAMETER_SYNTAX);
			break;
		}
		read_parameter(&scan, value_r);
	}
	value_r->defects = scan.defects;
}

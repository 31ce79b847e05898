/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * HTML to text, for conditions that look at words. No tree is built: tags are passed over, so that
 * "V<b></b>iagra" is a word, elements that stand in lines of their own make one, and what is not
 * shown as text (script, style, comments) is left out.
 */
#include <stdint.h>
#include <string.h>

#include "filterd/message/html_text.h"
#include "filterd/util/buffer.h"

#define REFERENCE_MAXIMUM	10	/* bytes of a character reference, without & and ; */

struct html {
	struct str rest;
	struct buffer text;
	bool blank;			/* blanks stand before what comes next */
};

static const char *const lines[] = {
	"address", "article", "blockquote", "body", "br", "center", "dd", "div", "dl",
	"dt", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
	"head", "header", "hr", "html", "li", "main", "nav", "ol", "option",
	"p", "pre", "section", "table", "td", "th", "title", "tr", "ul",
};

static const char *const hidden[] = { "script", "style" };

static const struct {
	const char *name;
	uint32_t point;
} references[] = {
	{ "amp", '&' }, { "apos", '\'' }, { "bull", 0x2022 }, { "cent", 0xa2 }, { "copy", 0xa9 },
	{ "emsp", ' ' }, { "ensp", ' ' }, { "euro", 0x20ac }, { "gt", '>' }, { "hellip", 0x2026 },
	{ "laquo", 0xab }, { "ldquo", 0x201c }, { "lsquo", 0x2018 }, { "lt", '<' },
	{ "mdash", 0x2014 }, { "middot", 0xb7 }, { "nbsp", ' ' }, { "ndash", 0x2013 },
	{ "pound", 0xa3 }, { "quot", '"' }, { "raquo", 0xbb }, { "rdquo", 0x201d },
	{ "reg", 0xae }, { "rsquo", 0x2019 }, { "shy", 0 }, { "thinsp", ' ' }, { "trade", 0x2122 },
	{ "zwj", 0 }, { "zwnj", 0 }, { "auml", 0xe4 }, { "ouml", 0xf6 }, { "uuml", 0xfc },
	{ "Auml", 0xc4 }, { "Ouml", 0xd6 }, { "Uuml", 0xdc }, { "szlig", 0xdf },
	{ "eacute", 0xe9 }, { "egrave", 0xe8 }, { "agrave", 0xe0 }, { "ccedil", 0xe7 },
};

static void
pass(struct html *html, size_t count)
{
	html->rest.data += count;
	html->rest.length -= count;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

static bool
is_letter(char c)
{
	return str_lower(c) >= 'a' && str_lower(c) <= 'z';
}

static bool
in_table(const char *const *table, size_t count, struct str word)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (str_equal_nocase(str_of(table[i]), word))
			return true;
	}
	return false;
}

/* A run of blanks is one, and none at the ends of lines. */
static void
add(struct html *html, const char *bytes, size_t size)
{
	if (html->blank && html->text.length &&
	    html->text.data[html->text.length - 1] != '\n')
		buffer_add_char(&html->text, ' ');
	html->blank = false;
	buffer_add(&html->text, bytes, size);
}

static void
add_line_end(struct html *html)
{
	if (html->text.length && html->text.data[html->text.length - 1] != '\n')
		buffer_add_char(&html->text, '\n');
	html->blank = false;
}

/* A character as UTF-8. Invisible ones, which spammers put into words, vanish. */
static void
add_point(struct html *html, uint32_t point)
{
	char utf8[4];
	size_t size = 0;

	if (point == ' ' || point == 0xa0 || point == '\n' || point == '\t' || point == '\r') {
		html->blank = true;
		return;
	}
	if (point < 0x20 || point == 0xad || (point >= 0x200b && point <= 0x200d))
		return;
	if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000) ||
	    (point >= 0x7f && point < 0xa0))
		point = 0xfffd;
	if (point < 0x80) {
		utf8[size++] = (char)point;
	} else if (point < 0x800) {
		utf8[size++] = (char)(0xc0 | point >> 6);
	} else if (point < 0x10000) {
		utf8[size++] = (char)(0xe0 | point >> 12);
		utf8[size++] = (char)(0x80 | (point >> 6 & 0x3f));
	} else {
		utf8[size++] = (char)(0xf0 | point >> 18);
		utf8[size++] = (char)(0x80 | (point >> 12 & 0x3f));
		utf8[size++] = (char)(0x80 | (point >> 6 & 0x3f));
	}
	if (point >= 0x80)
		utf8[size++] = (char)(0x80 | (point & 0x3f));
	add(html, utf8, size);
}

/* ---- character references ---- */

static int
digit_of(char c, unsigned base)
{
	c = str_lower(c);
	if (c >= '0' && c <= '9')
		return c - '0';
	return base == 16 && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "#65" or "#x41". */
static bool
read_number(struct str name, uint32_t *point_r)
{
	bool hex = name.length > 1 && str_lower(name.data[1]) == 'x';
	size_t i = hex ? 2 : 1;

	if (i >= name.length)
		return false;
	*point_r = 0;
	for (; i < name.length; i++) {
		int digit = digit_of(name.data[i], hex ? 16 : 10);

		if (digit < 0)
			return false;
		*point_r = *point_r * (hex ? 16 : 10) + (uint32_t)digit;
	}
	return true;
}

static bool
read_name(struct str name, uint32_t *point_r)
{
	size_t i;

	for (i = 0; i < sizeof(references) / sizeof(references[0]); i++) {
		if (str_equal(str_of(references[i].name), name)) {
			*point_r = references[i].point;
			return true;
		}
	}
	return false;
}

/* At an "&"; what is no reference is text. */
static void
take_reference(struct html *html)
{
	struct str name = { html->rest.data + 1, 0 };
	uint32_t point;
	size_t room = html->rest.length - 1;

	while (name.length < room && name.length < REFERENCE_MAXIMUM &&
	    (is_letter(name.data[name.length]) || digit_of(name.data[name.length], 10) >= 0 ||
	    (name.length == 0 && name.data[0] == '#')))
		name.length++;
	if (name.length && (name.data[0] == '#' ? read_number(name, &point) :
	    read_name(name, &point))) {
		bool closed = name.length < room && name.data[name.length] == ';';

		pass(html, name.length + 1 + closed);
		add_point(html, point);
		return;
	}
	add(html, "&", 1);
	pass(html, 1);
}

/* ---- markup ---- */

/* Passes over what ends with that text; without an end, over all. */
static void
pass_through(struct html *html, const char *end)
{
	const char *found = memmem(html->rest.data, html->rest.length, end, strlen(end));

	pass(html, found ? (size_t)(found - html->rest.data) + strlen(end) : html->rest.length);
}

/* The end of a tag: a ">" in a quoted value is none. */
static void
pass_tag(struct html *html)
{
	char quote = '\0';
	size_t i;

	for (i = 1; i < html->rest.length; i++) {
		char c = html->rest.data[i];

		if (quote)
			quote = c == quote ? '\0' : quote;
		else if ((c == '"' || c == '\'') && html->rest.data[i - 1] == '=')
			quote = c;
		else if (c == '>')
			break;
	}
	if (quote)
		pass_through(html, ">");
	else
		pass(html, i < html->rest.length ? i + 1 : i);
}

/* Passes over the content of an element that is not shown, up to its end tag. */
static void
pass_hidden(struct html *html, struct str name)
{
	while (html->rest.length) {
		const char *end = memmem(html->rest.data, html->rest.length, "</", 2);

		pass(html, end ? (size_t)(end - html->rest.data) + 2 : html->rest.length);
		if (str_has_prefix_nocase(html->rest, name)) {
			pass_through(html, ">");
			return;
		}
	}
}

static void
take_tag(struct html *html)
{
	bool closing = html->rest.length > 1 && html->rest.data[1] == '/';
	struct str name = { html->rest.data + 1 + closing, 0 };
	size_t room = html->rest.length - 1 - closing;

	while (name.length < room && (is_letter(name.data[name.length]) ||
	    digit_of(name.data[name.length], 10) >= 0))
		name.length++;
	pass_tag(html);
	if (!closing && in_table(hidden, sizeof(hidden) / sizeof(hidden[0]), name))
		pass_hidden(html, name);
	if (in_table(lines, sizeof(lines) / sizeof(lines[0]), name))
		add_line_end(html);
}

/* At a "<": a comment, a declaration, a tag, or text. */
static void
take_markup(struct html *html)
{
	char next = html->rest.length > 1 ? html->rest.data[1] : '\0';

	if (str_has_prefix_nocase(html->rest, STR("<!--"))) {
		pass(html, 4);
		pass_through(html, "-->");
	} else if (next == '!' || next == '?') {
		pass_through(html, ">");
	} else if (next == '/' || is_letter(next)) {
		take_tag(html);
	} else {
		add(html, "<", 1);
		pass(html, 1);
	}
}

/* Text up to what means something. */
static void
take_text(struct html *html)
{
	size_t length = 0;

	while (length < html->rest.length && html->rest.data[length] != '<' &&
	    html->rest.data[length] != '&' && !is_blank(html->rest.data[length]))
		length++;
	if (length)
		add(html, html->rest.data, length);
	pass(html, length);
}

struct str
html_text(struct arena *arena, struct str source)
{
	struct html html = { .rest = source };
	struct str text;

	while (html.rest.length) {
		char c = html.rest.data[0];

		if (c == '<') {
			take_markup(&html);
		} else if (c == '&') {
			take_reference(&html);
		} else if (is_blank(c)) {
			html.blank = true;
			pass(&html, 1);
		} else {
			take_text(&html);
		}
	}
	text = str_trim((struct str){ buffer_text(&html.text), html.text.length });
	text = arena_str(arena, text);
	buffer_free(&html.text);
	return text;
}

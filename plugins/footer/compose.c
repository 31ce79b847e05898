/* SPDX-License-Identifier: BSD-2-Clause */
/* Footers as text and as HTML. */
#include <string.h>

#include "filterd/message/clean.h"
#include "filterd/util/utf8.h"
#include "plugins/footer/compose.h"

/* Takes the next line off a text, without its line end. */
static struct str
take_line(struct str *rest)
{
	const char *found = memchr(rest->data, '\n', rest->length);
	size_t size = found ? (size_t)(found - rest->data) : rest->length;
	struct str line = { rest->data, size };

	size += found != NULL;
	rest->data += size;
	rest->length -= size;
	return line;
}

void
compose_lines(struct buffer *to, struct str text)
{
	size_t begin = to->length;

	clean_add_lines(to, text);
	if (to->length > begin && to->data[to->length - 1] != '\n')
		buffer_add_char(to, '\n');
}

static bool
has_prefix(struct str text, struct str prefix)
{
	return text.length >= prefix.length &&
	    memcmp(text.data, prefix.data, prefix.length) == 0;
}

/* A blank is put before what would be taken for a quote or an envelope line (RFC 3676 section
 * 4.4); "-- " is a line of its own (section 4.3). */
void
compose_flowed(struct buffer *to, struct str text)
{
	while (text.length) {
		struct str line = take_line(&text);

		while (line.length && line.data[line.length - 1] == ' ' &&
		    !str_equal(line, STR("-- ")))
			line.length--;
		if (has_prefix(line, STR(" ")) || has_prefix(line, STR(">")) ||
		    has_prefix(line, STR("From ")))
			buffer_add_char(to, ' ');
		buffer_add_str(to, line);
		buffer_add_char(to, '\n');
	}
}

static void
add_escaped(struct buffer *to, struct str text)
{
	size_t i;

	for (i = 0; i < text.length; i++) {
		char c = text.data[i];

		if (c == '&')
			buffer_add_text(to, "&amp;");
		else if (c == '<')
			buffer_add_text(to, "&lt;");
		else if (c == '>')
			buffer_add_text(to, "&gt;");
		else
			buffer_add_char(to, c);
	}
}

void
compose_html(struct buffer *to, struct str text)
{
	if (!text.length)
		return;
	buffer_add_text(to, "<div>");
	while (text.length) {
		add_escaped(to, take_line(&text));
		buffer_add_text(to, text.length ? "<br>\n" : "</div>\n");
	}
}

void
compose_ascii_html(struct buffer *to, struct str html)
{
	while (html.length) {
		uint32_t point = 0;
		size_t size = utf8_next(html, &point);

		if (point < 0x80)
			buffer_add_char(to, html.data[0]);
		else
			buffer_printf(to, "&#%u;", point);
		size = size ? size : 1;
		html.data += size;
		html.length -= size;
	}
}

bool
compose_is_ascii(struct str text)
{
	size_t i;

	for (i = 0; i < text.length; i++) {
		if ((unsigned char)text.data[i] >= 0x80)
			return false;
	}
	return true;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Text as a JSON string, RFC 8259 section 7. */
#include "filterd/service/json.h"
#include "filterd/util/utf8.h"

/* What the RFC wants escaped, and DEL and the C1 controls. */
static bool
must_escape(uint32_t point)
{
	return point < 0x20 || point == '"' || point == '\\' || (point >= 0x7f && point <= 0x9f);
}

static void
add_escaped(struct buffer *to, uint32_t point)
{
	static const char from[] = "\"\\\b\f\n\r\t", short_form[] = "\"\\bfnrt";
	size_t i;

	for (i = 0; i < sizeof(from) - 1; i++) {
		if (point != (unsigned char)from[i])
			continue;
		buffer_add_char(to, '\\');
		buffer_add_char(to, short_form[i]);
		return;
	}
	buffer_printf(to, "\\u%04x", (unsigned)point);
}

/* How many bytes from there on stand for themselves: nearly all do. */
static size_t
plain_length(struct str text, size_t at)
{
	size_t end = at;

	while (end < text.length && text.data[end] >= 0x20 && text.data[end] < 0x7f &&
	    text.data[end] != '"' && text.data[end] != '\\')
		end++;
	return end - at;
}

void
json_text(struct buffer *to, struct str text)
{
	size_t at = 0;

	buffer_add_char(to, '"');
	while (at < text.length) {
		size_t length = plain_length(text, at);
		uint32_t point;

		buffer_add(to, text.data + at, length);
		at += length;
		if (at == text.length)
			break;
		length = utf8_next((struct str){ text.data + at, text.length - at }, &point);
		if (!length)
			buffer_add_text(to, "\xef\xbf\xbd");
		else if (must_escape(point))
			add_escaped(to, point);
		else
			buffer_add(to, text.data + at, length);
		at += length ? length : 1;
	}
	buffer_add_char(to, '"');
}

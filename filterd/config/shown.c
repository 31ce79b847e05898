/* SPDX-License-Identifier: BSD-2-Clause */
/* Values fit to be shown, character by character. */
#include <stdbool.h>
#include <stdint.h>

#include "filterd/config/shown.h"
#include "filterd/util/utf8.h"

/* Category Cc of Unicode, and the separators of lines and paragraphs. */
static bool
is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x2028 ||
	    point == 0x2029;
}

/* Whether the character turns the direction of what is written behind it (UAX #9). */
static bool
turns_writing(uint32_t point)
{
	return point == 0x61c || point == 0x200e || point == 0x200f ||
	    (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

/* What stands for the character in HTML; NULL: itself. */
static const char *
reference(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
shown_add(struct buffer *buffer, struct str value, enum mf_form form)
{
	while (value.length) {
		uint32_t point = 0;
		size_t size = utf8_next(value, &point);
		const char *instead = form == MF_FORM_HTML ? reference(value.data[0]) : NULL;

		if (!size)
			buffer_add_text(buffer, "\xef\xbf\xbd");
		else if (instead)
			buffer_add_text(buffer, instead);
		else if (is_control(point))
			buffer_add_char(buffer, ' ');
		else if (!turns_writing(point))
			buffer_add(buffer, value.data, size);
		size = size ? size : 1;
		value.data += size;
		value.length -= size;
	}
}

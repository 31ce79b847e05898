/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as text that a reader may see, and whether they are UTF-8. */
#include "filterd/message/clean.h"
#include "filterd/message/decode.h"
#include "filterd/util/utf8.h"

bool
utf8_valid(struct str text)
{
	uint32_t point;

	while (text.length) {
		size_t length = utf8_next(text, &point);

		if (!length)
			return false;
		text.data += length;
		text.length -= length;
	}
	return true;
}

static bool
is_control(uint32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0) ||
	    point == 0x2028 || point == 0x2029;
}

void
clean_add(struct buffer *buffer, struct str text)
{
	uint32_t point;

	while (text.length) {
		struct str character = { text.data, utf8_next(text, &point) };
		size_t step = character.length ? character.length : 1;

		if (!character.length)
			buffer_add_text(buffer, "\xef\xbf\xbd");
		else if (is_control(point))
			buffer_add_char(buffer, ' ');
		else
			buffer_add_str(buffer, character);
		text.data += step;
		text.length -= step;
	}
}

/* Length of the beginning that is ASCII without control characters but LF and tab. */
static size_t
plain_length(struct str text)
{
	size_t i = 0;

	while (i < text.length && ((text.data[i] >= ' ' && text.data[i] < 0x7f) ||
	    text.data[i] == '\n' || text.data[i] == '\t'))
		i++;
	return i;
}

void
clean_add_lines(struct buffer *buffer, struct str text)
{
	while (text.length) {
		size_t step = plain_length(text);
		uint32_t point;

		buffer_add(buffer, text.data, step);
		text.data += step;
		text.length -= step;
		if (!text.length)
			return;
		step = utf8_next(text, &point);
		step = step ? step : 1;
		if (text.data[0] != '\r' || (text.length > 1 && text.data[1] != '\n'))
			clean_add(buffer, (struct str){ text.data, step });
		text.data += step;
		text.length -= step;
	}
}

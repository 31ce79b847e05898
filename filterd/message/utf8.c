/* SPDX-License-Identifier: BSD-2-Clause */
/* UTF-8 (RFC 3629 section 4): overlong forms, surrogates and what lies past U+10FFFF are not
 * valid. */
#include <string.h>

#include "filterd/message/decode.h"
#include "filterd/message/utf8.h"

/* Bytes of a character by its first byte, and the range of its second byte. */
struct lead {
	unsigned char first, last;
	unsigned char length;
	unsigned char second_low, second_high;
};

static const struct lead leads[] = {
	{ 0x00, 0x7f, 1, 0x00, 0x00 },
	{ 0xc2, 0xdf, 2, 0x80, 0xbf },
	{ 0xe0, 0xe0, 3, 0xa0, 0xbf },
	{ 0xe1, 0xec, 3, 0x80, 0xbf },
	{ 0xed, 0xed, 3, 0x80, 0x9f },
	{ 0xee, 0xef, 3, 0x80, 0xbf },
	{ 0xf0, 0xf0, 4, 0x90, 0xbf },
	{ 0xf1, 0xf3, 4, 0x80, 0xbf },
	{ 0xf4, 0xf4, 4, 0x80, 0x8f },
};

static const struct lead *
find_lead(unsigned char byte)
{
	size_t i;

	for (i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
		if (byte >= leads[i].first && byte <= leads[i].last)
			return &leads[i];
	}
	return NULL;
}

size_t
utf8_character(struct str text)
{
	const unsigned char *bytes = (const unsigned char *)text.data;
	const struct lead *lead = text.length ? find_lead(bytes[0]) : NULL;
	size_t i;

	if (!lead || lead->length > text.length)
		return 0;
	if (lead->length > 1 && (bytes[1] < lead->second_low || bytes[1] > lead->second_high))
		return 0;
	for (i = 2; i < lead->length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	}
	return lead->length;
}

bool
utf8_valid(struct str text)
{
	while (text.length) {
		size_t length = utf8_character(text);

		if (!length)
			return false;
		text.data += length;
		text.length -= length;
	}
	return true;
}

static bool
is_control(struct str character)
{
	const unsigned char *c = (const unsigned char *)character.data;

	switch (character.length) {
	case 1:
		return c[0] < 0x20 || c[0] == 0x7f;
	case 2:
		return c[0] == 0xc2 && c[1] < 0xa0;
	case 3:
		return c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0xa8 || c[2] == 0xa9);
	default:
		return false;
	}
}

void
utf8_add_clean(struct buffer *buffer, struct str text)
{
	while (text.length) {
		struct str character = { text.data, utf8_character(text) };
		size_t step = character.length ? character.length : 1;

		if (!character.length)
			buffer_add_text(buffer, "\xef\xbf\xbd");
		else if (is_control(character))
			buffer_add_char(buffer, ' ');
		else
			buffer_add_str(buffer, character);
		text.data += step;
		text.length -= step;
	}
}

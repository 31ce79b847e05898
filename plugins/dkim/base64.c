/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugins/dkim/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum { SPACE = 64, PADDING = 65, ILLEGAL = 66 };

/* A character's six bits, or one of the above. */
static unsigned
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0') + 52;
	if (c == '+')
		return 62;
	if (c == '/')
		return 63;
	if (c == '=')
		return PADDING;
	return dkim_is_space(c) ? SPACE : ILLEGAL;
}

/* Whether the text ends as it must: the bits that are left are none or zero, and as many "=" as
 * fill the last four characters. */
static bool
ends_well(size_t letters, size_t paddings, uint32_t bits)
{
	size_t open = letters % 4;

	if (!open)
		return paddings == 0;
	if (open == 1 || open + paddings != 4)
		return false;
	return (bits & (open == 2 ? 0xfu : 0x3u)) == 0;
}

bool
dkim_base64_decode(struct dkim_text text, uint8_t *bytes_r, size_t room, size_t *size_r)
{
	size_t i, letters = 0, paddings = 0, size = 0;
	uint32_t bits = 0;

	for (i = 0; i < text.length; i++) {
		unsigned value = value_of(text.data[i]);

		if (value == SPACE)
			continue;
		if (value == ILLEGAL || (value == PADDING && ++paddings > 2) ||
		    (value < SPACE && paddings))
			return false;
		if (value == PADDING)
			continue;
		bits = bits << 6 | value;
		letters++;
		/* Each letter but the first of four completes a byte. */
		if (letters % 4 == 1)
			continue;
		if (size == room)
			return false;
		bytes_r[size++] = (uint8_t)(bits >> ((4 - letters % 4) % 4 * 2));
	}
	*size_r = size;
	return ends_well(letters, paddings, bits);
}

size_t
dkim_base64_encode(const uint8_t *bytes, size_t size, char *text_r)
{
	char *out = text_r;
	size_t i;

	for (i = 0; i < size; i += 3) {
		uint32_t bits = (uint32_t)bytes[i] << 16;

		bits |= i + 1 < size ? (uint32_t)bytes[i + 1] << 8 : 0;
		bits |= i + 2 < size ? bytes[i + 2] : 0;
		*out++ = alphabet[bits >> 18];
		*out++ = alphabet[bits >> 12 & 63];
		*out++ = i + 1 < size ? alphabet[bits >> 6 & 63] : '=';
		*out++ = i + 2 < size ? alphabet[bits & 63] : '=';
	}
	*out = '\0';
	return (size_t)(out - text_r);
}

/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugins/dkim/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* What a character stands for: one of these, or its six bits and one. */
enum { ILLEGAL = 0, LETTERS_END = 65, SPACE = 65, PADDING = 66 };

static const uint8_t values[256] = {
	['\t'] = SPACE, ['\n'] = SPACE, ['\r'] = SPACE, [' '] = SPACE, ['='] = PADDING,
	['+'] = 63, ['/'] = 64,
	['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
	['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
	24, 25, 26,
	['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
	48, 49, 50, 51, 52,
};

static unsigned
value_of(char c)
{
	return values[(unsigned char)c];
}

static bool
is_letter(unsigned value)
{
	return value != ILLEGAL && value < LETTERS_END;
}

/* The bits of four letters, as nearly all come. False: not all are letters. */
static bool
read_four(const char *text, uint32_t *bits_r)
{
	unsigned a = value_of(text[0]), b = value_of(text[1]), c = value_of(text[2]),
	    d = value_of(text[3]);

	*bits_r = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
	return is_letter(a) && is_letter(b) && is_letter(c) && is_letter(d);
}

static void
put_three(uint32_t bits, uint8_t *to)
{
	to[0] = (uint8_t)(bits >> 16);
	to[1] = (uint8_t)(bits >> 8);
	to[2] = (uint8_t)bits;
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
	size_t i = 0, letters = 0, paddings = 0, size = 0;
	uint32_t bits = 0;

	while (i < text.length) {
		unsigned value = value_of(text.data[i]);

		if (letters % 4 == 0 && !paddings && text.length - i >= 4 && room - size >= 3 &&
		    read_four(text.data + i, &bits)) {
			put_three(bits, bytes_r + size);
			size += 3;
			letters += 4;
			i += 4;
			continue;
		}
		i++;
		if (value == SPACE)
			continue;
		if (value == ILLEGAL || (value == PADDING && ++paddings > 2) ||
		    (value < SPACE && paddings))
			return false;
		if (value == PADDING)
			continue;
		bits = bits << 6 | (value - 1);
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

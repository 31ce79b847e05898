/* SPDX-License-Identifier: BSD-2-Clause */
/* Characters of UTF-8 text: the table of RFC 3629 section 4, one row a first byte. */
#include "filterd/util/utf8.h"

/* What may follow a first byte: the bounds of the second byte rule out what has a shorter form,
 * surrogates, and what lies beyond U+10FFFF. Further bytes are 80 to BF. */
static const struct {
	unsigned char first, last;	/* of the first byte */
	unsigned char least, most;	/* of the second byte */
	unsigned char length;
	unsigned char mask;		/* bits of the first byte that count */
} forms[] = {
	{ 0x00, 0x7f, 0x00, 0x00, 1, 0x7f },
	{ 0xc2, 0xdf, 0x80, 0xbf, 2, 0x1f },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3, 0x0f },
	{ 0xe1, 0xec, 0x80, 0xbf, 3, 0x0f },
	{ 0xed, 0xed, 0x80, 0x9f, 3, 0x0f },
	{ 0xee, 0xef, 0x80, 0xbf, 3, 0x0f },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4, 0x07 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4, 0x07 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4, 0x07 },
};

#define FORMS (sizeof(forms) / sizeof(forms[0]))

size_t
utf8_next(struct str text, uint32_t *point_r)
{
	const unsigned char *bytes = (const unsigned char *)text.data;
	size_t form = 0, i;

	if (!text.length)
		return 0;
	while (form < FORMS && (bytes[0] < forms[form].first || bytes[0] > forms[form].last))
		form++;
	if (form == FORMS || text.length < forms[form].length)
		return 0;
	*point_r = bytes[0] & forms[form].mask;
	for (i = 1; i < forms[form].length; i++) {
		unsigned char least = i == 1 ? forms[form].least : 0x80;
		unsigned char most = i == 1 ? forms[form].most : 0xbf;

		if (bytes[i] < least || bytes[i] > most)
			return 0;
		*point_r = *point_r << 6 | (bytes[i] & 0x3f);
	}
	return forms[form].length;
}

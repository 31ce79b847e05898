/* SPDX-License-Identifier: BSD-2-Clause */
#include <idn2.h>

#include "plugins/dkim/domain.h"

static bool
is_label_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Whether it is labels with dots between them. */
static bool
is_name(const char *name)
{
	size_t label = 0;

	for (; *name; name++) {
		if (*name == '.' && !label)
			return false;
		if (*name != '.' && (!is_label_byte(*name) || label == 63))
			return false;
		label = *name == '.' ? 0 : label + 1;
	}
	return label > 0;
}

/* Turns U-labels into A-labels, in place. */
static bool
to_ascii(char name[DKIM_DOMAIN])
{
	char *ascii = NULL;
	bool fits;

	if (idn2_to_ascii_8z(name, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return false;
	fits = strlen(ascii) < DKIM_DOMAIN;
	if (fits)
		strcpy(name, ascii);
	idn2_free(ascii);
	return fits;
}

bool
dkim_domain(struct dkim_text text, char name_r[DKIM_DOMAIN])
{
	bool ascii = true;
	size_t i;

	if (text.length >= DKIM_DOMAIN || (text.length && memchr(text.data, '\0', text.length)))
		return false;
	for (i = 0; i < text.length; i++) {
		name_r[i] = dkim_lower(text.data[i]);
		ascii = ascii && (unsigned char)text.data[i] < 0x80;
	}
	name_r[i] = '\0';
	if (!ascii && !to_ascii(name_r))
		return false;
	i = strlen(name_r);
	if (i && name_r[i - 1] == '.')
		name_r[--i] = '\0';
	return i <= 253 && is_name(name_r);
}

bool
dkim_domain_within(const char *name, const char *parent)
{
	size_t length = strlen(name), tail = strlen(parent);

	if (length < tail || strcmp(name + length - tail, parent) != 0)
		return false;
	return length == tail || name[length - tail - 1] == '.';
}

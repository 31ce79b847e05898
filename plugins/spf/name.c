/* SPDX-License-Identifier: BSD-2-Clause */
/* Domain names as SPF meets them; U-labels are converted by libidn2. */
#include <stdlib.h>

#include <idn2.h>

#include "plugins/spf/name.h"

#define LABEL_MAXIMUM	63
#define SAID_MAXIMUM	1024	/* bytes of a domain that is worth converting */

bool
spf_name_fits(const char *name)
{
	size_t length = strlen(name), label = 0, i;

	if (!length || length >= SPF_NAME_SIZE)
		return false;
	for (i = 0; i <= length; i++) {
		if (name[i] != '.' && name[i]) {
			if ((unsigned char)name[i] >= 0x80 || name[i] == '\\' ||
			    ++label > LABEL_MAXIMUM)
				return false;
			continue;
		}
		if (label == 0)
			return false;
		label = 0;
	}
	return true;
}

bool
spf_name_has_labels(const char *name)
{
	return strchr(name, '.') != NULL;
}

bool
spf_name_within(const char *name, const char *domain)
{
	size_t length = strlen(name), tail = strlen(domain);

	return length >= tail && strcasecmp(name + length - tail, domain) == 0 &&
	    (length == tail || name[length - tail - 1] == '.');
}

static bool
is_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return !*text;
}

static bool
copy_ascii(const char *said, char name_r[SPF_NAME_SIZE])
{
	size_t length = strlen(said);

	if (length && said[length - 1] == '.')
		length--;
	if (length >= SPF_NAME_SIZE)
		return false;
	memcpy(name_r, said, length);
	name_r[length] = '\0';
	return true;
}

static bool
to_ascii(const char *said, char name_r[SPF_NAME_SIZE])
{
	char *found = NULL;
	bool good;

	if (is_ascii(said))
		return copy_ascii(said, name_r);
	if (strlen(said) > SAID_MAXIMUM ||
	    idn2_to_ascii_8z(said, &found, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return false;
	good = copy_ascii(found, name_r);
	idn2_free(found);
	return good;
}

/* Letters, digits, "-" and, which some have, "_"; the top label is not a number. */
static bool
is_host_name(const char *name)
{
	const char *dot = strrchr(name, '.'), *c;

	for (c = name; *c; c++)
		if (!spf_is_alphanum(*c) && !strchr("-_.", *c))
			return false;
	for (c = dot + 1; spf_is_digit(*c);)
		c++;
	return *c != '\0';
}

bool
spf_name_of_identity(const char *said, char name_r[SPF_NAME_SIZE])
{
	return to_ascii(said, name_r) && spf_name_fits(name_r) && spf_name_has_labels(name_r) &&
	    is_host_name(name_r);
}

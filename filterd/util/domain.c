/* SPDX-License-Identifier: BSD-2-Clause */
/* Internationalised domains, by libidn2. Nothing is fatal but being out of memory. */
#include <stdint.h>
#include <string.h>

#include <idn2.h>

#include "filterd/util/domain.h"
#include "filterd/util/memory.h"

#define CONVERTED_MAXIMUM (DOMAIN_MAXIMUM * 4)	/* bytes of a domain that is worth converting */

static bool
is_ascii(struct str text)
{
	size_t i;

	for (i = 0; i < text.length; i++)
		if ((unsigned char)text.data[i] >= 0x80)
			return false;
	return true;
}

/* libidn2 takes a text that ends with NUL, and gives one of its own. */
static struct str
convert(struct str domain, char *buffer, size_t size)
{
	char text[CONVERTED_MAXIMUM + 1];
	char *found = NULL;
	struct str result = domain;
	int status;

	memcpy(text, domain.data, domain.length);
	text[domain.length] = '\0';
	status = idn2_to_ascii_8z(text, &found, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (status == IDN2_MALLOC)
		memory_exhausted();
	if (status == IDN2_OK && strlen(found) < size) {
		result = (struct str){ buffer, strlen(found) };
		memcpy(buffer, found, result.length + 1);
	}
	idn2_free(found);
	return result;
}

/* Behind what stands in the buffer already: a prefix of the text that is not converted. */
static struct str
convert_behind(struct str text, size_t prefix, char buffer[DOMAIN_TEXT])
{
	struct str domain = { text.data + prefix, text.length - prefix };
	struct str found;

	if (prefix >= DOMAIN_TEXT / 2 || domain.length > CONVERTED_MAXIMUM || is_ascii(domain) ||
	    memchr(domain.data, '\0', domain.length))
		return text;
	found = convert(domain, buffer + prefix, DOMAIN_TEXT - prefix);
	if (found.data == domain.data)
		return text;
	memcpy(buffer, text.data, prefix);
	return (struct str){ buffer, prefix + found.length };
}

struct str
domain_ascii(struct str domain, char buffer[DOMAIN_TEXT])
{
	return convert_behind(domain, domain.length && domain.data[0] == '.', buffer);
}

struct str
domain_ascii_in(struct str text, char buffer[DOMAIN_TEXT])
{
	const char *at = text.length ? memrchr(text.data, '@', text.length) : NULL;

	if (at)
		return convert_behind(text, (size_t)(at - text.data) + 1, buffer);
	if (!text.length || memchr(text.data, ' ', text.length) ||
	    !memchr(text.data, '.', text.length))
		return text;
	return domain_ascii(text, buffer);
}

bool
domain_equal(struct str a, struct str b)
{
	char of_a[DOMAIN_TEXT], of_b[DOMAIN_TEXT];

	return str_equal_nocase(domain_ascii(a, of_a), domain_ascii(b, of_b));
}

/* Bytes up to the last "@", that included; 0: there is none. */
static size_t
local_size(struct str mailbox)
{
	const char *at = mailbox.length ? memrchr(mailbox.data, '@', mailbox.length) : NULL;

	return at ? (size_t)(at - mailbox.data) + 1 : 0;
}

bool
domain_mailbox_equal(struct str a, struct str b)
{
	size_t local = local_size(a);

	if (local == 0 || local_size(b) != local)
		return str_equal(a, b);
	return memcmp(a.data, b.data, local) == 0 &&
	    domain_equal((struct str){ a.data + local, a.length - local },
		(struct str){ b.data + local, b.length - local });
}

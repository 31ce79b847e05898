/* SPDX-License-Identifier: BSD-2-Clause */
/* Collects Author Domains. */
#include <string.h>

#include "filterd/message/address.h"
#include "filterd/util/arena.h"
#include "filterd/util/domain.h"
#include "plugins/dmarc/author.h"

#define LABEL_MAXIMUM	63

/* Letters, digits, hyphens, and the underscores that some have. */
static bool
is_label_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool
dmarc_domain(struct str text, char domain_r[DMARC_DOMAIN_MAXIMUM + 1])
{
	char buffer[DOMAIN_TEXT];
	struct str ascii = domain_ascii(text, buffer);
	size_t i, label = 0;

	domain_r[0] = '\0';
	if (ascii.length && ascii.data[ascii.length - 1] == '.')
		ascii.length--;
	if (ascii.length == 0 || ascii.length > DMARC_DOMAIN_MAXIMUM)
		return false;
	for (i = 0; i < ascii.length; i++) {
		char c = str_lower(ascii.data[i]);

		label = c == '.' ? 0 : label + 1;
		if ((c == '.' && (i == 0 || ascii.data[i - 1] == '.' || i + 1 == ascii.length)) ||
		    (c != '.' && !is_label_byte(c)) || label > LABEL_MAXIMUM) {
			domain_r[0] = '\0';
			return false;
		}
		domain_r[i] = c;
	}
	domain_r[i] = '\0';
	return true;
}

static bool
add_address(void *argument, struct str address, struct str local, struct str domain)
{
	struct dmarc_authors *authors = argument;
	char found[DMARC_DOMAIN_MAXIMUM + 1];
	size_t i;

	(void)address;
	(void)local;
	authors->addresses++;
	if (!dmarc_domain(domain, found)) {
		authors->unusable = true;
		return false;
	}
	for (i = 0; i < authors->count; i++)
		if (strcmp(authors->domains[i], found) == 0)
			return false;
	if (authors->count == DMARC_AUTHORS) {
		authors->too_many = true;
		return true;
	}
	memcpy(authors->domains[authors->count++], found, strlen(found) + 1);
	return false;
}

void
dmarc_authors_add(struct dmarc_authors *authors, struct str field_value)
{
	struct arena *arena = arena_create(0, 0);

	authors->fields++;
	address_list_each(field_value, arena, add_address, authors);
	arena_destroy(&arena);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The domains of From fields, which a line end divides in the input: each is one that the DNS can
 * have, once, in the form that it is compared in. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "plugins/dmarc/author.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct dmarc_authors *authors)
{
	char again[DMARC_DOMAIN_MAXIMUM + 1];
	size_t i, j;

	assert(authors->count <= DMARC_AUTHORS && authors->count <= authors->addresses);
	assert(!authors->too_many || authors->count == DMARC_AUTHORS);
	for (i = 0; i < authors->count; i++) {
		assert(authors->domains[i][0]);
		assert(dmarc_domain(str_of(authors->domains[i]), again));
		assert(strcmp(again, authors->domains[i]) == 0);
		for (j = 0; j < i; j++)
			assert(strcmp(authors->domains[i], authors->domains[j]) != 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dmarc_authors authors = { 0 };
	const char *at = (const char *)data, *end = at + size;

	while (at < end) {
		const char *line = memchr(at, '\r', (size_t)(end - at));

		line = line ? line : end;
		dmarc_authors_add(&authors, (struct str){ at, (size_t)(line - at) });
		at = line + 1;
	}
	check(&authors);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes zone files, and what they answer. The input is a file, a NUL, and names to ask for, a line
 * each. Mistakes must lie within the text, and every answer must hold what its status says.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/service/dns_zone.h"

#define INPUT_MAXIMUM	8192

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_place(void *data, struct dns_zone_place at, const char *what)
{
	const struct str *text = data;

	assert(at.offset + at.length <= text->length);
	assert(at.line >= 1 && at.column >= 1 && *what && !strchr(what, '\n'));
}

static void
check_answer(const struct mf_dns_answer *answer)
{
	size_t i;

	assert(!answer->secure);
	assert((answer->status == MF_DNS_FOUND) == (answer->count > 0));
	assert((answer->status == MF_DNS_FOUND) == (answer->canonical != NULL));
	for (i = 0; i < answer->count; i++)
		assert(((const char *)answer->records[i].data)[answer->records[i].size] == '\0');
}

static void
ask(const struct dns_zone *zone, struct str text)
{
	static const enum mf_dns_type types[] = {
		MF_DNS_A, MF_DNS_PTR, MF_DNS_MX, MF_DNS_TXT, MF_DNS_AAAA
	};
	struct dns_name name;
	size_t i;

	if (!dns_name_parse(text, &name))
		return;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct mf_dns_answer *answer = dns_zone_answer(zone, &name, types[i]);

		check_answer(answer);
		free(answer);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size && size <= INPUT_MAXIMUM ? memchr(data, '\0', size) : NULL;
	struct str text, rest;
	struct dns_zone *zone;

	if (!end)
		return 0;
	text = (struct str){ (const char *)data, (size_t)(end - data) };
	rest = (struct str){ (const char *)end + 1, size - text.length - 1 };
	zone = dns_zone_parse(text, check_place, &text);
	while (rest.length) {
		const char *line = memchr(rest.data, '\n', rest.length);
		size_t length = line ? (size_t)(line - rest.data) : rest.length;

		ask(zone, (struct str){ rest.data, length });
		length += line ? 1 : 0;
		rest = (struct str){ rest.data + length, rest.length - length };
	}
	dns_zone_destroy(&zone);
	return 0;
}

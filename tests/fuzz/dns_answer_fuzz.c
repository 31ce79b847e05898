/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes answers. The input is a byte that says the type, and the data of records, each behind its
 * length in two bytes. What comes out must hold what its status says, and a host name, asked for
 * again, must be the same name.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/service/dns_answer.h"

#define RECORDS	600

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_host(const struct mf_dns_record *record)
{
	struct dns_name name;
	char text[DNS_NAME_TEXT];

	if (!record->size)
		return;		/* the root */
	assert(dns_name_parse((struct str){ record->data, record->size }, &name));
	assert(dns_name_print(&name, text) == record->size);
	assert(memcmp(text, record->data, record->size) == 0);
}

static void
check(enum mf_dns_type type, const struct mf_dns_answer *answer)
{
	size_t i;

	assert((answer->status == MF_DNS_FOUND) == (answer->count > 0));
	assert(answer->count <= DNS_RECORDS_MAXIMUM);
	for (i = 0; i < answer->count; i++) {
		const struct mf_dns_record *record = &answer->records[i];

		assert(((const char *)record->data)[record->size] == '\0');
		assert(type != MF_DNS_A || record->size == 4);
		assert(type != MF_DNS_AAAA || record->size == 16);
		if (type == MF_DNS_PTR || type == MF_DNS_MX)
			check_host(record);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum mf_dns_type types[] = {
		MF_DNS_A, MF_DNS_PTR, MF_DNS_MX, MF_DNS_TXT, MF_DNS_AAAA
	};
	static const struct dns_name owner = { .size = 3, .bytes = { 1, 'a', 0 } };
	struct dns_data items[RECORDS];
	struct mf_dns_answer *answer;
	enum mf_dns_type type;
	size_t count = 0, at = 1;

	if (!size)
		return 0;
	type = types[data[0] % 5];
	while (count < RECORDS && size - at >= 2) {
		size_t length = (size_t)data[at] << 8 | data[at + 1];

		at += 2;
		if (length > size - at)
			length = size - at;
		items[count++] = (struct dns_data){ data + at, length };
		at += length;
	}
	answer = dns_answer_make(type, items, count, &owner);
	check(type, answer);
	free(answer);
	return 0;
}

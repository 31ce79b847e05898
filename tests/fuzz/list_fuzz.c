/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes lists against a plain model of them. The input is entries, a line each, a NUL, and texts
 * to look up, a line each. Every answer is compared with that of a walk over all entries, names
 * with their labels in the one form (util/domain.h) that lists look up.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/config/list.h"
#include "filterd/util/domain.h"
#include "tests/fuzz/part.h"

#define ENTRIES_MAXIMUM	64
#define INPUT_MAXIMUM	4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct model {
	struct str entries[ENTRIES_MAXIMUM];
	size_t count;
};

/* Address and prefix length counted in 128 bits; false: something else. */
static bool
read_network(struct str text, uint8_t ip[16], int *prefix_r, bool *ipv4_r)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	char copy[64], *slash;

	if (text.length >= sizeof(copy) || (text.length && memchr(text.data, '\0', text.length)))
		return false;
	if (text.length)
		memcpy(copy, text.data, text.length);
	copy[text.length] = '\0';
	slash = strchr(copy, '/');
	if (slash)
		*slash = '\0';
	memcpy(ip, mapped, sizeof(mapped));
	*prefix_r = 128;
	if (inet_pton(AF_INET, copy, ip + 12) == 1) {
		*prefix_r = slash ? 96 + atoi(slash + 1) : 128;
	} else {
		if (inet_pton(AF_INET6, copy, ip) != 1)
			return false;
		*prefix_r = slash ? atoi(slash + 1) : 128;
	}
	*ipv4_r = *prefix_r >= 96 && memcmp(ip, mapped, sizeof(mapped)) == 0;
	return true;
}

static bool
network_holds(struct str entry, const uint8_t ip[16], bool ipv4)
{
	uint8_t network[16];
	int prefix, bit;
	bool network_ipv4;

	if (!read_network(entry, network, &prefix, &network_ipv4) || network_ipv4 != ipv4)
		return false;
	for (bit = 0; bit < prefix; bit++)
		if ((network[bit / 8] ^ ip[bit / 8]) >> (7 - bit % 8) & 1)
			return false;
	return true;
}

static bool
name_fits(struct str entry, struct str text)
{
	char buffer[DOMAIN_TEXT];
	struct str tail;

	entry = domain_ascii_in(entry, buffer);
	if (text.length && text.data[0] != '.' && str_equal_nocase(entry, text))
		return true;
	if (entry.data[0] != '.' || text.length <= entry.length || text.length > 255 ||
	    memchr(text.data, '@', text.length))
		return false;
	tail = (struct str){ text.data + text.length - entry.length, entry.length };
	return str_equal_nocase(entry, tail);
}

static bool
model_has(const struct model *model, struct str text)
{
	char buffer[DOMAIN_TEXT];
	uint8_t ip[16], unused[16];
	int prefix, entry_prefix;
	bool ipv4, entry_ipv4, address;
	size_t i;

	text = domain_ascii_in(text, buffer);
	address = read_network(text, ip, &prefix, &ipv4) && text.length &&
	    !memchr(text.data, '/', text.length);
	for (i = 0; i < model->count; i++) {
		struct str entry = model->entries[i];

		if (read_network(entry, unused, &entry_prefix, &entry_ipv4)) {
			if (address && network_holds(entry, ip, ipv4))
				return true;
		} else if (name_fits(entry, text)) {
			return true;
		}
	}
	return false;
}

static struct mf_list *
fill(struct model *model, struct str entries)
{
	struct mf_list *list = list_create("fuzz");
	const char *error;

	while (entries.length && model->count < ENTRIES_MAXIMUM) {
		struct str entry = fuzz_part(&entries, '\n');

		if (list_add(list, entry, &error))
			model->entries[model->count++] = str_trim(entry);
		else
			assert(error);
	}
	assert(list_count(list) == model->count);
	list_seal(list);
	return list;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size };
	struct model model = { .count = 0 };
	struct mf_list *list;

	if (size > INPUT_MAXIMUM)
		return 0;
	list = fill(&model, fuzz_part(&rest, '\0'));
	while (rest.length) {
		struct str text = fuzz_part(&rest, '\n');

		assert(list_has(list, text) == model_has(&model, text));
	}
	list_destroy(&list);
	return 0;
}

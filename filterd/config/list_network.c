/* SPDX-License-Identifier: BSD-2-Clause */
/* IP networks: text to ranges, and look-up by binary search in disjoint ranges. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/config/list_network.h"
#include "filterd/util/memory.h"

#define MAPPED_BITS 96	/* of ::ffff:0:0/96, which holds IPv4 */

static const uint8_t mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

bool
network_ip_is_ipv4(const uint8_t ip[16])
{
	return memcmp(ip, mapped_prefix, sizeof(mapped_prefix)) == 0;
}

/* A printable address; *bits_r is how many bits a prefix of it may have. */
static bool
parse_address(struct str text, uint8_t ip[16], unsigned *bits_r)
{
	char printable[INET6_ADDRSTRLEN];

	if (text.length == 0 || text.length >= sizeof(printable) ||
	    memchr(text.data, '\0', text.length))
		return false;
	memcpy(printable, text.data, text.length);
	printable[text.length] = '\0';
	if (inet_pton(AF_INET, printable, ip + sizeof(mapped_prefix)) == 1) {
		memcpy(ip, mapped_prefix, sizeof(mapped_prefix));
		*bits_r = 32;
		return true;
	}
	*bits_r = 128;
	return inet_pton(AF_INET6, printable, ip) == 1;
}

bool
network_address(struct str text, uint8_t ip_r[16])
{
	unsigned bits;

	return parse_address(text, ip_r, &bits);
}

/* Decimal digits without a leading zero, at most `maximum`. */
static bool
parse_prefix(const char *at, const char *end, unsigned maximum, unsigned *prefix_r)
{
	*prefix_r = 0;
	if (at == end || end - at > 3 || (end - at > 1 && *at == '0'))
		return false;
	for (; at < end; at++) {
		if (*at < '0' || *at > '9')
			return false;
		*prefix_r = *prefix_r * 10 + (unsigned)(*at - '0');
	}
	return *prefix_r <= maximum;
}

/* Widens last to the end of the prefix. False: first has bits set behind the prefix. */
static bool
spread(struct network *network, unsigned prefix)
{
	unsigned i;

	for (i = prefix / 8; i < 16; i++) {
		uint8_t host = i == prefix / 8 ? (uint8_t)(0xff >> prefix % 8) : 0xff;

		if (network->first[i] & host)
			return false;
		network->last[i] |= host;
	}
	return true;
}

enum network_outcome
network_parse(struct str text, struct network *network_r, const char **error_r)
{
	const char *slash = text.length ? memchr(text.data, '/', text.length) : NULL;
	struct str address = { text.data, slash ? (size_t)(slash - text.data) : text.length };
	unsigned bits, prefix;

	if (!parse_address(address, network_r->first, &bits))
		return NETWORK_NONE;
	prefix = bits;
	if (slash && !parse_prefix(slash + 1, text.data + text.length, bits, &prefix)) {
		*error_r = bits == 32 ? "expected a prefix length from 0 to 32 behind the \"/\"" :
		    "expected a prefix length from 0 to 128 behind the \"/\"";
		return NETWORK_BAD;
	}
	memcpy(network_r->last, network_r->first, sizeof(network_r->last));
	if (!spread(network_r, prefix + 128 - bits)) {
		*error_r = "the network has bits set behind its prefix length";
		return NETWORK_BAD;
	}
	return NETWORK_FOUND;
}

static bool
in_range(const struct network *network, const uint8_t ip[16])
{
	return memcmp(ip, network->first, 16) >= 0 && memcmp(ip, network->last, 16) <= 0;
}

bool
network_is_ipv4(const struct network *network)
{
	return network_ip_is_ipv4(network->first) && network_ip_is_ipv4(network->last);
}

bool
network_has(const struct network *network, const uint8_t ip[16])
{
	return network_ip_is_ipv4(ip) == network_is_ipv4(network) && in_range(network, ip);
}

/* ---- sets ---- */

void
network_set_add(struct network_set *set, const struct network *network)
{
	if (set->count == set->room) {
		set->room = set->room ? set->room * 2 : 16;
		set->networks = memory_resize(set->networks, set->room * sizeof(*set->networks));
	}
	set->networks[set->count++] = *network;
}

static int
compare_first(const void *a, const void *b)
{
	return memcmp(((const struct network *)a)->first, ((const struct network *)b)->first, 16);
}

void
network_set_seal(struct network_set *set)
{
	size_t i, kept = 0;

	if (set->count == 0)
		return;
	qsort(set->networks, set->count, sizeof(*set->networks), compare_first);
	for (i = 1; i < set->count; i++) {
		struct network *top = &set->networks[kept];
		const struct network *next = &set->networks[i];

		if (memcmp(next->first, top->last, 16) > 0)
			set->networks[++kept] = *next;
		else if (memcmp(next->last, top->last, 16) > 0)
			memcpy(top->last, next->last, 16);
	}
	set->count = set->room = kept + 1;
	set->networks = memory_resize(set->networks, set->count * sizeof(*set->networks));
}

static int
compare_range(const void *key, const void *member)
{
	const struct network *network = member;

	if (memcmp(key, network->first, 16) < 0)
		return -1;
	return memcmp(key, network->last, 16) > 0;
}

bool
network_set_has(const struct network_set *set, const uint8_t ip[16])
{
	return set->count &&
	    bsearch(ip, set->networks, set->count, sizeof(*set->networks), compare_range);
}

void
network_set_free(struct network_set *set)
{
	free(set->networks);
	*set = (struct network_set){ 0 };
}

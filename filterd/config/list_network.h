/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IP networks, and sorted sets of them. An address is 16 bytes in network order, IPv4 in its
 * IPv4-mapped form (RFC 4291 section 2.5.5.2). IPv4 and IPv6 are kept apart: ::/0 is every IPv6
 * address and no IPv4 one.
 */
#ifndef FILTERD_CONFIG_LIST_NETWORK_H
#define FILTERD_CONFIG_LIST_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filterd/util/str.h"

/* All addresses from first to last. */
struct network {
	uint8_t first[16], last[16];
};

enum network_outcome {
	NETWORK_NONE,	/* not an address nor a network: some other text */
	NETWORK_BAD,	/* with a wrong prefix length or host bits set: *error_r is a static text */
	NETWORK_FOUND
};

/* "192.0.2.7", "192.0.2.0/24", "2001:db8::/32". */
enum network_outcome network_parse(struct str text, struct network *network_r,
    const char **error_r);

/* A printable address alone. */
bool network_address(struct str text, uint8_t ip_r[16]);

bool network_ip_is_ipv4(const uint8_t ip[16]);
bool network_has(const struct network *network, const uint8_t ip[16]);

/* Zero-initialise it. */
struct network_set {
	struct network *networks;	/* sealed: sorted and disjoint */
	size_t count, room;
};

/* A network goes into the set of its family. */
bool network_is_ipv4(const struct network *network);
void network_set_add(struct network_set *set, const struct network *network);

/* Sorts, merges what overlaps, and gives spare memory back. */
void network_set_seal(struct network_set *set);
bool network_set_has(const struct network_set *set, const uint8_t ip[16]);
void network_set_free(struct network_set *set);

#endif

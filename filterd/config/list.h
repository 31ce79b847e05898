/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Named lists: addresses, networks, domains and strings together in one list, each kind looked up in its own index.
 *
 *	192.0.2.0/24  2001:db8::/32  192.0.2.7   networks and addresses, matched against client.ip; longest or any, binary search
 *	example.org                              equal text, ASCII case folded (a domain, an e-mail address, a string)
 *	.example.org                             every name below example.org, not example.org itself
 *
 * 100,000 networks and 1,000,000 names are meant to be looked up in logarithmic time or better and loaded in a second or two.
 * Files: one entry a line, # comments (at line start or after a blank), blank lines passed over; size and entry count are limited.
 */
#ifndef FILTERD_CONFIG_LIST_H
#define FILTERD_CONFIG_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "filterd/util/str.h"

struct mf_list;

struct mf_list *list_create(const char *name);
void list_destroy(struct mf_list **list);
const char *list_name(const struct mf_list *list);

/* False: not a valid entry (a network with host bits set or a bad prefix length, or empty); *error_r is a static text. */
bool list_add(struct mf_list *list, struct str entry, const char **error_r);

/* To be called once after the last list_add; look-ups before it are not allowed. */
void list_seal(struct mf_list *list);

size_t list_count(const struct mf_list *list);

/* text may also be a printable IP address: then networks are searched too. */
bool list_has(const struct mf_list *list, struct str text);

/* 16 bytes, IPv4 in mapped form. */
bool list_has_ip(const struct mf_list *list, const uint8_t ip[16]);

#endif

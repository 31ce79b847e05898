/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Named lists: addresses, networks, domains and strings together in one list, each kind looked up
 * in its own index.
 *
 *	192.0.2.0/24  2001:db8::/32  192.0.2.7   networks and addresses, matched against client.ip
 *	example.org                 equal text without ASCII case: a name, an address
 *	.example.org                every name below example.org, not example.org itself
 *
 * A domain with U-labels and the same one with A-labels are one entry (util/domain.h).
 *
 * A look-up of an address is a binary search; of a name, one hash for the whole and one for each of
 * its parent domains, all made in one pass over the name. 100,000 networks and 1,000,000 names load
 * in about a second. Sealed, a network costs at most 32 bytes and a name at most its length and 24
 * bytes.
 *
 * Files: one entry a line, # comments (at line start or after a blank), blank lines passed over;
 * size and entry count are limited.
 */
#ifndef FILTERD_CONFIG_LIST_H
#define FILTERD_CONFIG_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filterd/util/str.h"

#define LIST_ENTRIES_MAXIMUM	16000000	/* entries a list */
#define LIST_ENTRY_MAXIMUM	1024		/* bytes an entry */
#define LIST_TEXT_MAXIMUM	1000000000	/* bytes of all names together */

struct mf_list;

struct mf_list *list_create(const char *name);
void list_destroy(struct mf_list **list);
const char *list_name(const struct mf_list *list);

/* False: not a valid entry (a network with host bits set or a bad prefix length, control
 * characters, or empty), or a limit; *error_r is a static text. Blanks around the entry are
 * dropped. */
bool list_add(struct mf_list *list, struct str entry, const char **error_r);

/* To be called once after the last list_add; look-ups before it are not allowed. */
void list_seal(struct mf_list *list);

/* Entries added, repeated ones included. */
size_t list_count(const struct mf_list *list);

/* Bytes that the sealed list holds. */
size_t list_memory(const struct mf_list *list);

/* The name behind another one of the list, which is sealed; the first one behind NULL, NULL behind
 * the last. Each is in lower case and may come several times. */
const char *list_next_name(const struct mf_list *list, const char *name);

/* text may also be a printable IP address: then networks are searched too. A name below a domain
 * has at most 255 bytes and no "@". */
bool list_has(const struct mf_list *list, struct str text);

/* 16 bytes, IPv4 in mapped form. */
bool list_has_ip(const struct mf_list *list, const uint8_t ip[16]);

#endif

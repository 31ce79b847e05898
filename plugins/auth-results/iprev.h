/* SPDX-License-Identifier: BSD-2-Clause */
/* The iprev method, RFC 8601 section 3: whether the names of a client's address have it. */
#ifndef PLUGINS_AUTHRES_IPREV_H
#define PLUGINS_AUTHRES_IPREV_H

#include <filterd/plugin.h>

#define IPREV_NAMES	10	/* names of an address that are looked at */
#define IPREV_NAME	80	/* room for the name of any address, NUL included */

/* The name whose PTR records name an address, RFC 1035 section 3.5 and RFC 3596 section 2.5. The
 * address is network order, IPv4 in its IPv4-mapped form; version 4 or 6. */
void iprev_name(const uint8_t ip[16], unsigned version, char name_r[IPREV_NAME]);

/* Sends the first query. Of a client without an address nothing is asked. */
void iprev_start(struct mf_context *c);

/* Waits for the answers and puts the result on the board. */
void iprev_finish(struct mf_context *c);

#endif

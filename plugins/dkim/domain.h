/* SPDX-License-Identifier: BSD-2-Clause */
/* Domain names and selectors of DKIM fields, as they are asked for in DNS and compared. */
#ifndef PLUGINS_DKIM_DOMAIN_H
#define PLUGINS_DKIM_DOMAIN_H

#include "plugins/dkim/text.h"

enum { DKIM_DOMAIN = 256 };	/* room for a name and its NUL */

/* The name in lower case, its U-labels turned into A-labels (RFC 8616), without a final dot. False:
 * it is no name: labels are of letters, digits, "-" and "_", 1 to 63 bytes long, the whole at most
 * 253. */
bool dkim_domain(struct dkim_text text, char name_r[DKIM_DOMAIN]);

/* Whether a name, as above, is `parent` or a name below it. */
bool dkim_domain_within(const char *name, const char *parent);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Domain names as SPF meets them. Pure. */
#ifndef PLUGINS_SPF_NAME_H
#define PLUGINS_SPF_NAME_H

#include <stdbool.h>

#include "plugins/spf/macro.h"

/* Whether a name can be asked for: labels of 1 to 63 bytes, 253 at most, all ASCII (RFC 1035
 * section 2.3.4, RFC 7208 section 4.3), none a backslash, with which bytes that no host name has
 * are written. It has no final dot. */
bool spf_name_fits(const char *name);

/* Whether it has two labels or more (RFC 7208 section 4.3). */
bool spf_name_has_labels(const char *name);

/* Whether a domain is the other one or one below it; without case. */
bool spf_name_within(const char *name, const char *domain);

/* Makes the identity's domain of what the client has said: A-labels for U-labels (RFC 8616 section
 * 4), no final dot. False: it is not a domain name of several labels that hosts or mailboxes could
 * have, but an address literal, say. */
bool spf_name_of_identity(const char *said, char name_r[SPF_NAME_SIZE]);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Domains whose labels may be written in two ways: "bücher.example" with a U-label and
 * "xn--bcher-kva.example" with the A-label of it name the same domain (RFC 5890 section 2.3.2.1).
 * What is compared or looked up is brought into one form here. Pure; what is no such domain stays
 * as it is.
 */
#ifndef FILTERD_UTIL_DOMAIN_H
#define FILTERD_UTIL_DOMAIN_H

#include "filterd/util/str.h"

#define DOMAIN_MAXIMUM	255	/* bytes of a domain, RFC 1035 section 2.3.4 */
#define DOMAIN_TEXT	2048	/* bytes that a converted text may have */

/* The domain with A-labels for all U-labels (RFC 5891 section 4, with the mapping of UTS 46). A dot
 * in front stays. Borrowed: the domain itself when there is nothing to convert, or when it cannot
 * be; else the buffer. */
struct str domain_ascii(struct str domain, char buffer[DOMAIN_TEXT]);

/* The same of the domain of an address, behind its last "@". A text without "@" is converted when
 * it looks like a domain, which has a dot and no blank. */
struct str domain_ascii_in(struct str text, char buffer[DOMAIN_TEXT]);

/* Whether they name the same domain. */
bool domain_equal(struct str a, struct str b);

/* Whether they are the same mailbox: the local part byte by byte (RFC 5321 section 2.4), the domain
 * as domains are compared. */
bool domain_mailbox_equal(struct str a, struct str b);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Author Domains, RFC 9989 section 5.3.1: the domains of the addresses in From fields (RFC 5322
 * section 3.6.2, groups as RFC 6854 has them, UTF-8 as RFC 6532). Pure. Fields are read as a
 * lenient mail reader would: whatever address one might show has its domain here.
 */
#ifndef PLUGINS_DMARC_AUTHOR_H
#define PLUGINS_DMARC_AUTHOR_H

#include <stdbool.h>
#include <stddef.h>

#include "filterd/util/str.h"

#define DMARC_AUTHORS		10	/* different domains that are kept */
#define DMARC_DOMAIN_MAXIMUM	253	/* bytes, RFC 1035 section 2.3.4 without the root's */

struct dmarc_authors {
	size_t fields;		/* From fields; more than one is illegal */
	size_t addresses;
	size_t count;		/* different domains */
	/* with A-labels, in lower case */
	char domains[DMARC_AUTHORS][DMARC_DOMAIN_MAXIMUM + 1];
	bool unusable;		/* an address had no domain, or none that the DNS can have */
	bool too_many;		/* domains beyond DMARC_AUTHORS */
};

/* Adds what stands in a From field's value. The struct begins as zeroes. */
void dmarc_authors_add(struct dmarc_authors *authors, struct str field_value);

/* A domain in the form that domains are compared and asked for in: A-labels for U-labels, lower
 * case, no dot at the end. False: it is none that could be in the DNS. */
bool dmarc_domain(struct str text, char domain_r[DMARC_DOMAIN_MAXIMUM + 1]);

#endif

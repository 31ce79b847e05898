/* SPDX-License-Identifier: BSD-2-Clause */
/* A DNS for the check of DMARC, in a few lines of text: what tests and fuzz targets share. */
#ifndef TESTS_UNIT_DMARC_KIT_H
#define TESTS_UNIT_DMARC_KIT_H

#include "plugins/dmarc/evaluate.h"

#define KIT_ASKED	4096	/* bytes of names that are noted */

/* A name has TXT records at "_dmarc." and itself, several with the same domain. */
struct kit_record {
	const char *domain;
	const char *text;	/* NULL: the DNS fails for it */
};

struct kit {
	const struct kit_record *records;	/* ends with a domain that is NULL */
	const char *missing;		/* a domain that does not exist; NULL: all do */
	const char *silent;		/* a domain of which it is not known; NULL: none */
	struct str texts[8];
	char asked[KIT_ASKED];		/* the domains that were asked for, each with a blank */
};

/* The DNS of a kit. */
struct dmarc_dns kit_dns(struct kit *kit);

#endif

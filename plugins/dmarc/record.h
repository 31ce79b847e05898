/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DMARC Policy Records, RFC 9989 sections 4.7 and 4.8. Pure: the text of a TXT record in, struct
 * out. Unknown and removed tags (pct, rf, ri) are ignored, and so is a value that the grammar does
 * not have: its default stands.
 */
#ifndef PLUGINS_DMARC_RECORD_H
#define PLUGINS_DMARC_RECORD_H

#include <stdbool.h>

#include "filterd/util/str.h"

/* The values of p, sp and np. */
enum dmarc_policy {
	DMARC_ABSENT,
	DMARC_INVALID,		/* the tag is there, its value is none of these */
	DMARC_NONE,
	DMARC_QUARANTINE,
	DMARC_REJECT
};

/* The values of psd. */
enum dmarc_psd {
	DMARC_PSD_UNKNOWN,	/* "u", the default */
	DMARC_PSD_YES,		/* a public suffix */
	DMARC_PSD_NO		/* the organizational domain of itself and its subdomains */
};

/* The values of fo, or'ed. */
enum dmarc_failure {
	DMARC_FO_ALL	= 1 << 0,	/* "0", the default */
	DMARC_FO_ANY	= 1 << 1,	/* "1" */
	DMARC_FO_DKIM	= 1 << 2,	/* "d" */
	DMARC_FO_SPF	= 1 << 3	/* "s" */
};

struct dmarc_record {
	enum dmarc_policy p, sp, np;
	enum dmarc_psd psd;
	bool strict_dkim, strict_spf;	/* adkim=s, aspf=s */
	bool testing;			/* t=y */
	unsigned fo;
	struct str rua, ruf;		/* lists of URIs, as they stand in the record's text */
};

/* False: the text is no DMARC Policy Record, for it does not begin with v=DMARC1. What the record
 * refers to stays in the text. Of a tag that is there twice the first counts. */
bool dmarc_record_parse(struct str text, struct dmarc_record *record_r);

/* Takes the next URI off a list, without the size behind a "!" that RFC 7489 had; what is no URI is
 * passed over. False: there is none left. */
bool dmarc_record_uri(struct str *list, struct str *uri_r);

/* Section 4.10.1: whether a record can be applied, which it cannot when its p is missing or
 * invalid, or its sp or np invalid, and there is no URI to report that to. *policy_none_r: there
 * is, and it counts as p=none. */
bool dmarc_record_usable(const struct dmarc_record *record, bool *policy_none_r);

/* "none", "quarantine", "reject"; "" for the others. */
const char *dmarc_policy_name(enum dmarc_policy policy);

#endif

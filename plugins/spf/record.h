/* SPDX-License-Identifier: BSD-2-Clause */
/* SPF records, RFC 7208 sections 3 to 6: their text and what it says. Pure. */
#ifndef PLUGINS_SPF_RECORD_H
#define PLUGINS_SPF_RECORD_H

#include <stdint.h>

#include "plugins/spf/text.h"

/* Our own limits: a record beyond them counts as one with a syntax error. */
#define SPF_TERMS_MAXIMUM	1000	/* mechanisms of a record */
#define SPF_SPEC_MAXIMUM	1024	/* bytes of a domain-spec, as written */

/* RFC 7208 section 2.6. */
enum spf_result {
	SPF_NONE,
	SPF_NEUTRAL,
	SPF_PASS,
	SPF_FAIL,
	SPF_SOFTFAIL,
	SPF_TEMPERROR,
	SPF_PERMERROR
};

enum spf_mechanism {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS
};

/* A directive: qualifier and mechanism. */
struct spf_term {
	enum spf_mechanism mechanism;
	enum spf_result qualifier;	/* the result when it matches */
	struct spf_text text;		/* the term, as written */
	struct spf_text spec;		/* its domain-spec; no data: it has none */
	uint8_t ip[16];			/* ip4 (in its IPv4-mapped form) and ip6 */
	uint8_t prefix4;		/* bits, 0 to 32: ip4, a, mx */
	uint8_t prefix6;		/* bits, 0 to 128: ip6, a, mx */
};

struct spf_record {
	struct spf_term *terms;
	size_t count;
	/* domain-specs; no data: the record has no such modifier */
	struct spf_text redirect;
	struct spf_text explanation;
};

/* A syntax error. */
struct spf_mistake {
	const char *what;		/* static */
	struct spf_text where;		/* the term */
};

/* The word for it in header fields, "pass". Static. */
const char *spf_result_name(enum spf_result result);

/* Whether the mechanism asks the DNS, and so counts (section 4.6.4). */
bool spf_mechanism_asks(enum spf_mechanism mechanism);

/* Whether a TXT record is one of SPF: it begins with this version (section 4.5). */
bool spf_is_record(struct spf_text text);

/* Reads a record. It refers to the text. False: there is a syntax error somewhere in it, which
 * makes all of it void (section 4.6). */
bool spf_record_parse(struct spf_text text, const struct spf_memory *memory,
    struct spf_record *record_r, struct spf_mistake *mistake_r);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* Macros of SPF, RFC 7208 section 7: their syntax and what they expand to. Pure. */
#ifndef PLUGINS_SPF_MACRO_H
#define PLUGINS_SPF_MACRO_H

#include <stdint.h>

#include "plugins/spf/text.h"

#define SPF_NAME_SIZE	254	/* bytes of a domain name as text (section 7.3), and a NUL */

/* Where a text with macros stands, which says what may stand in it (section 7.1). */
enum spf_syntax {
	SPF_DOMAIN_SPEC,	/* no letters c, r and t; ends in a top label or a macro */
	SPF_MACRO_STRING,	/* the value of an unknown modifier */
	SPF_EXPLAIN_STRING	/* blanks too */
};

/* What macro letters stand for (section 7.2). Texts end in NUL and are never NULL. */
struct spf_values {
	const char *sender;		/* s: local@domain */
	const char *local;		/* l */
	const char *sender_domain;	/* o */
	const char *domain;		/* d: whose record is evaluated */
	const char *validated;		/* p: validated name of the client, else "unknown" */
	const char *helo;		/* h */
	const char *receiver;		/* r */
	uint8_t ip[16];			/* i, c: network order, IPv4 in its IPv4-mapped form */
	uint8_t version;		/* v: 4 or 6 */
	int64_t now;			/* t: seconds since the epoch */
};

bool spf_macros_valid(struct spf_text text, enum spf_syntax syntax);

/* Whether one of the letters, given in lower case, is used, in either case. False for a text that
 * is not valid. */
bool spf_macros_use(struct spf_text text, const char *letters);

/* Expands a valid domain-spec into the name to look up: without final dot, and cut from the left,
 * label by label, to 253 bytes (section 7.3). What comes out need not be a domain name. */
void spf_expand_name(struct spf_text spec, const struct spf_values *values,
    char name_r[SPF_NAME_SIZE]);

/* Expands a valid explain-string; what does not fit into size bytes is cut off. */
void spf_expand_explanation(struct spf_text text, const struct spf_values *values, char *text_r,
    size_t size);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whose Authentication-Results field it is that a message has brought, RFC 8601 sections 2.5 and 5:
 * a field that bears the authserv-id of this site, and came from outside, is forged. Pure. What
 * matters is not what the grammar makes of the field but what any reader behind us might.
 */
#ifndef PLUGINS_AUTHRES_CLAIM_H
#define PLUGINS_AUTHRES_CLAIM_H

#include <stdbool.h>
#include <stddef.h>

#define CLAIM_MAXIMUM	512	/* bytes of an authserv-id that are looked at */

enum claim {
	CLAIM_OTHER,	/* it bears another authserv-id, beyond doubt */
	CLAIM_OURS,
	/* none can be read: it is missing, broken, too long, an encoded word, or has control
	 * characters; so readers may differ */
	CLAIM_UNCLEAR
};

/* The id of a field's value, held against ours, each as claim_canonical() makes them. */
enum claim claim_of(const char *value, size_t length, const char *const *ours, size_t count);

/* An id as ids are compared: with A-labels for U-labels, in lower case, with no dot at its end. In
 * the buffer, cut to CLAIM_MAXIMUM bytes. */
void claim_canonical(const char *id, size_t length, char canonical_r[CLAIM_MAXIMUM + 1]);

/* Whether a field's name is that of RFC 8601, in any case, with blanks before the colon (RFC 5322
 * section 4.5.8) or without. */
bool claim_is_field(const char *name, size_t length);

#endif

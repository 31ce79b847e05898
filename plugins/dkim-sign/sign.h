/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes signature fields: DKIM-Signature (RFC 6376 section 5), ARC-Message-Signature and ARC-Seal
 * (RFC 8617 section 4.1). Folded so that lines keep to 78 columns where names allow it. */
#ifndef PLUGINS_DKIM_SIGN_SIGN_H
#define PLUGINS_DKIM_SIGN_SIGN_H

#include "plugins/dkim/canon.h"
#include "plugins/dkim-sign/private_key.h"

enum {
	SIGN_VALUE_MAX = 32 * 1024,	/* bytes of a field's value */
	SIGN_IDENTITY_MAX = 1024	/* bytes of an identity */
};

struct sign_request {
	enum dkim_kind kind;
	const struct dkim_crypto *crypto;
	const struct private_key *key;
	enum dkim_canon header_canon, body_canon;	/* a seal: relaxed, none */
	const char *domain;		/* d=, as dkim_domain() makes it */
	const char *selector;		/* s=, likewise */
	const char *identity;		/* i=, plain; NULL: none. DKIM-Signature */
	unsigned instance;		/* i=. ARC */
	const char *cv;			/* cv=. ARC-Seal */
	bool has_time;
	uint64_t time;			/* t=, seconds since the epoch */
	uint64_t lifetime;		/* seconds from then to x=; 0: none. DKIM-Signature */
	bool has_length;
	uint64_t length;		/* l= */
	const char *names;		/* h=, divided by ":". Not in a seal */
	const uint8_t *body_hash;	/* bh=, of SHA-256. Not in a seal */
	/* the fields of the message from the top; of a seal those that it signs, in the order of
	 * RFC 8617 section 5.1.1 */
	const struct dkim_field *fields;
	size_t field_count;
};

/* "DKIM-Signature" and so on. */
const char *sign_field_name(enum dkim_kind kind);

/* Writes the value of the field, what stands behind the colon, with a NUL. False: it does not
 * fit or OpenSSL has refused. */
bool sign_field(const struct sign_request *request, char value_r[SIGN_VALUE_MAX]);

/* Whether an identity "[local]@domain" may be that of d=, RFC 6376 section 3.5: its domain is that
 * one or below it. */
bool sign_identity_fits(const char *identity, const char *domain);

#endif

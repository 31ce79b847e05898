/* SPDX-License-Identifier: BSD-2-Clause */
/* What a key record says, RFC 6376 section 3.6.1 with RFC 8463. g= was dropped and is ignored. */
#ifndef PLUGINS_DKIM_KEY_H
#define PLUGINS_DKIM_KEY_H

#include "plugins/dkim/signature.h"
#include "plugins/dkim/tags.h"

enum dkim_key_type { DKIM_KEY_RSA, DKIM_KEY_ED25519 };

struct dkim_key {
	enum dkim_key_type type;	/* k= */
	struct dkim_text data;		/* p=, base64 with white space; a view into the record */
	struct dkim_text notes;		/* n=, likewise; for people */
	bool revoked;			/* p= is empty */
	bool sha1, sha256;		/* h= allows these */
	bool for_email;			/* s= has "email" or "*" */
	bool testing;			/* t=y */
	bool strict;			/* t=s: the domain of i= must be that of d= */
};

/* Reads a record, its strings put together. NULL: it is well formed and of a key type that is
 * known; else what is wrong with it, a constant text. */
const char *dkim_key_parse(struct dkim_text record, struct dkim_key *key_r);

/* Why this key may not be used for this signature: revoked, another key type, hash or service, or
 * the identity of a subdomain where t=s. NULL: it may. */
const char *dkim_key_refusal(const struct dkim_key *key, const struct dkim_signature *signature);

#endif

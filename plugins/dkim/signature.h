/* SPDX-License-Identifier: BSD-2-Clause */
/* What a DKIM-Signature field says (RFC 6376 section 3.5, RFC 8301, RFC 8463), and the fields of
 * ARC that are made alike (RFC 8617 section 4.1). */
#ifndef PLUGINS_DKIM_SIGNATURE_H
#define PLUGINS_DKIM_SIGNATURE_H

#include "plugins/dkim/domain.h"
#include "plugins/dkim/tags.h"

enum dkim_kind {
	DKIM_KIND_SIGNATURE,	/* DKIM-Signature: v= a= b= bh= d= h= s= must be there */
	DKIM_KIND_ARC_MESSAGE,	/* ARC-Message-Signature: no v=, and i= is the instance */
	DKIM_KIND_ARC_SEAL	/* ARC-Seal: i= a= b= d= s= cv=, nothing else is read */
};

enum dkim_algorithm { DKIM_RSA_SHA1, DKIM_RSA_SHA256, DKIM_ED25519_SHA256 };

enum dkim_canon { DKIM_SIMPLE, DKIM_RELAXED };

/* What is wrong with a signature that cannot be used. */
enum dkim_fault {
	DKIM_FAULT_NONE,
	DKIM_FAULT_SYNTAX,		/* no list of tags, or a value that is none of its tag's */
	DKIM_FAULT_MISSING,		/* a required tag is not there */
	DKIM_FAULT_VERSION,		/* another version of DKIM */
	/* an algorithm, canonicalisation or way to the key that is not known here */
	DKIM_FAULT_UNKNOWN,
	DKIM_FAULT_DOMAIN		/* i= is not within d= */
};

enum {
	DKIM_HASH_MAX = 32,	/* bytes of a digest: SHA-256 */
	DKIM_NAMES_MAX = 256,	/* names in h= */
	DKIM_IDENTITY_MAX = 1000	/* bytes of i= */
};

struct dkim_signature {
	enum dkim_kind kind;
	enum dkim_algorithm algorithm;		/* a= */
	enum dkim_canon header_canon, body_canon;	/* c=; without it ARC's are relaxed */
	/* d= and s=, as dkim_domain() makes them; "" when not there or no names */
	char domain[DKIM_DOMAIN];
	char selector[DKIM_DOMAIN];
	/* i=, as written: dkim-quoted-printable, section 2.11; not there: length 0 */
	struct dkim_text identity;
	/* its domain, decoded, as dkim_domain() makes it; without i= that of d= */
	char identity_domain[DKIM_DOMAIN];
	unsigned instance;			/* ARC's i=; else 0 */
	struct dkim_text algorithm_name;	/* a=, as written */
	struct dkim_text names;			/* h=, as written: names divided by ":" */
	size_t name_count;			/* names in it, 1 to DKIM_NAMES_MAX */
	struct dkim_text signature;		/* b=, base64 with white space */
	uint8_t body_hash[DKIM_HASH_MAX];	/* bh= */
	size_t body_hash_size;
	bool has_length, has_time, has_expiry;
	uint64_t length;			/* l=, bytes of the canonical body */
	uint64_t time, expiry;			/* t= and x=, seconds since the epoch */
	/* the value of b= with white space around it, within what was read: dkim_hash_fields()
	 * takes it as empty */
	struct dkim_text raw_signature;
};

/* Reads the value of such a field: what stands behind the colon. The texts in *signature_r are
 * views into it. What could be read is there in any case, for reports. NONE: all required is there
 * and every value one that is known; else *error_r says what is wrong, a constant text. Whether
 * From is signed and the times fit is the caller's to judge. */
enum dkim_fault dkim_signature_parse(enum dkim_kind kind, struct dkim_text value,
    struct dkim_signature *signature_r, const char **error_r);

/* "rsa-sha256", "simple" and so on. */
const char *dkim_algorithm_name(enum dkim_algorithm algorithm);
const char *dkim_canon_name(enum dkim_canon canon);

/* Bytes of the digest that the algorithm signs. */
size_t dkim_hash_size(enum dkim_algorithm algorithm);

/* Decodes dkim-quoted-printable (section 2.11) into as many bytes as the text has; white space is
 * left out, what is no code stays. Returns how many there are. */
size_t dkim_unquote(struct dkim_text text, char *bytes_r);

#endif

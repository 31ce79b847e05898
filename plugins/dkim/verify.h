/* SPDX-License-Identifier: BSD-2-Clause */
/* Verifying the signatures of one message as it streams by: what dkim.c keeps of each of them, and
 * what becomes of it. Private to the plugin `dkim`. */
#ifndef PLUGINS_DKIM_VERIFY_H
#define PLUGINS_DKIM_VERIFY_H

#include <filterd/plugin.h>

#include "plugins/dkim/cache.h"
#include "plugins/dkim/canon.h"
#include "plugins/dkim/crypto.h"

/* What to do with l=, in the order of its choices. */
enum dkim_body_length { DKIM_LENGTH_WHOLE, DKIM_LENGTH_ACCEPT, DKIM_LENGTH_REFUSE };

struct dkim_options {
	int64_t maximum_signatures;
	int64_t minimum_rsa_bits;
	int64_t maximum_rsa_bits;
	bool accept_sha1;
	enum dkim_body_length body_length;
	struct mf_duration clock_skew;
	struct mf_strings required_headers;
};

/* What all threads share. */
struct dkim_instance {
	struct dkim_crypto *crypto;
	struct dkim_cache *cache;
};

/* A hash of the body that one or more signatures need. */
struct dkim_body_hash {
	bool sha1;
	enum dkim_canon canon;
	uint64_t limit;			/* l= */
	struct dkim_digest digest;
	struct dkim_body body;
	uint8_t hash[DKIM_HASH_MAX];
	bool failed;			/* OpenSSL's doing */
	struct dkim_body_hash *next;
};

/* A signature of the message. */
struct dkim_case {
	struct dkim_field field;
	size_t index;			/* of the field, among all of the message */
	struct dkim_signature signature;
	/* RFC 8601 section 2.7.1, and why; NULL: not decided yet */
	const char *result;
	const char *reason;		/* NULL: nothing to say */
	struct mf_dns_query *query;	/* for its key; NULL: not asked */
	const char *key_name;		/* what was asked for */
	struct dkim_body_hash *body;
	uint8_t header_hash[DKIM_HASH_MAX];
	bool hashed;			/* header_hash is there */
	struct dkim_case *next;		/* from the top of the message */
};

/* Reads the signature in a header field, decides what its text alone decides, and asks for the key
 * of one that may be good. */
struct dkim_case *dkim_case_create(struct mf_context *c, const struct mf_header *field);

/* When all header fields are there: decides what they decide, else hashes them. */
void dkim_case_header(struct mf_context *c, struct dkim_case *one, const struct dkim_field *fields,
    size_t count);

/* When the body is hashed: waits for the key and decides. */
void dkim_case_finish(struct mf_context *c, struct dkim_case *one);

/* Puts a case that is decided on the results board; `all` are those of the message. */
void dkim_case_report(struct mf_context *c, const struct dkim_case *one,
    const struct dkim_case *all);

#endif

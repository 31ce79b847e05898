/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The mark of a released message: a header field by which a worker knows that the message comes
 * from its own quarantine, so that it is not filtered again.
 *
 *	X-Filterd-Release: v1; ID; EXPIRES; NONCE; DIGEST; HMAC
 *
 * The HMAC (SHA-256, RFC 2104) under the store's own key is of id, expiry, nonce and the digest of
 * the message: so nobody without the key can make a mark, nor put one on another message. A nonce
 * is good for one message (store_spend()). The digest is of what no MTA changes on the way from the
 * store: the body, and of Message-ID, Date and Subject those that the message had, for an MTA adds
 * what is missing; not of fields to which an MTA may add a domain. Its first digit says which
 * fields count (enum mark_fields, or'ed), the rest is a SHA-256.
 */
#ifndef FILTERD_QUARANTINE_MARK_H
#define FILTERD_QUARANTINE_MARK_H

#include "filterd/quarantine/entry.h"

#define MARK_FIELD	"X-Filterd-Release"
#define MARK_KEY	32		/* bytes */
#define MARK_SECONDS	3600		/* that one is good for */
#define MARK_BYTES	256		/* of a mark's value, with its NUL */

enum mark_fields { MARK_MESSAGE_ID = 1, MARK_DATE = 2, MARK_SUBJECT = 4 };

/* What a mark says. */
struct mark {
	char id[ENTRY_ID + 1];
	char nonce[ENTRY_NONCE + 1];
	char digest[ENTRY_DIGEST + 1];
	int64_t expires;		/* seconds since 1970 */
};

/* A value for the field, without a blank in front. */
void mark_make(const unsigned char key[MARK_KEY], const struct mark *mark,
    char value_r[MARK_BYTES]);

/* What the value of the field says. False: it is no mark, or was not made with this key. */
bool mark_read(const unsigned char key[MARK_KEY], struct str value, struct mark *mark_r);

/* The fields that count for a digest, enum mark_fields. */
unsigned mark_fields(const char *digest);

/* Random hexadecimal digits, and a NUL behind them. Should the system have no randomness, which
 * does not happen, the process ends. */
void mark_random(char *digits_r, size_t count);

/* The digest of a message, piece by piece. */
struct mark_digest;
struct mark_digest *mark_digest_begin(unsigned fields);
/* The bit of a field of that name; 0: it never counts. */
unsigned mark_field(struct str name);
/* Each field, in order; those that do not count are passed over. */
void mark_digest_field(struct mark_digest *digest, struct str name, struct str value);
/* After the fields. */
void mark_digest_body(struct mark_digest *digest, const void *bytes, size_t size);
void mark_digest_end(struct mark_digest **digest, char digest_r[ENTRY_DIGEST + 1]);

#endif

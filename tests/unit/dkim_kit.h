/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of plugins/dkim/: a text as the fields and body of a message, and a verification without
 * a plugin. */
#ifndef TESTS_UNIT_DKIM_KIT_H
#define TESTS_UNIT_DKIM_KIT_H

#include "plugins/dkim/canon.h"
#include "plugins/dkim/crypto.h"

enum { DKIM_MAIL_FIELDS = 64 };

/* A message; the texts are views into what it was made of, as a milter has them. */
struct dkim_mail {
	struct dkim_field fields[DKIM_MAIL_FIELDS];
	size_t count;
	char *body;		/* lines end in CRLF; from malloc */
	size_t body_size;
};

/* Takes a text whose lines end in LF apart. What is past so many fields is left out. */
void dkim_mail_split(struct dkim_mail *mail_r, struct dkim_text text);
void dkim_mail_free(struct dkim_mail *mail);

/* What verifying the nth field named DKIM-Signature comes to, its key record being `record`, and
 * the body put in chunks of so many bytes: "pass" or what is wrong. */
const char *dkim_mail_verify(const struct dkim_mail *mail, size_t n, const char *record,
    size_t chunk);

/* RFC 6376 appendix C's key of RSA, 1024 bits: in PEM, and as key record. */
extern const char dkim_rsa_pem[];
extern const char dkim_rsa_record[];

/* The value of a DKIM-Signature that signs the message with that key: `tags` with all that there is
 * to be, bh= and b= empty, b= at the end. From malloc. */
char *dkim_mail_sign(const struct dkim_mail *mail, const char *tags);

#endif

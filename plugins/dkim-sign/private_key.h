/* SPDX-License-Identifier: BSD-2-Clause */
/* Private keys, read from files and held to what is safe: RSA of RFC 8301, Ed25519 of RFC 8463. */
#ifndef PLUGINS_DKIM_SIGN_PRIVATE_KEY_H
#define PLUGINS_DKIM_SIGN_PRIVATE_KEY_H

#include "plugins/dkim/crypto.h"

struct private_key {
	EVP_PKEY *pkey;			/* any number of threads may sign with it at once */
	enum dkim_algorithm algorithm;	/* rsa-sha256 or ed25519-sha256 */
};

/* Reads a PEM file. It must belong to root or to the user that reads it, be for them and at most
 * for a group to read, and have a key that may sign. NULL: it is read; else what is wrong, a
 * constant text or one of strerror(3). */
const char *private_key_load(const char *path, struct private_key *key_r);

/* The same of a key in base64 of DER, as OpenDKIM's tables may have it. */
const char *private_key_decode(struct dkim_text base64, struct private_key *key_r);

/* Clears it, too. */
void private_key_free(struct private_key *key);

#endif

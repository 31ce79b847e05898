/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Digests, keys and signatures, by OpenSSL 3. What is looked up in its providers by name is looked
 * up once (dkim_crypto_create), for OpenSSL takes locks and microseconds for that. Nothing is left
 * on its queue of errors.
 */
#ifndef PLUGINS_DKIM_CRYPTO_H
#define PLUGINS_DKIM_CRYPTO_H

#include <openssl/evp.h>

#include "plugins/dkim/key.h"
#include "plugins/dkim/signature.h"

enum {
	DKIM_RSA_BITS_MAX = 16384,			/* what OpenSSL itself takes */
	DKIM_SIGNATURE_MAX = DKIM_RSA_BITS_MAX / 8	/* bytes of a signature */
};

/* What was looked up: immutable, for all threads. */
struct dkim_crypto;

/* NULL: OpenSSL lacks SHA-256. Where it lacks SHA-1, that digest cannot be had. */
struct dkim_crypto *dkim_crypto_create(void);
void dkim_crypto_destroy(struct dkim_crypto **crypto);

/* ---- digests ---- */

struct dkim_digest {
	EVP_MD_CTX *context;	/* NULL: not begun, or over */
	bool failed;
};

/* Begins the digest that the algorithm signs. False: it cannot be had. One that has begun must be
 * finished or dropped. */
bool dkim_digest_start(const struct dkim_crypto *crypto, enum dkim_algorithm algorithm,
    struct dkim_digest *digest_r);

/* Adds bytes; `digest` is a struct dkim_digest: it is what struct dkim_output calls. */
void dkim_digest_write(void *digest, const void *bytes, size_t size);

/* Ends it. False: it has failed. */
bool dkim_digest_finish(struct dkim_digest *digest, uint8_t hash_r[DKIM_HASH_MAX]);

/* Gives it up, if it has begun. */
void dkim_digest_drop(struct dkim_digest *digest);

/* ---- keys: the caller frees them with EVP_PKEY_free() ---- */

/* The public key of a record. NULL: *error_r says what is wrong with it, a constant text. */
EVP_PKEY *dkim_public_key(const struct dkim_key *key, const char **error_r);

/* The private key in a PEM text without passphrase: of RSA or Ed25519. Likewise. */
EVP_PKEY *dkim_private_key(const void *pem, size_t size, enum dkim_key_type *type_r,
    const char **error_r);

/* A public key, and what verifying with it needs beside. */
struct dkim_public {
	EVP_PKEY *key;
	/* ready for rsa-sha256, which else is made each time and costs a sixth of the verification;
	 * NULL: it is not RSA, or not ready */
	EVP_PKEY_CTX *ready;
};

/* Makes it ready. Takes the key. */
struct dkim_public dkim_public_ready(const struct dkim_crypto *crypto, EVP_PKEY *key);

/* One more of the same, for another thread. */
struct dkim_public dkim_public_copy(const struct dkim_public *key);

void dkim_public_free(struct dkim_public *key);

/* ---- signatures, over the digest of header fields ---- */

enum dkim_verified {
	DKIM_VERIFIED,
	DKIM_WRONG,		/* the signature is another one's, or of something else */
	DKIM_NO_SIGNATURE	/* the text is no base64, or longer than any signature */
};

/* Verifies b=. The key must be of the algorithm's type. RSA: PKCS#1 v1.5 (RFC 8017 section 8.2);
 * Ed25519: over the digest, as RFC 8463 section 3 says. */
enum dkim_verified dkim_verify(const struct dkim_crypto *crypto, const struct dkim_public *key,
    enum dkim_algorithm algorithm, const uint8_t hash[DKIM_HASH_MAX], struct dkim_text signature);

/* Signs. False: OpenSSL refuses, as it does when the key is of another type or too small. */
bool dkim_sign(const struct dkim_crypto *crypto, EVP_PKEY *key, enum dkim_algorithm algorithm,
    const uint8_t hash[DKIM_HASH_MAX], uint8_t signature_r[DKIM_SIGNATURE_MAX], size_t *size_r);

#endif

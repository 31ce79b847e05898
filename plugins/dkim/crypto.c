/* SPDX-License-Identifier: BSD-2-Clause */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <limits.h>
#include <stdlib.h>

#include "plugins/dkim/base64.h"
#include "plugins/dkim/crypto.h"
#include "plugins/dkim/rsa.h"

struct dkim_crypto {
	EVP_MD *sha256;
	EVP_MD *sha1;		/* NULL: this OpenSSL is set up to have none */
};

struct dkim_crypto *
dkim_crypto_create(void)
{
	struct dkim_crypto *crypto = calloc(1, sizeof(*crypto));

	if (!crypto)
		abort();
	crypto->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	crypto->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	if (!crypto->sha256)
		dkim_crypto_destroy(&crypto);
	ERR_clear_error();
	return crypto;
}

void
dkim_crypto_destroy(struct dkim_crypto **crypto)
{
	if (!*crypto)
		return;
	EVP_MD_free((*crypto)->sha256);
	EVP_MD_free((*crypto)->sha1);
	free(*crypto);
	*crypto = NULL;
}

/* ---- digests ---- */

static const EVP_MD *
digest_of(const struct dkim_crypto *crypto, enum dkim_algorithm algorithm)
{
	return algorithm == DKIM_RSA_SHA1 ? crypto->sha1 : crypto->sha256;
}

bool
dkim_digest_start(const struct dkim_crypto *crypto, enum dkim_algorithm algorithm,
    struct dkim_digest *digest_r)
{
	const EVP_MD *md = digest_of(crypto, algorithm);

	digest_r->context = md ? EVP_MD_CTX_new() : NULL;
	digest_r->failed = false;
	if (digest_r->context && EVP_DigestInit_ex2(digest_r->context, md, NULL) != 1)
		dkim_digest_drop(digest_r);
	return digest_r->context != NULL;
}

void
dkim_digest_write(void *digest, const void *bytes, size_t size)
{
	struct dkim_digest *d = digest;

	if (EVP_DigestUpdate(d->context, bytes, size) != 1)
		d->failed = true;
}

bool
dkim_digest_finish(struct dkim_digest *digest, uint8_t hash_r[DKIM_HASH_MAX])
{
	if (EVP_DigestFinal_ex(digest->context, hash_r, NULL) != 1)
		digest->failed = true;
	dkim_digest_drop(digest);
	return !digest->failed;
}

void
dkim_digest_drop(struct dkim_digest *digest)
{
	EVP_MD_CTX_free(digest->context);
	digest->context = NULL;
}

/* ---- keys ---- */

/* Bytes of a number as OpenSSL's parameters want them: in the machine's order. */
static bool
native_order(const uint8_t *number, size_t size, uint8_t *native_r)
{
	BIGNUM *big = BN_bin2bn(number, (int)size, NULL);
	bool done = big && BN_bn2nativepad(big, native_r, (int)size) == (int)size;

	BN_free(big);
	return done;
}

static EVP_PKEY *
make_rsa(const struct dkim_rsa *rsa)
{
	uint8_t modulus[DKIM_SIGNATURE_MAX], exponent[8];
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, modulus, rsa->modulus_size),
		OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, exponent, rsa->exponent_size),
		OSSL_PARAM_construct_end()
	};
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *context;

	if (!native_order(rsa->modulus, rsa->modulus_size, modulus) ||
	    !native_order(rsa->exponent, rsa->exponent_size, exponent))
		return NULL;
	context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	if (context && EVP_PKEY_fromdata_init(context) == 1 &&
	    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(context);
	return key;
}

EVP_PKEY *
dkim_public_key(const struct dkim_key *key, const char **error_r)
{
	/* the numbers, and what DER puts around them */
	uint8_t bytes[DKIM_SIGNATURE_MAX + 64];
	struct dkim_rsa rsa;
	EVP_PKEY *made = NULL;
	size_t size;

	*error_r = "p= is no base64";
	if (!dkim_base64_decode(key->data, bytes, sizeof(bytes), &size))
		return NULL;
	if (key->type == DKIM_KEY_ED25519) {
		*error_r = "p= is no Ed25519 key of 32 bytes";
		if (size == 32)
			made = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, bytes, size);
	} else {
		*error_r = "p= is no RSA key";
		if (dkim_rsa_parse(bytes, size, &rsa) && rsa.modulus_size <= DKIM_SIGNATURE_MAX)
			made = make_rsa(&rsa);
	}
	ERR_clear_error();
	return made;
}

/* Without this OpenSSL would ask for a passphrase at the terminal. */
static int
no_passphrase(char *buffer, int size, int writing, void *unused)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)unused;
	return -1;
}

EVP_PKEY *
dkim_private_key(const void *pem, size_t size, enum dkim_key_type *type_r, const char **error_r)
{
	BIO *bio = size <= INT_MAX ? BIO_new_mem_buf(pem, (int)size) : NULL;
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;

	BIO_free(bio);
	ERR_clear_error();
	*error_r = "there is no private key in PEM without passphrase";
	if (!key)
		return NULL;
	if (EVP_PKEY_is_a(key, "RSA")) {
		*type_r = DKIM_KEY_RSA;
	} else if (EVP_PKEY_is_a(key, "ED25519")) {
		*type_r = DKIM_KEY_ED25519;
	} else {
		*error_r = "the private key is neither of RSA nor of Ed25519";
		EVP_PKEY_free(key);
		key = NULL;
	}
	return key;
}

/* ---- signatures ---- */

/* A context for RSA, PKCS#1 v1.5; `begin` is EVP_PKEY_verify_init or EVP_PKEY_sign_init. */
static EVP_PKEY_CTX *
rsa_context(const struct dkim_crypto *crypto, EVP_PKEY *key, enum dkim_algorithm algorithm,
    int (*begin)(EVP_PKEY_CTX *context))
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);

	if (context && begin(context) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_signature_md(context, digest_of(crypto, algorithm)) == 1)
		return context;
	EVP_PKEY_CTX_free(context);
	return NULL;
}

struct dkim_public
dkim_public_ready(const struct dkim_crypto *crypto, EVP_PKEY *key)
{
	return (struct dkim_public){ key, EVP_PKEY_is_a(key, "RSA") ?
		rsa_context(crypto, key, DKIM_RSA_SHA256, EVP_PKEY_verify_init) : NULL };
}

struct dkim_public
dkim_public_copy(const struct dkim_public *key)
{
	EVP_PKEY_up_ref(key->key);
	return (struct dkim_public){ key->key, key->ready ? EVP_PKEY_CTX_dup(key->ready) : NULL };
}

void
dkim_public_free(struct dkim_public *key)
{
	EVP_PKEY_CTX_free(key->ready);
	EVP_PKEY_free(key->key);
	*key = (struct dkim_public){ 0 };
}

static bool
verify_rsa(const struct dkim_crypto *crypto, const struct dkim_public *key,
    enum dkim_algorithm algorithm, const uint8_t *hash, const uint8_t *signature, size_t size)
{
	EVP_PKEY_CTX *own = NULL, *context = key->ready;
	bool right;

	if (!context || algorithm != DKIM_RSA_SHA256)
		context = own = rsa_context(crypto, key->key, algorithm, EVP_PKEY_verify_init);
	right = context && EVP_PKEY_verify(context, signature, size, hash,
	    dkim_hash_size(algorithm)) == 1;
	EVP_PKEY_CTX_free(own);
	return right;
}

static bool
verify_ed25519(EVP_PKEY *key, const uint8_t *hash, const uint8_t *signature, size_t size)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool right;

	right = context &&
	    EVP_DigestVerifyInit_ex(context, NULL, NULL, NULL, NULL, key, NULL) == 1 &&
	    EVP_DigestVerify(context, signature, size, hash, DKIM_HASH_MAX) == 1;
	EVP_MD_CTX_free(context);
	return right;
}

enum dkim_verified
dkim_verify(const struct dkim_crypto *crypto, const struct dkim_public *key,
    enum dkim_algorithm algorithm, const uint8_t hash[DKIM_HASH_MAX], struct dkim_text signature)
{
	uint8_t bytes[DKIM_SIGNATURE_MAX];
	size_t size;
	bool right;

	if (!dkim_base64_decode(signature, bytes, sizeof(bytes), &size))
		return DKIM_NO_SIGNATURE;
	if (algorithm == DKIM_ED25519_SHA256)
		right = verify_ed25519(key->key, hash, bytes, size);
	else
		right = verify_rsa(crypto, key, algorithm, hash, bytes, size);
	ERR_clear_error();
	return right ? DKIM_VERIFIED : DKIM_WRONG;
}

static bool
sign_rsa(const struct dkim_crypto *crypto, EVP_PKEY *key, enum dkim_algorithm algorithm,
    const uint8_t *hash, uint8_t *signature_r, size_t *size_r)
{
	EVP_PKEY_CTX *context = rsa_context(crypto, key, algorithm, EVP_PKEY_sign_init);
	bool done;

	done = context && EVP_PKEY_sign(context, signature_r, size_r, hash,
	    dkim_hash_size(algorithm)) == 1;
	EVP_PKEY_CTX_free(context);
	return done;
}

static bool
sign_ed25519(EVP_PKEY *key, const uint8_t *hash, uint8_t *signature_r, size_t *size_r)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool done;

	done = context && EVP_DigestSignInit_ex(context, NULL, NULL, NULL, NULL, key, NULL) == 1 &&
	    EVP_DigestSign(context, signature_r, size_r, hash, DKIM_HASH_MAX) == 1;
	EVP_MD_CTX_free(context);
	return done;
}

bool
dkim_sign(const struct dkim_crypto *crypto, EVP_PKEY *key, enum dkim_algorithm algorithm,
    const uint8_t hash[DKIM_HASH_MAX], uint8_t signature_r[DKIM_SIGNATURE_MAX], size_t *size_r)
{
	bool done;

	*size_r = DKIM_SIGNATURE_MAX;
	if (algorithm == DKIM_ED25519_SHA256)
		done = EVP_PKEY_is_a(key, "ED25519") &&
		    sign_ed25519(key, hash, signature_r, size_r);
	else
		done = EVP_PKEY_is_a(key, "RSA") &&
		    sign_rsa(crypto, key, algorithm, hash, signature_r, size_r);
	ERR_clear_error();
	return done;
}

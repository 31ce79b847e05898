/* SPDX-License-Identifier: BSD-2-Clause */
/* The DER of RSA public keys in key records. OpenSSL's own reader takes several times as long as
 * verifying a signature does, and takes much that is no such key. */
#ifndef PLUGINS_DKIM_RSA_H
#define PLUGINS_DKIM_RSA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Views into the DER: unsigned, the highest byte first and not zero. */
struct dkim_rsa {
	const uint8_t *modulus, *exponent;
	size_t modulus_size, exponent_size;	/* bytes; the exponent's at most 8 */
};

/* Reads a SubjectPublicKeyInfo (RFC 5280 section 4.1), as everybody publishes, or an RSAPublicKey
 * (RFC 8017 appendix A.1.1), as RFC 6376 section 3.6.1 says. False: neither, or bytes behind it, or
 * an exponent that is even, 1, or longer than 8 bytes (what makes verifying slow). */
bool dkim_rsa_parse(const uint8_t *der, size_t size, struct dkim_rsa *rsa_r);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* The DNS record of a DKIM key, RFC 6376 section 3.6: as text and as a line of a master file. */
#ifndef FILTERD_COMMAND_GENKEY_RECORD_H
#define FILTERD_COMMAND_GENKEY_RECORD_H

#include <openssl/evp.h>

#include "filterd/util/buffer.h"

/* Adds the value of the record, RFC 6376 section 3.6.1: "v=DKIM1; k=…; p=…". False: the key is
 * neither RSA nor Ed25519, or cannot be encoded. */
bool genkey_record_value(struct buffer *text, EVP_PKEY *key);

/* Adds a line of a master file (RFC 1035 section 5.1) with that value in strings of at most 255
 * bytes, RFC 6376 section 3.6.2.2, and a line end. The domain has no final dot. */
void genkey_record_zone(struct buffer *text, const char *selector, const char *domain,
    const char *value);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two signatures of a set sign of the header, RFC 8617 sections 4.1.2 and 5.1.1,
 * hashed. */
#ifndef PLUGINS_ARC_SEAL_HASH_H
#define PLUGINS_ARC_SEAL_HASH_H

#include "plugins/arc/chain.h"
#include "plugins/dkim/crypto.h"

/* Of an ARC-Message-Signature: `fields` are all of the message, from the top. False: OpenSSL has
 * refused. */
bool arc_hash_message(const struct dkim_crypto *crypto, const struct arc_set *set,
    const struct dkim_signature *signature, const struct dkim_field *fields, size_t count,
    uint8_t hash_r[DKIM_HASH_MAX]);

/* Of the ARC-Seal of that instance, of a chain without fault. Likewise. */
bool arc_hash_seal(const struct dkim_crypto *crypto, const struct arc_chain *chain,
    unsigned instance, const struct dkim_signature *signature, uint8_t hash_r[DKIM_HASH_MAX]);

#endif

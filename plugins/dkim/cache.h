/* SPDX-License-Identifier: BSD-2-Clause */
/* Public keys that were used lately, ready for OpenSSL: making one of a record costs as much as
 * verifying with it. For all threads. */
#ifndef PLUGINS_DKIM_CACHE_H
#define PLUGINS_DKIM_CACHE_H

#include "plugins/dkim/crypto.h"

struct dkim_cache;

struct dkim_cache *dkim_cache_create(void);
void dkim_cache_destroy(struct dkim_cache **cache);

/* As dkim_public_key(), made ready: the caller frees what it gets with dkim_public_free(). No key:
 * *error_r says why. What is remembered is what p= and k= say, so a record that changes has its new
 * key at once. */
struct dkim_public dkim_cache_key(struct dkim_cache *cache, const struct dkim_crypto *crypto,
    const struct dkim_key *key, const char **error_r);

#endif

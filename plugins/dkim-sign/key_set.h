/* SPDX-License-Identifier: BSD-2-Clause */
/* The keys of one path: one, or with "%" in it one a domain, the "%" being the domain. */
#ifndef PLUGINS_DKIM_SIGN_KEY_SET_H
#define PLUGINS_DKIM_SIGN_KEY_SET_H

#include <filterd/plugin.h>

#include "plugins/dkim-sign/private_key.h"

struct domain_key {
	const char *domain;		/* in lower case; NULL: every domain */
	struct private_key key;
};

struct key_set {
	size_t count;
	struct domain_key *keys;	/* in the order of their domains */
};

/* In start: loads all of them, which are freed with the instance. False: *error_r says what is
 * wrong, with the path. */
bool key_set_load(struct mf_context *c, const char *path, struct key_set *set_r,
    const char **error_r);

/* The same of a key in base64 of DER. */
bool key_set_decode(struct mf_context *c, struct dkim_text base64, struct key_set *set_r,
    const char **error_r);

/* NULL: there is none for that domain, which dkim_domain() has made. */
const struct private_key *key_set_find(const struct key_set *set, const char *domain);

#endif

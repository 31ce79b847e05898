/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which keys sign a message: the options that dkim-sign and arc-seal share, the keys that they
 * name, loaded and checked, and the choice. Keys are named by `key` blocks with conditions, and by
 * OpenDKIM's KeyTable and SigningTable. What is read belongs to the generation: a new key, or a new
 * domain of a path with "%", comes with a reload.
 */
#ifndef PLUGINS_DKIM_SIGN_KEYRING_H
#define PLUGINS_DKIM_SIGN_KEYRING_H

#include <filterd/plugin.h>

#include "plugins/dkim-sign/private_key.h"

/* One `key` block. */
struct key_options {
	const struct mf_condition *when;
	const struct mf_template *domain;
	const struct mf_template *selector;
	const char *file;
	const struct mf_template *identity;
};

extern const struct mf_option key_option_table[];

/* The first member of a plugin's options. */
struct key_settings {
	struct mf_blocks keys;
	const char *key_table;
	const char *signing_table;
	const struct mf_template *sender;
	bool multiple_signatures;
};

/* Their entries in its table. */
#define KEY_OPTIONS \
	MF_BLOCK(struct key_settings, keys, "key", key_option_table, struct key_options, \
	    "a key, and what is signed with it"), \
	MF_OPTION(struct key_settings, key_table, NULL, \
	    "OpenDKIM's KeyTable: path, with \"file:\" before it or not"), \
	MF_OPTION(struct key_settings, signing_table, NULL, \
	    "OpenDKIM's SigningTable: path, with \"file:\" or \"refile:\" before it"), \
	MF_OPTION(struct key_settings, sender, "${header.From.address}", \
	    "address that signing-table is asked for; of several the first counts"), \
	MF_OPTION(struct key_settings, multiple_signatures, "no", \
	    "sign by all lines of signing-table that match, not by the first alone")

enum { KEYRING_CHOSEN_MAX = 16 };	/* signatures of a message */

struct keyring;

/* In start. NULL: a mistake, reported at its place. Lives as long as the instance. */
struct keyring *keyring_load(struct mf_context *c, const struct key_settings *settings);

/* A key to sign with; texts in the message's memory. */
struct chosen_key {
	const struct private_key *key;
	const char *domain;		/* as dkim_domain() makes it */
	const char *selector;		/* likewise */
	const char *identity;		/* NULL: none */
	const char *where;		/* what named it: "file:line" */
};

/* The keys for this message, those of blocks first, in written order; none twice, by d= and s=.
 * What names no key that there is (a domain that has none, say) is left out. */
size_t keyring_choose(struct mf_context *c, const struct keyring *ring,
    const struct key_settings *settings, struct chosen_key chosen_r[KEYRING_CHOSEN_MAX]);

#endif

/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenDKIM's two tables, read from their files, with the keys that they name loaded. */
#ifndef PLUGINS_DKIM_SIGN_TABLES_H
#define PLUGINS_DKIM_SIGN_TABLES_H

#include <filterd/plugin.h>

#include "plugins/dkim-sign/key_set.h"
#include "plugins/dkim-sign/key_table.h"
#include "plugins/dkim-sign/signing_table.h"

struct table_key {
	struct key_entry entry;
	struct key_set set;
};

struct tables {
	const char *key_file, *signing_file;	/* paths */
	struct table_key *keys;			/* in the order of their names */
	size_t key_count;
	struct signing_table signing;
};

/* In start: reads both, whose places are as the config has them. False: *error_r says what is wrong
 * with file and line; *in_keys_r: it is the KeyTable's. */
bool tables_load(struct mf_context *c, const char *key_table, const char *signing_table,
    struct tables *tables_r, const char **error_r, bool *in_keys_r);

/* The key of that name; NULL: there is none. Names compare byte by byte; of several the first. */
const struct table_key *tables_find_key(const struct tables *tables, struct dkim_text name);

#endif

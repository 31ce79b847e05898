/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenDKIM's KeyTable, opendkim.conf(5): names of keys, and what they stand for. */
#ifndef PLUGINS_DKIM_SIGN_KEY_TABLE_H
#define PLUGINS_DKIM_SIGN_KEY_TABLE_H

#include "plugins/dkim-sign/open_table.h"

/* NAME DOMAIN:SELECTOR:KEY. Views into the file. */
struct key_entry {
	struct dkim_text name;
	struct dkim_text domain;	/* "%": the sender's */
	struct dkim_text selector;
	/* path of a PEM file, in which "%" is the sender's domain; or else a key in base64 of
	 * DER */
	struct dkim_text key;
	unsigned line;
};

/* Reads one line. NULL: it is well formed; else what is wrong with it, a constant text. */
const char *key_entry_parse(const struct open_line *line, struct key_entry *entry_r);

/* Whether the key is a path: it begins with "/", "./" or "../". */
bool key_entry_is_path(const struct key_entry *entry);

/* Whether a text is "%" alone. */
bool open_is_percent(struct dkim_text text);

#endif

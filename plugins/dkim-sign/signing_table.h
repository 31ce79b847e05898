/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OpenDKIM's SigningTable, opendkim.conf(5): which keys sign for an address. As refile: its keys
 * are wildcard patterns, tried in written order; as file: they are looked up in forms of the
 * address, the most exact one first. Addresses and patterns compare without regard to case, as they
 * do there.
 */
#ifndef PLUGINS_DKIM_SIGN_SIGNING_TABLE_H
#define PLUGINS_DKIM_SIGN_SIGNING_TABLE_H

#include "plugins/dkim-sign/open_table.h"

enum { SIGNING_ADDRESS_MAX = 1024 };	/* bytes of an address that is looked up */

/* PATTERN KEY[:SIGNER]. Views into the file. */
struct signing_entry {
	struct dkim_text pattern;
	struct dkim_text key;		/* name in the KeyTable; "%": the address's domain */
	struct dkim_text signer;	/* for i=, "%" being that domain; length 0: none */
	unsigned line;
};

/* Reads one line. NULL: it is well formed; else what is wrong with it, a constant text. */
const char *signing_entry_parse(const struct open_line *line, struct signing_entry *entry_r);

struct signing_table {
	struct signing_entry *entries;
	size_t count;
	bool wildcards;			/* it is a refile */
};

/* Makes a table of entries in written order ready to be searched: one that is no refile is
 * sorted. */
void signing_table_prepare(struct signing_table *table);

/* Where a search stands. Begin with zeros. */
struct signing_search {
	size_t form;			/* number of the form of the address; refile: unused */
	size_t entry;			/* the next one to look at */
	bool within;			/* there may be more of this form */
};

/* The next entry for an address, the first match first; NULL: there is no more. One without "@",
 * whose host begins with "." or has "*", or longer than SIGNING_ADDRESS_MAX, has none. */
const struct signing_entry *signing_table_next(const struct signing_table *table,
    struct dkim_text address, struct signing_search *search);

/* Whether a pattern matches the whole text: "*" is any number of any bytes, all else is itself. */
bool signing_pattern_matches(struct dkim_text pattern, struct dkim_text text);

#endif

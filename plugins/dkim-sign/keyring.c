/* SPDX-License-Identifier: BSD-2-Clause */
/* Which keys sign a message. */
#include "plugins/dkim-sign/keyring.h"
#include "plugins/dkim-sign/sign.h"
#include "plugins/dkim-sign/tables.h"

const struct mf_option key_option_table[] = {
	MF_OPTION(struct key_options, when, NULL, "messages that are signed with it"),
	MF_REQUIRED(struct key_options, domain, "domain that signs, d="),
	MF_REQUIRED(struct key_options, selector, "name of the key in the DNS, s="),
	MF_REQUIRED(struct key_options, file,
	    "private key (PEM); \"%\" in it stands for the domain that signs"),
	MF_OPTION(struct key_options, identity, NULL,
	    "identity within that domain, i=: \"user@domain\" or \"@domain\""),
	MF_OPTION_END
};

struct keyring {
	struct key_set *sets;		/* that of each `key` block */
	bool has_tables;
	struct tables tables;
};

/* ---- start ---- */

static bool
load_blocks(struct mf_context *c, const struct key_settings *settings, struct keyring *ring)
{
	bool good = true;
	size_t i;

	ring->sets = mf_alloc(c, settings->keys.count * sizeof(*ring->sets));
	for (i = 0; i < settings->keys.count; i++) {
		const struct key_options *o = settings->keys.items[i].options;
		const char *wrong;

		if (key_set_load(c, o->file, &ring->sets[i], &wrong))
			continue;
		mf_config_error(c, &o->file, "%s", wrong);
		good = false;
	}
	return good;
}

static bool
load_tables(struct mf_context *c, const struct key_settings *settings, struct keyring *ring)
{
	const char *wrong;
	bool in_keys;

	if (!settings->key_table && !settings->signing_table)
		return true;
	if (!settings->key_table || !settings->signing_table) {
		mf_config_error(c,
		    settings->key_table ? &settings->key_table : &settings->signing_table,
		    "expected %s beside it", settings->key_table ? "signing-table" : "key-table");
		return false;
	}
	ring->has_tables = true;
	if (tables_load(c, settings->key_table, settings->signing_table, &ring->tables, &wrong,
	    &in_keys))
		return true;
	mf_config_error(c, in_keys ? &settings->key_table : &settings->signing_table, "%s", wrong);
	return false;
}

struct keyring *
keyring_load(struct mf_context *c, const struct key_settings *settings)
{
	struct keyring *ring = mf_alloc(c, sizeof(*ring));
	bool good = load_blocks(c, settings, ring);

	return load_tables(c, settings, ring) && good ? ring : NULL;
}

/* ---- the choice ---- */

struct choice {
	struct mf_context *c;
	struct chosen_key *keys;
	size_t count;
};

static const char *
domain_text(struct mf_context *c, struct dkim_text text)
{
	char name[DKIM_DOMAIN];

	return dkim_domain(text, name) ? mf_printf(c, "%s", name) : NULL;
}

static void
choose(struct choice *choice, const struct chosen_key *key)
{
	size_t i;

	if (choice->count == KEYRING_CHOSEN_MAX || !key->key || !key->domain || !key->selector)
		return;
	for (i = 0; i < choice->count; i++)
		if (strcmp(choice->keys[i].domain, key->domain) == 0 &&
		    strcmp(choice->keys[i].selector, key->selector) == 0)
			return;
	choice->keys[choice->count] = *key;
	if (key->identity && !sign_identity_fits(key->identity, key->domain))
		choice->keys[choice->count].identity = NULL;
	choice->count++;
}

static void
choose_by_block(struct choice *choice, const struct key_set *set, const struct mf_block *block)
{
	struct mf_context *c = choice->c;
	const struct key_options *o = block->options;
	struct chosen_key key = { .where = block->where };

	if (!mf_test(c, o->when))
		return;
	key.domain = domain_text(c, dkim_text_of(mf_expand(c, o->domain)));
	key.selector = domain_text(c, dkim_text_of(mf_expand(c, o->selector)));
	key.key = key.domain ? key_set_find(set, key.domain) : NULL;
	key.identity = o->identity ? mf_expand(c, o->identity) : NULL;
	choose(choice, &key);
}

/* A text with the domain for each "%". */
static char *
fill_in(struct mf_context *c, struct dkim_text text, const char *domain)
{
	size_t length = strlen(domain), at = 0, i;
	char *filled = mf_alloc(c, text.length * (length + 1) + 2);

	for (i = 0; i < text.length; i++) {
		if (text.data[i] != '%') {
			filled[at++] = text.data[i];
			continue;
		}
		memcpy(filled + at, domain, length);
		at += length;
	}
	return filled;
}

/* The signer of a line, "@domain" when it has no "@". */
static const char *
signer(struct mf_context *c, struct dkim_text text, const char *domain)
{
	const char *filled;

	if (text.length == 0 || text.length > SIGN_IDENTITY_MAX)
		return NULL;
	filled = fill_in(c, text, domain);
	return strchr(filled, '@') ? filled : mf_printf(c, "@%s", filled);
}

static void
choose_by_line(struct choice *choice, const struct tables *tables,
    const struct signing_entry *entry, const char *domain)
{
	struct mf_context *c = choice->c;
	const struct table_key *named = tables_find_key(tables,
	    open_is_percent(entry->key) ? dkim_text_of(domain) : entry->key);
	struct chosen_key key = { 0 };

	if (!named)
		return;
	key.domain = open_is_percent(named->entry.domain) ? domain :
							     domain_text(c, named->entry.domain);
	key.selector = domain_text(c, named->entry.selector);
	key.key = key_set_find(&named->set, domain);
	key.identity = signer(c, entry->signer, domain);
	key.where = mf_printf(c, "%s:%u", tables->signing_file, entry->line);
	choose(choice, &key);
}

static void
choose_by_tables(struct choice *choice, const struct tables *tables,
    const struct key_settings *settings)
{
	struct mf_context *c = choice->c;
	const char *senders = mf_expand(c, settings->sender);
	struct dkim_text address = { senders, strcspn(senders, ",") };
	const char *at = memrchr(address.data, '@', address.length);
	const struct signing_entry *entry;
	struct signing_search search = { 0 };
	const char *domain;

	if (!at)
		return;
	domain = domain_text(c,
	    (struct dkim_text){ at + 1, address.length - (size_t)(at + 1 - address.data) });
	while (domain && (entry = signing_table_next(&tables->signing, address, &search))) {
		choose_by_line(choice, tables, entry, domain);
		if (!settings->multiple_signatures)
			break;
	}
}

size_t
keyring_choose(struct mf_context *c, const struct keyring *ring,
    const struct key_settings *settings, struct chosen_key chosen_r[KEYRING_CHOSEN_MAX])
{
	struct choice choice = { c, chosen_r, 0 };
	size_t i;

	for (i = 0; i < settings->keys.count; i++)
		choose_by_block(&choice, &ring->sets[i], &settings->keys.items[i]);
	if (ring->has_tables)
		choose_by_tables(&choice, &ring->tables, settings);
	return choice.count;
}

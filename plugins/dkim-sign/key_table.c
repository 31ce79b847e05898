/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenDKIM's KeyTable. */
#include "plugins/dkim-sign/key_table.h"

bool
open_is_percent(struct dkim_text text)
{
	return text.length == 1 && text.data[0] == '%';
}

static bool
begins_with(struct dkim_text text, const char *word)
{
	size_t length = strlen(word);

	return text.length >= length && memcmp(text.data, word, length) == 0;
}

bool
key_entry_is_path(const struct key_entry *entry)
{
	return begins_with(entry->key, "/") || begins_with(entry->key, "./") ||
	    begins_with(entry->key, "../");
}

const char *
key_entry_parse(const struct open_line *line, struct key_entry *entry_r)
{
	struct dkim_text rest = line->value;

	*entry_r = (struct key_entry){ .name = line->key, .line = line->number };
	if (!open_field(&rest, false, &entry_r->domain) || entry_r->domain.length == 0)
		return "expected DOMAIN:SELECTOR:KEY behind the name of the key";
	if (!open_field(&rest, false, &entry_r->selector) || entry_r->selector.length == 0)
		return "expected a selector behind the domain: DOMAIN:SELECTOR:KEY";
	if (!open_field(&rest, true, &entry_r->key) || entry_r->key.length == 0)
		return "expected a key or its file behind the selector: DOMAIN:SELECTOR:KEY";
	return NULL;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* OpenDKIM's tables: an address, NUL, and a file that is read as KeyTable and as SigningTable of
 * both kinds. Every text is a view into it; a search ends, and finds an entry once at most. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "plugins/dkim-sign/key_table.h"
#include "plugins/dkim-sign/signing_table.h"
#include "tests/fuzz/part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ENTRIES = 256 };

static void
assert_within(struct dkim_text text, struct str whole)
{
	if (text.length == 0)
		return;
	assert(text.data >= whole.data);
	assert(text.data + text.length <= whole.data + whole.length);
}

static void
search(const struct signing_table *table, struct dkim_text address)
{
	struct signing_search search = { 0 };
	const struct signing_entry *entry;
	bool found[ENTRIES] = { false };

	while ((entry = signing_table_next(table, address, &search))) {
		size_t i = (size_t)(entry - table->entries);

		assert(i < table->count && !found[i]);
		found[i] = true;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size };
	struct str address = fuzz_part(&rest, '\0');
	struct open_cursor cursor = { { rest.data, rest.length }, 0 };
	static struct signing_entry entries[ENTRIES];
	struct signing_table table = { .entries = entries, .wildcards = true };
	struct open_line line;
	struct key_entry key;

	while (table.count < ENTRIES && open_table_next(&cursor, &line)) {
		assert_within(line.key, rest);
		assert_within(line.value, rest);
		assert(line.key.length > 0);
		if (!key_entry_parse(&line, &key)) {
			assert(key.domain.length > 0 && key.selector.length > 0);
			assert_within(key.key, rest);
		}
		if (!signing_entry_parse(&line, &entries[table.count]))
			assert_within(entries[table.count++].signer, rest);
	}
	search(&table, (struct dkim_text){ address.data, address.length });
	table.wildcards = false;
	signing_table_prepare(&table);
	search(&table, (struct dkim_text){ address.data, address.length });
	return 0;
}

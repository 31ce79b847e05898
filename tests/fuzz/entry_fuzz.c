/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries of the quarantine store: whatever the bytes, an entry that is read is written as one that
 * reads the same; and marks: what is read of one has its form. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "filterd/quarantine/mark.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_entry(struct str text)
{
	struct arena *arena = arena_create(0, 0);
	struct buffer first = { 0 }, second = { 0 };
	struct entry entry, again;
	const char *error;
	size_t i;

	if (entry_read(text, arena, &entry, &error)) {
		assert(entry_id_valid(entry.id));
		for (i = 0; i < entry.recipient_count; i++)
			assert(!strpbrk(entry.recipients[i].text, "\r\n"));
		entry_write(&entry, &first);
		assert(entry_read((struct str){ first.data, first.length }, arena, &again, &error));
		entry_write(&again, &second);
		assert(strcmp(first.data, second.data) == 0);
	} else {
		assert(error);
	}
	buffer_free(&first);
	buffer_free(&second);
	arena_destroy(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char key[MARK_KEY];
	struct str text = { (const char *)data, size };
	struct mark mark;

	check_entry(text);
	if (mark_read(key, text, &mark))
		assert(entry_id_valid(mark.id) && strlen(mark.digest) == ENTRY_DIGEST);
	return 0;
}

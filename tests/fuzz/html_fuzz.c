/* SPDX-License-Identifier: BSD-2-Clause */
/* HTML: whatever the bytes, text and links are bounded by the limits, and the text is UTF-8. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "filterd/message/decode.h"
#include "filterd/message/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct html_limits limits = { .text = 4096, .links = 16 };
	struct arena *arena = arena_create(0, 0);
	struct str source = { arena_copy(arena, data, size), size };
	struct html_document document;
	size_t i;

	html_read(arena, &limits, source, &document);
	assert(document.text.length <= 4 * limits.text + 1);
	assert(document.text.data[document.text.length] == '\0');
	assert(utf8_valid(document.text));
	assert(document.link_count <= limits.links);
	for (i = 0; i < document.link_count; i++) {
		struct str target = document.links[i].target;

		assert(target.data[target.length] == '\0');
		assert(!memchr(target.data, '\n', target.length));
		assert(document.links[i].text.length <= document.text.length);
	}
	arena_destroy(&arena);
	return 0;
}

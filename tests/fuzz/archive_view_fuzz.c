/* SPDX-License-Identifier: BSD-2-Clause */
/* Archives: members are bounded by the limits, parents stand before their members, names are
 * UTF-8. */
#include <assert.h>
#include <stdint.h>

#include "filterd/message/archive_view.h"
#include "filterd/message/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct archive_limits limits = { .members = 64, .depth = 3, .bytes = 1 << 22,
		.nested = 1 << 18, .ratio = 100, .milliseconds = 1000 };
	struct arena *arena = arena_create(0, 0);
	struct str bytes = { arena_copy(arena, data, size), size };
	struct archive_view view;
	size_t i;

	archive_read(arena, &limits, STR("file.gz"), bytes, &view);
	assert(view.count <= limits.members && view.depth <= limits.depth);
	assert(view.archive || (view.count == 0 && view.defects == 0));
	for (i = 0; i < view.count; i++) {
		const struct archive_member *member = &view.members[i];

		assert(member->depth >= 1 && member->depth <= view.depth);
		assert(member->parent == SIZE_MAX ? member->depth == 1 :
		    member->parent < i && view.members[member->parent].depth + 1 == member->depth);
		assert(utf8_valid(member->name));
	}
	arena_destroy(&arena);
	return 0;
}

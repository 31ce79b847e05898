/* SPDX-License-Identifier: BSD-2-Clause */
/* Decoded header values: always valid UTF-8 without control characters, and bounded. */
#include <assert.h>
#include <stdint.h>

#include "filterd/message/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_create(0, 0);
	struct str value = { arena_copy(arena, data, size), size };
	struct str decoded = header_decode(arena, value);
	size_t i;

	assert(decoded.data[decoded.length] == '\0');
	assert(decoded.length <= 4 * size);
	assert(utf8_valid(decoded));
	for (i = 0; i < decoded.length; i++)
		assert((unsigned char)decoded.data[i] >= ' ' && decoded.data[i] != '\177');
	arena_destroy(&arena);
	return 0;
}

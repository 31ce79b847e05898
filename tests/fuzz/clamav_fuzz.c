/* SPDX-License-Identifier: BSD-2-Clause */
/* Replies of clamd: whatever the bytes, what is read of them is printable, and only a finding has a
 * name. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "plugins/clamav/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reply reply = reply_read((const char *)data, size);
	const char *at;

	assert(strlen(reply.text) < REPLY_SIGNATURE);
	for (at = reply.text; *at; at++)
		assert(*at >= ' ' && *at <= '~');
	if (reply.kind == REPLY_INFECTED)
		assert(reply.text[0] && !strchr(reply.text, ' '));
	return 0;
}

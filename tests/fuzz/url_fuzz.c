/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses: hosts that come out are lower case and have no byte that a host cannot have, and all
 * that text has are bounded. */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "filterd/message/url.h"
#include "filterd/util/domain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
visit(void *argument, struct str text)
{
	struct arena *arena = argument;
	struct url url;
	size_t i;

	assert(text.length > 0 && text.length <= URL_MAXIMUM);
	if (!url_parse(arena, text, &url))
		return false;
	assert(url.host.length > 0 && url.host.length <= DOMAIN_MAXIMUM);
	for (i = 0; i < url.host.length; i++)
		assert((unsigned char)url.host.data[i] > ' ' &&
		    !strchr("/@?#\\", url.host.data[i]) &&
		    !(url.host.data[i] >= 'A' && url.host.data[i] <= 'Z'));
	assert(!url_mismatch(arena, url.text, &url));
	url_mismatch(arena, text, &url);
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_create(0, 0);
	struct str text = { arena_copy(arena, data, size), size };
	struct url url = { .host = { "a.example", 9 } };

	url_find(text, 16, visit, arena);
	if (text.length && text.length <= URL_MAXIMUM)
		visit(arena, text);
	url_mismatch(arena, text, &url);
	arena_destroy(&arena);
	return 0;
}

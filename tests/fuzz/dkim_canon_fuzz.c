/* SPDX-License-Identifier: BSD-2-Clause */
/* Canonical bodies: the same however the body is cut, and canonical already when they are made so
 * again; never more than l= allows. The first byte says how, the second where it is cut. */
#include <assert.h>
#include <stdlib.h>

#include "plugins/dkim/canon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sink {
	char *bytes;
	size_t size, room;
};

static void
collect(void *to, const void *bytes, size_t size)
{
	struct sink *sink = to;

	assert(size <= sink->room - sink->size);
	memcpy(sink->bytes + sink->size, bytes, size);
	sink->size += size;
}

/* Chunks grow from one byte on by `step`. */
static struct sink
canonicalise(enum dkim_canon canon, const char *bytes, size_t size, uint64_t limit, size_t step)
{
	struct sink sink = { malloc(size + 2), 0, size + 2 };
	struct dkim_body body;
	size_t at, chunk = 1, length;

	dkim_body_start(&body, canon, limit, collect, &sink);
	for (at = 0; at < size; at += length, chunk += step) {
		length = chunk < size - at ? chunk : size - at;
		dkim_body_put(&body, bytes + at, length);
	}
	dkim_body_finish(&body);
	assert(sink.size == (body.size < limit ? body.size : limit));
	return sink;
}

static void
assert_same(struct sink one, struct sink two)
{
	assert(one.size == two.size && memcmp(one.bytes, two.bytes, one.size) == 0);
	free(two.bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum dkim_canon canon;
	uint64_t limit;
	struct sink whole;
	const char *bytes = (const char *)data + 2;

	if (size < 2)
		return 0;
	canon = data[0] & 1 ? DKIM_RELAXED : DKIM_SIMPLE;
	limit = data[0] & 2 ? data[0] : DKIM_WHOLE_BODY;
	size -= 2;
	whole = canonicalise(canon, bytes, size, limit, SIZE_MAX / 2);
	assert_same(whole, canonicalise(canon, bytes, size, limit, 0));
	assert_same(whole, canonicalise(canon, bytes, size, limit, data[1]));
	if (limit == DKIM_WHOLE_BODY)
		assert_same(whole, canonicalise(canon, whole.bytes, whole.size, limit, data[1]));
	free(whole.bytes);
	return 0;
}

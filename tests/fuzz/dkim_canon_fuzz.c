/* SPDX-License-Identifier: BSD-2-Clause */
/* Canonical bodies: the same however the body is cut, and canonical already when they are made so
 * again; never more than l= allows. Canonical header fields likewise. The first byte says how, the
 * second where a body is cut. */
#include <assert.h>
#include <stdlib.h>

#include "plugins/dkim/canon.h"
#include "tests/fuzz/part.h"

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

/* The size of the next chunk: by a seed of 0 all, of 1 a byte, else any. */
static size_t
next_chunk(uint32_t *seed, size_t left)
{
	size_t chunk;

	if (*seed < 2)
		return *seed ? 1 : left;
	*seed = *seed * 1103515245u + 12345u;
	chunk = 1 + (*seed >> 16) % ((*seed >> 8) % 64 + 1);
	return chunk < left ? chunk : left;
}

static struct sink
canonicalise(enum dkim_canon canon, const char *bytes, size_t size, uint64_t limit, uint32_t seed)
{
	struct sink sink = { malloc(size + 2), 0, size + 2 };
	struct dkim_body body;
	size_t at, length;

	dkim_body_start(&body, canon, limit, collect, &sink);
	for (at = 0; at < size; at += length) {
		length = next_chunk(&seed, size - at);
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

static void
check_body(const char *bytes, size_t size, unsigned how, uint32_t seed)
{
	enum dkim_canon canon = how & 1 ? DKIM_RELAXED : DKIM_SIMPLE;
	uint64_t limit = how & 2 ? how : DKIM_WHOLE_BODY;
	struct sink whole = canonicalise(canon, bytes, size, limit, 0);

	assert_same(whole, canonicalise(canon, bytes, size, limit, 1));
	assert_same(whole, canonicalise(canon, bytes, size, limit, seed + 2));
	if (limit == DKIM_WHOLE_BODY)
		assert_same(whole, canonicalise(canon, whole.bytes, whole.size, limit, seed + 2));
	free(whole.bytes);
}

static struct sink
canonicalise_field(enum dkim_canon canon, struct str name, struct str value)
{
	const struct dkim_field field = { { name.data, name.length },
		{ value.data, value.length } };
	struct sink sink = { malloc(2 * (name.length + value.length) + 3), 0,
		2 * (name.length + value.length) + 3 };
	struct dkim_output output;

	dkim_output_start(&output, collect, &sink);
	dkim_canon_field(canon, &field, &output);
	dkim_output_flush(&output);
	assert(sink.size >= 3 && memcmp(sink.bytes + sink.size - 2, "\r\n", 2) == 0);
	return sink;
}

static void
check_field(const char *bytes, size_t size, unsigned how)
{
	enum dkim_canon canon = how & 1 ? DKIM_RELAXED : DKIM_SIMPLE;
	struct str rest = { bytes, size };
	struct str name = fuzz_part(&rest, ':');
	struct sink once = canonicalise_field(canon, name, rest);
	struct str again = { once.bytes, once.size - 2 };

	name = fuzz_part(&again, ':');
	if (canon == DKIM_RELAXED) {
		assert(!memchr(again.data, '\t', again.length));
		assert_same(once, canonicalise_field(canon, name, again));
	}
	free(once.bytes);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data + 2;

	if (size < 2)
		return 0;
	if (data[0] & 4)
		check_field(bytes, size - 2, data[0]);
	else
		check_body(bytes, size - 2, data[0], data[1]);
	return 0;
}

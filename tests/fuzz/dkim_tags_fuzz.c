/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of tags, and what DKIM's and ARC's fields say with them: views stay within the text, and a
 * signature without a fault has all that it must have. The first byte says which field it is. */
#include <assert.h>
#include <stdlib.h>

#include "plugins/dkim/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
assert_within(struct dkim_text part, struct dkim_text whole)
{
	if (!part.length)
		return;
	assert(part.data >= whole.data);
	assert(part.data + part.length <= whole.data + whole.length);
}

static void
check_whole(const struct dkim_signature *s)
{
	assert(s->domain[0] && s->selector[0] && s->signature.length);
	assert(s->kind == DKIM_KIND_SIGNATURE || (s->instance >= 1 && s->instance <= 50));
	if (s->kind == DKIM_KIND_ARC_SEAL)
		return;
	assert(s->name_count >= 1 && s->name_count <= DKIM_NAMES_MAX);
	assert(s->body_hash_size == dkim_hash_size(s->algorithm));
	assert(dkim_domain_within(s->identity_domain, s->domain));
	assert(!s->has_time || !s->has_expiry || s->expiry > s->time);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dkim_text text = { (const char *)data + 1, size - 1 };
	struct dkim_signature s;
	const char *error = NULL;
	char *bytes;

	if (!size)
		return 0;
	if (dkim_signature_parse((enum dkim_kind)(data[0] % 3), text, &s, &error))
		assert(error);
	else
		check_whole(&s);
	assert_within(s.identity, text);
	assert_within(s.names, text);
	assert_within(s.signature, s.raw_signature);
	assert_within(s.raw_signature, text);
	bytes = malloc(s.identity.length + 1);
	assert(dkim_unquote(s.identity, bytes) <= s.identity.length);
	free(bytes);
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Chains of ARC: fields divided by NUL, the first byte of each being its kind. The chain's
 * counts fit, its signatures are read, and everything can be hashed. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "plugins/arc/seal_hash.h"
#include "tests/fuzz/part.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FIELDS = ARC_SETS_MAX * ARC_KINDS };

static void
read_set(const struct dkim_crypto *crypto, const struct arc_chain *chain, size_t i,
    const struct dkim_field *fields, size_t count)
{
	const struct arc_set *set = &chain->sets[i];
	uint8_t hash[DKIM_HASH_MAX];
	struct dkim_signature signature;

	if (set->has[ARC_MESSAGE] && !arc_signature(set, ARC_MESSAGE, &signature))
		arc_hash_message(crypto, set, &signature, fields, count, hash);
	if (!chain->fault && !arc_signature(set, ARC_SEAL, &signature))
		assert(arc_hash_seal(crypto, chain, (unsigned)i + 1, &signature, hash));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[ARC_KINDS] = { "ARC-Authentication-Results",
		"ARC-Message-Signature", "ARC-Seal" };
	static struct dkim_crypto *crypto;
	struct str rest = { (const char *)data, size };
	struct dkim_field fields[FIELDS];
	struct arc_chain chain = { 0 };
	size_t count = 0, i;

	if (!crypto)
		crypto = dkim_crypto_create();
	while (rest.length > 0 && count < FIELDS) {
		struct str part = fuzz_part(&rest, '\0');
		enum arc_kind kind = part.length ? (unsigned char)part.data[0] % ARC_KINDS : 0;

		if (part.length == 0)
			continue;
		fields[count].name = dkim_text_of(names[kind]);
		fields[count].value = (struct dkim_text){ part.data + 1, part.length - 1 };
		arc_chain_add(&chain, kind, &fields[count++]);
	}
	arc_chain_finish(&chain);
	assert(chain.count <= ARC_SETS_MAX && (chain.count > 0) == (count > 0));
	for (i = 0; i < chain.count; i++)
		read_set(crypto, &chain, i, fields, count);
	return 0;
}

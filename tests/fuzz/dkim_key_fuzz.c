/* SPDX-License-Identifier: BSD-2-Clause */
/* Key records and the keys in them. */
#include <assert.h>

#include "plugins/dkim/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dkim_text record = { (const char *)data, size };
	struct dkim_key key;
	const char *error = dkim_key_parse(record, &key);
	EVP_PKEY *made;

	if (error)
		return 0;
	assert(key.data.length <= size);
	made = dkim_public_key(&key, &error);
	assert(made || error);
	if (made)
		assert(EVP_PKEY_get_bits(made) <= DKIM_RSA_BITS_MAX);
	EVP_PKEY_free(made);
	return 0;
}

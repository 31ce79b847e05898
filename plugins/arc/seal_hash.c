/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two signatures of a set sign of the header, hashed. */
#include "plugins/arc/seal_hash.h"

#include "plugins/dkim/hash.h"

/* Where a field of the chain stands among those of the message. */
static size_t
index_of(const struct dkim_field *field, const struct dkim_field *fields, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (fields[i].value.data == field->value.data)
			break;
	return i;
}

bool
arc_hash_message(const struct dkim_crypto *crypto, const struct arc_set *set,
    const struct dkim_signature *signature, const struct dkim_field *fields, size_t count,
    uint8_t hash_r[DKIM_HASH_MAX])
{
	const struct dkim_field *own = &set->field[ARC_MESSAGE];
	struct dkim_output output;
	struct dkim_digest digest;

	if (!dkim_digest_start(crypto, signature->algorithm, &digest))
		return false;
	dkim_output_start(&output, dkim_digest_write, &digest);
	dkim_hash_fields(signature->header_canon, fields, count, index_of(own, fields, count),
	    signature->names, &output);
	dkim_canon_signature(signature->header_canon, own, signature->raw_signature, &output);
	dkim_output_flush(&output);
	return dkim_digest_finish(&digest, hash_r);
}

bool
arc_hash_seal(const struct dkim_crypto *crypto, const struct arc_chain *chain, unsigned instance,
    const struct dkim_signature *signature, uint8_t hash_r[DKIM_HASH_MAX])
{
	struct dkim_output output;
	struct dkim_digest digest;
	unsigned i;

	if (!dkim_digest_start(crypto, signature->algorithm, &digest))
		return false;
	dkim_output_start(&output, dkim_digest_write, &digest);
	for (i = 1; i <= instance; i++) {
		const struct arc_set *set = &chain->sets[i - 1];

		dkim_canon_field(DKIM_RELAXED, &set->field[ARC_RESULTS], &output);
		dkim_canon_field(DKIM_RELAXED, &set->field[ARC_MESSAGE], &output);
		if (i < instance)
			dkim_canon_field(DKIM_RELAXED, &set->field[ARC_SEAL], &output);
	}
	dkim_canon_signature(DKIM_RELAXED, &chain->sets[instance - 1].field[ARC_SEAL],
	    signature->raw_signature, &output);
	dkim_output_flush(&output);
	return dkim_digest_finish(&digest, hash_r);
}

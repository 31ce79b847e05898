/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes the parser of SPF records. What it takes must hold together: terms are parts of the text
 * in written order, domain-specs are valid and can be expanded, prefix lengths are in range.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/util/arena.h"
#include "plugins/spf/macro.h"
#include "plugins/spf/name.h"
#include "plugins/spf/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void *
take(void *of, size_t size)
{
	return arena_alloc(of, size);
}

static bool
is_part(struct spf_text part, struct spf_text text)
{
	return part.data >= text.data && part.data + part.length <= text.data + text.length;
}

static void
check_spec(struct spf_text spec, struct spf_text text)
{
	static const struct spf_values values = { "a@b.example", "a", "b.example", "b.example",
		"unknown", "c.example", "d.example", { 0x20, 1 }, 6, 1 };
	char name[SPF_NAME_SIZE];

	if (!spec.data)
		return;
	assert(is_part(spec, text) && spf_macros_valid(spec, SPF_DOMAIN_SPEC));
	assert(!spf_macros_use(spec, "crt"));
	spf_expand_name(spec, &values, name);
	assert(strlen(name) < sizeof(name));
	spf_name_fits(name);
}

static void
check_record(const struct spf_record *record, struct spf_text text)
{
	const char *end = text.data;
	size_t i;

	assert(record->count <= SPF_TERMS_MAXIMUM);
	for (i = 0; i < record->count; i++) {
		const struct spf_term *term = &record->terms[i];

		assert(term->text.data >= end && is_part(term->text, text) && term->text.length);
		end = term->text.data + term->text.length;
		assert(term->prefix4 <= 32 && term->prefix6 <= 128);
		check_spec(term->spec, text);
	}
	check_spec(record->redirect, text);
	check_spec(record->explanation, text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct spf_text text = { (const char *)data, size };
	struct arena *arena = arena_create(0, 0);
	const struct spf_memory memory = { take, arena };
	struct spf_record record;
	struct spf_mistake mistake;

	if (size && spf_is_record(text)) {
		if (spf_record_parse(text, &memory, &record, &mistake))
			check_record(&record, text);
		else
			assert(*mistake.what && is_part(mistake.where, text));
	}
	arena_destroy(&arena);
	return 0;
}

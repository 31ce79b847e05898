/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzzes macros of SPF. The input is local part, domain and HELO name, each ended by a NUL, and a
 * text with macros. What is valid is expanded; a part that has no macro comes out as it went in.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/util/arena.h"
#include "plugins/spf/macro.h"
#include "tests/fuzz/part.h"

#define INPUT_MAXIMUM	4096
#define SMALL_SIZE	33

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *
text_of(struct arena *arena, struct str part)
{
	return arena_copy(arena, part.data, part.length);
}

static void
check_explanation(struct spf_text text, const struct spf_values *values)
{
	char small[SMALL_SIZE], large[4 * INPUT_MAXIMUM];

	spf_expand_explanation(text, values, small, sizeof(small));
	spf_expand_explanation(text, values, large, sizeof(large));
	assert(strlen(small) < sizeof(small) && strncmp(small, large, strlen(small)) == 0);
	if (text.length && !memchr(text.data, '%', text.length))
		assert(strlen(large) == text.length &&
		    memcmp(large, text.data, text.length) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str rest = { (const char *)data, size };
	struct arena *arena = arena_create(0, 0);
	struct spf_values values = { .validated = "unknown", .receiver = "r.example",
		.ip = { [10] = 0xff, [11] = 0xff, [12] = 192 }, .version = 4 };
	char name[SPF_NAME_SIZE];
	struct spf_text text;

	if (size > 0 && size <= INPUT_MAXIMUM) {
		values.local = text_of(arena, fuzz_part(&rest, '\0'));
		values.domain = values.sender_domain = text_of(arena, fuzz_part(&rest, '\0'));
		values.helo = text_of(arena, fuzz_part(&rest, '\0'));
		values.sender = arena_printf(arena, "%s@%s", values.local, values.domain);
		values.version = size % 2 ? 4 : 6;
		text = (struct spf_text){ rest.data, rest.length };
		if (spf_macros_valid(text, SPF_EXPLAIN_STRING))
			check_explanation(text, &values);
		if (spf_macros_valid(text, SPF_DOMAIN_SPEC)) {
			assert(spf_macros_valid(text, SPF_EXPLAIN_STRING));
			spf_expand_name(text, &values, name);
			assert(strlen(name) < sizeof(name));
		}
	}
	arena_destroy(&arena);
	return 0;
}

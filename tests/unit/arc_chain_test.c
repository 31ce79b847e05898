/* SPDX-License-Identifier: BSD-2-Clause */
/* Chains of ARC put together of header fields, their structure (RFC 8617 section 5.2 steps 1 to
 * 3), and the results that a set reports. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "plugins/arc/chain.h"

#define ROOM 128

/* A chain whose fields' texts live beside it. */
struct kit {
	struct arc_chain chain;
	char texts[ARC_SETS_MAX * ARC_KINDS + ARC_KINDS][ROOM];
	size_t used;
};

static void
add(struct kit *kit, enum arc_kind kind, const char *value)
{
	static const char *const names[ARC_KINDS] = { "ARC-Authentication-Results",
		"ARC-Message-Signature", "ARC-Seal" };
	char *text = kit->texts[kit->used++];
	struct dkim_field field;

	snprintf(text, ROOM, "%s", value);
	field = (struct dkim_field){ dkim_text_of(names[kind]), dkim_text_of(text) };
	arc_chain_add(&kit->chain, kind, &field);
}

static void
add_set(struct kit *kit, unsigned instance, const char *cv)
{
	char text[ROOM];

	snprintf(text, sizeof(text), " i=%u; mx.example; spf=pass", instance);
	add(kit, ARC_RESULTS, text);
	snprintf(text, sizeof(text), " i=%u; a=rsa-sha256; d=d.example; s=s; h=from; bh=; b=",
	    instance);
	add(kit, ARC_MESSAGE, text);
	snprintf(text, sizeof(text), " i=%u; a=rsa-sha256; cv=%s; d=d.example; s=s; b=", instance,
	    cv);
	add(kit, ARC_SEAL, text);
}

static struct kit *
new_kit(void)
{
	struct kit *kit = calloc(1, sizeof(*kit));

	assert_non_null(kit);
	return kit;
}

static void
assert_fault(struct kit *kit, const char *fault, unsigned instance)
{
	arc_chain_finish(&kit->chain);
	if (!fault) {
		assert_null(kit->chain.fault);
	} else {
		assert_non_null(kit->chain.fault);
		assert_string_equal(kit->chain.fault, fault);
		assert_int_equal(kit->chain.fault_instance, instance);
	}
	free(kit);
}

static void
test_good(void **state)
{
	struct kit *kit = new_kit();
	unsigned i;

	(void)state;
	for (i = ARC_SETS_MAX; i > 0; i--)
		add_set(kit, i, i == 1 ? "none" : "pass");
	assert_int_equal(kit->chain.count, ARC_SETS_MAX);
	assert_fault(kit, NULL, 0);
}

static void
test_cv(void **state)
{
	static const struct { const char *first, *second, *fault; unsigned instance; } samples[] = {
		{ "pass", "pass", "a seal has a cv that its place does not allow", 1 },
		{ "none", "none", "a seal has a cv that its place does not allow", 2 },
		{ "none", "fail", "a sealer has marked the chain as failed", 2 },
		{ "fail", "pass", "a sealer has marked the chain as failed", 1 },
		{ "none", "", "a seal is malformed", 2 },
		{ "none", "pass; h=from", "a seal is malformed", 2 },
		{ "none", "passed", "a seal is malformed", 2 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		struct kit *kit = new_kit();

		add_set(kit, 1, samples[i].first);
		add_set(kit, 2, samples[i].second);
		assert_fault(kit, samples[i].fault, samples[i].instance);
	}
}

static void
test_marked(void **state)
{
	struct kit *kit = new_kit();

	(void)state;
	add_set(kit, 1, "fail");
	add_set(kit, 2, "pass");
	arc_chain_finish(&kit->chain);
	assert_true(arc_chain_is_marked(&kit->chain));
	free(kit);
}

static void
test_gap_and_repetition(void **state)
{
	struct kit *kit = new_kit();

	(void)state;
	add_set(kit, 1, "none");
	add_set(kit, 3, "pass");
	assert_fault(kit, "a set lacks a field", 2);
	kit = new_kit();
	add_set(kit, 1, "none");
	add(kit, ARC_RESULTS, "i=1; again");
	assert_fault(kit, "a set has a field twice", 1);
}

static void
test_instances(void **state)
{
	static const char *const wrong[] = { "", "mx.example; i=1", "i=; x", "i=0; x", "i=1",
		"i=a; x", "i=-1; x", "j=1; x" };
	static const char *const right[] = { "i=1; x", " (c (d) \\)) i = 1 (e) ; x", "\n\ti=1;x",
		"i=01; x" };
	struct kit *kit;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		kit = new_kit();
		add(kit, ARC_RESULTS, wrong[i]);
		assert_fault(kit, "an ARC field is malformed or has no instance", 0);
	}
	for (i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		kit = new_kit();
		add(kit, ARC_RESULTS, right[i]);
		assert_fault(kit, "a set lacks a field", 1);
	}
	kit = new_kit();
	add(kit, ARC_SEAL, "i=51; cv=none");
	assert_fault(kit, "more sets than 50", 51);
}

static void
test_kinds(void **state)
{
	enum arc_kind kind;

	(void)state;
	assert_true(arc_kind_of(dkim_text_of("arc-SEAL"), &kind));
	assert_int_equal(kind, ARC_SEAL);
	assert_false(arc_kind_of(dkim_text_of("ARC-Seals"), &kind));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_cv),
		cmocka_unit_test(test_marked),
		cmocka_unit_test(test_gap_and_repetition), cmocka_unit_test(test_instances),
		cmocka_unit_test(test_kinds)
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

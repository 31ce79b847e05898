/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose field it is: every spelling of our authserv-id that a reader might take for ours, and
 * fields of others, which are left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "plugins/auth-results/claim.h"

static void
assert_claim(const char *value, enum claim expected)
{
	static const char *const ours[] = { "mx.example.org", "xn--bcher-kva.example",
		"two words" };

	if (claim_of(value, strlen(value), ours, 3) != expected)
		fail_msg("%s", value);
}

static void
spellings_of_ours_are_ours(void **state)
{
	static const char *const spellings[] = {
		" mx.example.org; spf=pass", "mx.example.org;spf=pass", "\tMX.Example.ORG; none",
		" mx.example.org 1; none", " mx.example.org/1; none", " mx.example.org",
		" mx.example.org spf=pass", " mx.example.org.; none",
		" mx.example.org. 1; none", " mx.example.org.(x)1; none", " mx.example.org ; none",
		"\n mx.example.org\n ; none", " (a) mx.example.org (b) 1; none",
		" (a (b \\) c) d)mx.example.org; none", " (;) mx.example.org; none",
		" mx.example.org(;); none", " mx . example . org; none", " mx.(x)example.org; none",
		" \"mx.example.org\"; none", " \"mx.ex\\ample.org\"; none",
		" \"mx\".example.\"org\"; none", " \"mx.example.org; none",
		" mx.exam\"ple.org; none",
		" \"two words\"; none",
		" b\xc3\xbc" "cher.example; none", " B\xc3\x9c" "CHER.example; none",
		" XN--BCHER-KVA.example; none",
		" mx\xef\xbc\x8e" "example.org; none" /* a full-width dot */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
		assert_claim(spellings[i], CLAIM_OURS);
}

static void
what_nobody_can_read_is_unclear(void **state)
{
	(void)state;
	assert_claim("", CLAIM_UNCLEAR);
	assert_claim(" ; spf=pass", CLAIM_UNCLEAR);
	assert_claim(" (mx.example.org; spf=pass", CLAIM_UNCLEAR);
	assert_claim(" \"other.example; spf=pass", CLAIM_UNCLEAR);
	assert_claim(" spf=pass smtp.mailfrom=x.example", CLAIM_UNCLEAR);
	assert_claim(" =?utf-8?q?mx.example.org?=; spf=pass", CLAIM_UNCLEAR);
	assert_claim(" mx.example\x01.org; spf=pass", CLAIM_UNCLEAR);
	assert_claim(" mx.b\xfc" "cher.example; spf=pass", CLAIM_UNCLEAR);
	assert_claim(" ((((((((((((((((((((((mx.example.org", CLAIM_UNCLEAR);
}

static void
others_stay_theirs(void **state)
{
	(void)state;
	assert_claim(" other.example; spf=pass", CLAIM_OTHER);
	assert_claim(" notmx.example.org; spf=pass", CLAIM_OTHER);
	assert_claim(" mx.example.org.evil.example; spf=pass", CLAIM_OTHER);
	assert_claim(" other.example (mx.example.org); spf=pass", CLAIM_OTHER);
	assert_claim(" other.example; spf=pass (mx.example.org;)", CLAIM_OTHER);
	assert_claim(" other.example 1; auth=pass smtp.auth=mx.example.org", CLAIM_OTHER);
	assert_claim(" bucher.example; none", CLAIM_OTHER);
}

static void
the_name_is_known_however_it_is_spelled(void **state)
{
	(void)state;
	assert_true(claim_is_field("Authentication-Results", 22));
	assert_true(claim_is_field("AUTHENTICATION-results \t", 24));
	assert_false(claim_is_field("ARC-Authentication-Results", 26));
	assert_false(claim_is_field("Authentication-Result", 21));
	assert_false(claim_is_field("", 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings_of_ours_are_ours),
		cmocka_unit_test(what_nobody_can_read_is_unclear),
		cmocka_unit_test(others_stay_theirs),
		cmocka_unit_test(the_name_is_known_however_it_is_spelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The parser of SPF records: what it reads, and that it finds syntax errors anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/util/arena.h"
#include "plugins/spf/record.h"

static void *
take(void *of, size_t size)
{
	return arena_alloc(of, size);
}

static int
setup(void **state)
{
	*state = arena_create(0, 0);
	return 0;
}

static int
teardown(void **state)
{
	arena_destroy((struct arena **)state);
	return 0;
}

static bool
parse(struct arena *arena, const char *text, struct spf_record *record_r,
    struct spf_mistake *mistake_r)
{
	const struct spf_memory memory = { take, arena };

	return spf_record_parse(spf_text_of(text), &memory, record_r, mistake_r);
}

static struct spf_record
read_good(struct arena *arena, const char *text)
{
	struct spf_record record;
	struct spf_mistake mistake;

	if (!parse(arena, text, &record, &mistake))
		fail_msg("%s: %s in %.*s", text, mistake.what, (int)mistake.where.length,
		    mistake.where.data);
	return record;
}

static void
assert_text(struct spf_text text, const char *expected)
{
	assert_int_equal(text.length, strlen(expected));
	assert_memory_equal(text.data, expected, text.length);
}

static void
versions_end_at_a_blank(void **state)
{
	(void)state;
	assert_true(spf_is_record(spf_text_of("v=spf1")));
	assert_true(spf_is_record(spf_text_of("V=SPF1 -all")));
	assert_true(spf_is_record(spf_text_of("v=spf1 ")));
	assert_false(spf_is_record(spf_text_of("v=spf10")));
	assert_false(spf_is_record(spf_text_of("v=spf")));
	assert_false(spf_is_record(spf_text_of(" v=spf1")));
	assert_false(spf_is_record(spf_text_of("v=spf1\t-all")));
	assert_false(spf_is_record(spf_text_of("")));
}

static void
mechanisms_are_read(void **state)
{
	struct spf_record record = read_good(*state, "v=spf1  +mx A:%{d}.example.org/24//64 "
	    "~ip4:192.0.2.0/25 ?ip6:2001:db8::/32 include:a.example ptr exists:%{ir}.b.example "
	    "-all ");
	static const enum spf_mechanism mechanisms[] = { SPF_MX, SPF_A, SPF_IP4, SPF_IP6,
		SPF_INCLUDE, SPF_PTR, SPF_EXISTS, SPF_ALL };
	static const enum spf_result qualifiers[] = { SPF_PASS, SPF_PASS, SPF_SOFTFAIL, SPF_NEUTRAL,
		SPF_PASS, SPF_PASS, SPF_PASS, SPF_FAIL };
	size_t i;

	assert_int_equal(record.count, 8);
	for (i = 0; i < record.count; i++) {
		assert_int_equal(record.terms[i].mechanism, mechanisms[i]);
		assert_int_equal(record.terms[i].qualifier, qualifiers[i]);
	}
	assert_null(record.terms[0].spec.data);
	assert_text(record.terms[1].spec, "%{d}.example.org");
	assert_int_equal(record.terms[1].prefix4, 24);
	assert_int_equal(record.terms[1].prefix6, 64);
	assert_text(record.terms[2].text, "~ip4:192.0.2.0/25");
	assert_int_equal(record.terms[2].prefix4, 25);
	assert_memory_equal(record.terms[2].ip + 10, "\xff\xff\xc0\x00\x02\x00", 6);
	assert_int_equal(record.terms[3].prefix6, 32);
	assert_memory_equal(record.terms[3].ip, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\0", 16);
}

static void
prefix_lengths_have_their_defaults(void **state)
{
	struct spf_record record = read_good(*state, "v=spf1 a//0 mx/0 ip4:192.0.2.1 ip6:::1 "
	    "a:b.example/8");

	assert_int_equal(record.terms[0].prefix4, 32);
	assert_int_equal(record.terms[0].prefix6, 0);
	assert_int_equal(record.terms[1].prefix4, 0);
	assert_int_equal(record.terms[1].prefix6, 128);
	assert_int_equal(record.terms[2].prefix4, 32);
	assert_int_equal(record.terms[3].prefix6, 128);
	assert_text(record.terms[4].spec, "b.example");
	assert_int_equal(record.terms[4].prefix4, 8);
}

static void
a_slash_may_be_part_of_a_domain(void **state)
{
	struct spf_record record = read_good(*state, "v=spf1 a:a:b/c.example a:b/24.example/24");

	assert_text(record.terms[0].spec, "a:b/c.example");
	assert_text(record.terms[1].spec, "b/24.example");
	assert_int_equal(record.terms[1].prefix4, 24);
}

static void
modifiers_are_read(void **state)
{
	struct spf_record record = read_good(*state,
	    "v=spf1 EXP=e.example redirect=%{d2}.example x-y_z.1=%{l}:/= ra= unknown=%%%_%-");

	assert_int_equal(record.count, 0);
	assert_text(record.redirect, "%{d2}.example");
	assert_text(record.explanation, "e.example");
	record = read_good(*state, "v=spf1");
	assert_null(record.redirect.data);
	assert_null(record.explanation.data);
}

static void
assert_bad(struct arena *arena, const char *term, const char *expected)
{
	char *text = arena_printf(arena, "v=spf1 mx %s -all", term);
	struct spf_record record;
	struct spf_mistake mistake;

	if (parse(arena, text, &record, &mistake))
		fail_msg("%s was taken", text);
	assert_string_equal(mistake.what, expected);
	assert_text(mistake.where, term);
}

static void
syntax_errors_are_told(void **state)
{
	static const char *const domain = "expected a domain";
	static const char *const unknown = "unknown mechanism";
	static const char *const address = "expected an IPv4 address";
	static const char *const range = "prefix length out of range";
	static const char *const missing = "expected \":\" and an argument";
	static const struct { const char *term, *what; } bad[] = {
		{ "moo", unknown }, { "all.", unknown }, { "=all", unknown }, { "1up=x", unknown },
		{ "redirect:b.example", unknown }, { "+redirect=b.example", unknown },
		{ "+", unknown },
		{ "++all", unknown }, { "moo/far=x", unknown }, { "a..example", unknown },
		{ "all:b.example", "unexpected argument" }, { "all/8", "unexpected argument" },
		{ "a/24/64", range }, { "a/", "unexpected argument" },
		{ "a/100", "unexpected argument" }, { "ptr/0", "unexpected argument" },
		{ "a/33", range }, { "mx//129", range }, { "ip4:192.0.2.1/33", range },
		{ "ip6:::/129", range }, { "a:b.example/33", range },
		{ "include", missing }, { "exists", missing }, { "ip4", missing },
		{ "ip4/8", missing },
		{ "include:", domain }, { "a:", domain }, { "a:museum", domain },
		{ "a:b.123", domain },
		{ "a:example", domain }, { "a:b.-c", domain }, { "a:b.c-", domain },
		{ "a:b.example..", domain }, { "a:b.c_d", domain }, { "a:b.example:80", domain },
		{ "include:b.example/24", domain }, { "a:b.example/024", domain },
		{ "a:%(d).example", domain }, { "a:%{d.example", domain }, { "a:%{x}", domain },
		{ "a:%{d}x", domain }, { "a:%{r}", domain }, { "a:%{t}", domain },
		{ "a:%{c}", domain }, { "a:%{d0}", domain }, { "a:%{dr2}", domain },
		{ "a:%", domain },
		{ "exp=", domain }, { "redirect=-all", domain }, { "exp=%{r}.example", domain },
		{ "x=%", "bad macro" }, { "x=%{y}", "bad macro" },
		{ "ip4:192.0.2", address }, { "ip4:192.0.2.1:25", address },
		{ "ip4:192.0.2.01", address }, { "ip4:192.0.2.1//32", address },
		{ "ip4:192.0.2.1/032", address }, { "ip4:192.0.2.256", address },
		{ "ip4:", address },
		{ "ip6::CAFE::BABE", "expected an IPv6 address" },
		{ "ip6:::1//64", "expected an IPv6 address" },
		{ "ip4:1111111111111111111111111111111111111111111111111111111111111111",
		    "expected an address" },
		{ "a:\x80.example", "character that is not allowed" },
		{ "a\tmx", "character that is not allowed" },
		{ "\x7f", "character that is not allowed" }
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_bad(*state, bad[i].term, bad[i].what);
}

static void
a_nul_is_a_syntax_error(void **state)
{
	static const char text[] = "v=spf1 a:foo.example\0";
	const struct spf_memory memory = { take, *state };
	struct spf_record record;
	struct spf_mistake mistake;

	assert_false(spf_record_parse((struct spf_text){ text, sizeof(text) - 1 }, &memory, &record,
	    &mistake));
	assert_string_equal(mistake.what, "character that is not allowed");
}

static void
modifiers_are_given_once(void **state)
{
	struct spf_record record;
	struct spf_mistake mistake;

	assert_false(parse(*state, "v=spf1 exp=a.example exp=a.example", &record, &mistake));
	assert_string_equal(mistake.what, "modifier given twice");
	assert_false(parse(*state, "v=spf1 redirect=a.example all Redirect=b.example", &record,
	    &mistake));
	assert_text(mistake.where, "Redirect=b.example");
	read_good(*state, "v=spf1 x=1 x=2");
}

static void
records_have_limits(void **state)
{
	size_t size = 7 + 4 * (SPF_TERMS_MAXIMUM + 1) + 1, i;
	char *text = arena_alloc(*state, size), *spec;
	struct spf_record record;
	struct spf_mistake mistake;

	strcpy(text, "v=spf1 ");
	for (i = 0; i < SPF_TERMS_MAXIMUM; i++)
		strcat(text, "?mx ");
	assert_int_equal(read_good(*state, text).count, SPF_TERMS_MAXIMUM);
	strcat(text, "?mx ");
	assert_false(parse(*state, text, &record, &mistake));
	assert_string_equal(mistake.what, "too many terms");

	spec = arena_alloc(*state, SPF_SPEC_MAXIMUM + 20);
	memset(spec, 'a', SPF_SPEC_MAXIMUM + 19);
	memcpy(spec, "v=spf1 a:", 9);
	strcpy(spec + SPF_SPEC_MAXIMUM + 1, ".example");
	read_good(*state, spec);
	strcat(spec, "s");
	assert_false(parse(*state, spec, &record, &mistake));
	assert_string_equal(mistake.what, "domain too long");
}

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_end_at_a_blank),
		EACH(mechanisms_are_read),
		EACH(prefix_lengths_have_their_defaults),
		EACH(a_slash_may_be_part_of_a_domain),
		EACH(modifiers_are_read),
		EACH(syntax_errors_are_told),
		EACH(a_nul_is_a_syntax_error),
		EACH(modifiers_are_given_once),
		EACH(records_have_limits)
	};

	return cmocka_run_group_tests_name("spf records", tests, NULL, NULL);
}

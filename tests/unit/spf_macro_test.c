/* SPDX-License-Identifier: BSD-2-Clause */
/* Macros of SPF: the examples of RFC 7208 section 7.4, and the edges of section 7.3. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plugins/spf/macro.h"

static struct spf_values values = {
	.sender = "strong-bad@email.example.com",
	.local = "strong-bad",
	.sender_domain = "email.example.com",
	.domain = "email.example.com",
	.validated = "mx.example.org",
	.helo = "h e.lo",
	.receiver = "mx.example.com",
	.now = 1700000000,
};

static int
setup(void **state)
{
	(void)state;
	values.domain = "email.example.com";
	values.local = "strong-bad";
	values.version = 4;
	memset(values.ip, 0, sizeof(values.ip));
	memcpy(values.ip + 10, "\xff\xff\xc0\x00\x02\x03", 6);
	return 0;
}

static void
use_ip6(void)
{
	values.version = 6;
	assert_int_equal(inet_pton(AF_INET6, "2001:db8::cb01", values.ip), 1);
}

static void
assert_name(const char *spec, const char *expected)
{
	char name[SPF_NAME_SIZE];

	spf_expand_name(spf_text_of(spec), &values, name);
	assert_string_equal(name, expected);
}

static void
assert_explanation(const char *text, const char *expected)
{
	char found[200];

	assert_true(spf_macros_valid(spf_text_of(text), SPF_EXPLAIN_STRING));
	spf_expand_explanation(spf_text_of(text), &values, found, sizeof(found));
	assert_string_equal(found, expected);
}

static void
examples_of_the_standard(void **state)
{
	(void)state;
	assert_name("%{s}", "strong-bad@email.example.com");
	assert_name("%{o}", "email.example.com");
	assert_name("%{d}", "email.example.com");
	assert_name("%{d4}", "email.example.com");
	assert_name("%{d3}", "email.example.com");
	assert_name("%{d2}", "example.com");
	assert_name("%{d1}", "com");
	assert_name("%{dr}", "com.example.email");
	assert_name("%{d2r}", "example.email");
	assert_name("%{l}", "strong-bad");
	assert_name("%{l-}", "strong.bad");
	assert_name("%{lr}", "strong-bad");
	assert_name("%{lr-}", "bad.strong");
	assert_name("%{l1r-}", "strong");
	assert_name("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com");
	assert_name("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com");
	assert_name("%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
	    "bad.strong.lp.3.2.0.192.in-addr._spf.example.com");
	assert_name("%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
	    "3.2.0.192.in-addr.strong.lp._spf.example.com");
	assert_name("%{d2}.trusted-domains.example.net",
	    "example.com.trusted-domains.example.net");
	use_ip6();
	assert_name("%{ir}.%{v}._spf.%{d2}", "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
	    "8.b.d.0.1.0.0.2.ip6._spf.example.com");
}

static void
the_other_letters(void **state)
{
	(void)state;
	assert_explanation("%{p} %{h} %{r} %{t} %{c} %{i}",
	    "mx.example.org h e.lo mx.example.com 1700000000 192.0.2.3 192.0.2.3");
	use_ip6();
	assert_explanation("%{c}", "2001:db8::cb01");
	assert_explanation("%{v}", "ip6");
	assert_explanation("100%% a%_b%-c", "100% a b%20c");
}

static void
upper_case_is_escaped(void **state)
{
	(void)state;
	values.local = "~jack&jill=up-a_b3.c\xc3\xa4";
	assert_explanation("%{L}", "~jack%26jill%3Dup-a_b3.c%C3%A4");
	assert_explanation("%{S}", "strong-bad%40email.example.com");
	assert_explanation("%{HR}", "lo.h%20e");
}

static void
parts_may_be_empty(void **state)
{
	(void)state;
	values.local = "-a--b-";
	assert_name("%{l-}", ".a..b");
	assert_name("%{lr-}.x", ".b..a..x");
	assert_name("%{l2-}.x", "b..x");
	assert_name("%{l1r-}.x", ".x");
	values.local = "";
	assert_name("%{l}%{l1}%{lr}%{l2r-}.x", ".x");
}

static void
several_delimiters(void **state)
{
	(void)state;
	values.local = "foo-bar+zip+quux";
	assert_name("%{l2r+-}.user", "bar.foo.user");
	assert_name("%{l2+-}.user", "zip.quux.user");
	values.local = "a.b,c/d_e=f";
	assert_name("%{l,/_=}", "a.b.c.d.e.f");
	assert_name("%{l127.}", "a.b,c/d_e=f");
	assert_name("%{l99999999999999999999}", "a.b,c/d_e=f");
}

static void
long_names_lose_labels_on_the_left(void **state)
{
	char domain[1200], spec[3000] = "";
	size_t i;

	(void)state;
	memset(domain, 'a', sizeof(domain));
	for (i = 9; i < sizeof(domain); i += 10)
		domain[i] = '.';
	domain[sizeof(domain) - 1] = '\0';
	values.domain = domain;
	assert_name("%{d}", domain + 950);
	for (i = 0; i < 500; i++)
		strcat(spec, "%{d}.");
	assert_name(spec, domain + 950);
	memset(domain, 'a', sizeof(domain) - 1);
	assert_name("%{d}", "");
	assert_name("%{d}.example.org.", "example.org");
	domain[253] = '\0';
	assert_name("%{d}", domain);
	domain[253] = 'a';
	domain[254] = '\0';
	assert_name("%{d}", "");
}

static void
explanations_are_cut(void **state)
{
	char text[8];

	(void)state;
	spf_expand_explanation(spf_text_of("see %{d} for more"), &values, text, sizeof(text));
	assert_string_equal(text, "see ema");
}

static void
syntax_depends_on_the_place(void **state)
{
	(void)state;
	assert_true(spf_macros_valid(spf_text_of("%{c}%{r}%{t} blank"), SPF_EXPLAIN_STRING));
	assert_true(spf_macros_valid(spf_text_of(""), SPF_EXPLAIN_STRING));
	assert_true(spf_macros_valid(spf_text_of(""), SPF_MACRO_STRING));
	assert_false(spf_macros_valid(spf_text_of(""), SPF_DOMAIN_SPEC));
	assert_false(spf_macros_valid(spf_text_of("a b"), SPF_MACRO_STRING));
	assert_false(spf_macros_valid(spf_text_of("\xc3\xa4"), SPF_EXPLAIN_STRING));
	assert_false(spf_macros_valid(spf_text_of("a\nb"), SPF_EXPLAIN_STRING));
	assert_true(spf_macros_valid(spf_text_of(".xn--zckzah."), SPF_DOMAIN_SPEC));
	assert_true(spf_macros_valid(spf_text_of("a.1-2"), SPF_DOMAIN_SPEC));
	assert_true(spf_macros_valid(spf_text_of("a%%"), SPF_DOMAIN_SPEC));
	assert_true(spf_macros_valid(spf_text_of("%{DR.-+,/_=}"), SPF_DOMAIN_SPEC));
	assert_false(spf_macros_valid(spf_text_of("%{D!}"), SPF_DOMAIN_SPEC));
}

static void
used_letters_are_found(void **state)
{
	(void)state;
	assert_true(spf_macros_use(spf_text_of("a%{d}.%{P2r}.example"), "p"));
	assert_true(spf_macros_use(spf_text_of("%{s}"), "sl"));
	assert_false(spf_macros_use(spf_text_of("sl%{d}.%%sl"), "sl"));
	assert_false(spf_macros_use(spf_text_of("%{x}%{s}"), "sl"));
}

#define EACH(test)	cmocka_unit_test_setup(test, setup)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		EACH(examples_of_the_standard),
		EACH(the_other_letters),
		EACH(upper_case_is_escaped),
		EACH(parts_may_be_empty),
		EACH(several_delimiters),
		EACH(long_names_lose_labels_on_the_left),
		EACH(explanations_are_cut),
		EACH(syntax_depends_on_the_place),
		EACH(used_letters_are_found)
	};

	return cmocka_run_group_tests_name("spf macros", tests, NULL, NULL);
}

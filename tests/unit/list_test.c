/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists: each kind of entry, what is refused, and look-ups in lists of the size that we promise. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/config/list.h"

#define NETWORKS	100000
#define NAMES		1000000

static struct mf_list *
make(const char *const *entries)
{
	struct mf_list *list = list_create("test");
	const char *error = NULL;

	for (; *entries; entries++)
		if (!list_add(list, str_of(*entries), &error))
			fail_msg("%s: %s", *entries, error);
	list_seal(list);
	return list;
}

static bool
has_ip(const struct mf_list *list, const char *address)
{
	uint8_t ip[16] = { [10] = 0xff, [11] = 0xff };

	if (inet_pton(AF_INET, address, ip + 12) != 1)
		assert_int_equal(inet_pton(AF_INET6, address, ip), 1);
	return list_has_ip(list, ip);
}

static void
assert_refused(const char *entry, const char *expected)
{
	struct mf_list *list = list_create("test");
	const char *error = NULL;

	assert_false(list_add(list, str_of(entry), &error));
	assert_string_equal(error, expected);
	assert_int_equal(list_count(list), 0);
	list_destroy(&list);
	assert_null(list);
}

static void
test_names(void **state)
{
	static const char *const entries[] = { "Example.ORG", "bob@example.com", " two words ",
		"example.org", "caf\xc3\xa9.fr", NULL };
	struct mf_list *list = make(entries);

	(void)state;
	assert_string_equal(list_name(list), "test");
	assert_int_equal(list_count(list), 5);
	assert_true(list_has(list, STR("example.org")));
	assert_true(list_has(list, STR("EXAMPLE.org")));
	assert_true(list_has(list, STR("bob@EXAMPLE.com")));
	assert_true(list_has(list, STR("two words")));
	assert_true(list_has(list, STR("caf\xc3\xa9.fr")));
	assert_true(list_has(list, STR("CAF\xc3\x89.fr")));
	assert_true(list_has(list, STR("xn--caf-dma.fr")));
	assert_false(list_has(list, STR("cafe.fr")));
	assert_false(list_has(list, STR("mail.example.org")));
	assert_false(list_has(list, STR("example.or")));
	assert_false(list_has(list, STR("example.org\0")));
	assert_false(list_has(list, STR("")));
	assert_false(list_has(list, (struct str){ NULL, 0 }));
	list_destroy(&list);
}

static void
test_international_domains(void **state)
{
	static const char *const entries[] = { "xn--bcher-kva.example", "i@b\xc3\xbc""cher.example",
		".\xd1\x80\xd1\x84", NULL };
	struct mf_list *list = make(entries);

	(void)state;
	assert_true(list_has(list, STR("b\xc3\xbc""cher.example")));
	assert_true(list_has(list, STR("B\xc3\x9c""CHER.example")));
	assert_true(list_has(list, STR("i@xn--bcher-kva.EXAMPLE")));
	assert_true(list_has(list, STR("\xd0\xb8.\xd1\x80\xd1\x84")));
	assert_true(list_has(list, STR("mail.xn--p1ai")));
	assert_false(list_has(list, STR("xn--p1ai")));
	assert_false(list_has(list, STR("\xc3\xa9@xn--bcher-kva.example")));
	list_destroy(&list);
}

static void
test_parents(void **state)
{
	static const char *const entries[] = { ".Example.org", ".uk", NULL };
	struct mf_list *list = make(entries);
	char name[300];

	(void)state;
	assert_true(list_has(list, STR("mail.example.org")));
	assert_true(list_has(list, STR("A.B.MAIL.EXAMPLE.ORG")));
	assert_true(list_has(list, STR("co.uk")));
	assert_false(list_has(list, STR("example.org")));
	assert_false(list_has(list, STR(".example.org")));
	assert_false(list_has(list, STR("notexample.org")));
	assert_false(list_has(list, STR("uk")));
	assert_false(list_has(list, STR("mail.example.org.")));
	assert_false(list_has(list, STR("user@mail.example.org")));
	/* A name has at most 255 bytes. */
	memset(name, 'a', sizeof(name));
	memcpy(name + 255 - 12, ".example.org", 12);
	assert_true(list_has(list, (struct str){ name, 255 }));
	memmove(name + 1, name, 255);
	assert_false(list_has(list, (struct str){ name, 256 }));
	list_destroy(&list);
}

static void
test_networks(void **state)
{
	static const char *const entries[] = { "192.0.2.0/24", "192.0.2.128/25", "10.0.0.0/8",
		"10.1.0.0/16", "198.51.100.7", "2001:db8::/32", "2001:db8:1::/48", "::1",
		"::ffff:203.0.113.0/120", NULL };
	struct mf_list *list = make(entries);

	(void)state;
	assert_true(has_ip(list, "192.0.2.0"));
	assert_true(has_ip(list, "192.0.2.255"));
	assert_false(has_ip(list, "192.0.3.0"));
	assert_false(has_ip(list, "192.0.1.255"));
	assert_true(has_ip(list, "10.255.255.255"));
	assert_true(has_ip(list, "10.1.2.3"));
	assert_false(has_ip(list, "11.0.0.0"));
	assert_true(has_ip(list, "198.51.100.7"));
	assert_false(has_ip(list, "198.51.100.8"));
	assert_true(has_ip(list, "203.0.113.9"));
	assert_true(has_ip(list, "2001:db8:ffff::1"));
	assert_false(has_ip(list, "2001:db9::"));
	assert_true(has_ip(list, "::1"));
	assert_false(has_ip(list, "::2"));
	assert_true(list_has(list, STR("192.0.2.9")));
	assert_true(list_has(list, STR("2001:DB8::9")));
	assert_true(list_has(list, STR("::ffff:192.0.2.9")));
	assert_false(list_has(list, STR("192.0.3.9")));
	assert_false(list_has(list, STR("192.0.2.0/25")));
	assert_false(list_has(list, STR("192.0.2.1/32")));
	assert_false(list_has(list, STR("192.0.2.9\0")));
	list_destroy(&list);
}

static void
test_families_stay_apart(void **state)
{
	static const char *const all6[] = { "::/0", NULL };
	static const char *const all4[] = { "0.0.0.0/0", NULL };
	struct mf_list *list = make(all6);

	(void)state;
	assert_true(has_ip(list, "::"));
	assert_true(has_ip(list, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
	assert_false(has_ip(list, "192.0.2.1"));
	list_destroy(&list);
	list = make(all4);
	assert_true(has_ip(list, "0.0.0.0"));
	assert_true(has_ip(list, "255.255.255.255"));
	assert_false(has_ip(list, "::1"));
	list_destroy(&list);
}

static void
test_an_empty_list_has_nothing(void **state)
{
	static const char *const none[] = { NULL };
	struct mf_list *list = make(none);

	(void)state;
	assert_false(list_has(list, STR("a")));
	assert_false(list_has(list, STR("192.0.2.1")));
	assert_false(has_ip(list, "192.0.2.1"));
	assert_int_equal(list_memory(list), 0);
	list_destroy(&list);
}

static void
test_bad_entries(void **state)
{
	char entry[LIST_ENTRY_MAXIMUM + 2];

	(void)state;
	assert_refused("", "the entry is empty");
	assert_refused(" \t", "the entry is empty");
	assert_refused(".", "a domain is missing behind the dot");
	assert_refused("a\x01", "the entry has a control character");
	assert_refused("192.0.2.1/24", "the network has bits set behind its prefix length");
	assert_refused("2001:db8::1/64", "the network has bits set behind its prefix length");
	assert_refused("192.0.2.0/33", "expected a prefix length from 0 to 32 behind the \"/\"");
	assert_refused("300.0.2.1", "expected four numbers from 0 to 255 in an IPv4 address");
	assert_refused("192.0.2", "expected four numbers from 0 to 255 in an IPv4 address");
	assert_refused("192.0.2.7.1", "expected four numbers from 0 to 255 in an IPv4 address");
	assert_refused("10.0/16", "expected four numbers from 0 to 255 in an IPv4 address");
	assert_refused("192.0.2.0/", "expected a prefix length from 0 to 32 behind the \"/\"");
	assert_refused("192.0.2.0/024", "expected a prefix length from 0 to 32 behind the \"/\"");
	assert_refused("192.0.2.0/2 4", "expected a prefix length from 0 to 32 behind the \"/\"");
	assert_refused("::/129", "expected a prefix length from 0 to 128 behind the \"/\"");
	memset(entry, 'x', sizeof(entry));
	entry[sizeof(entry) - 1] = '\0';
	assert_refused(entry, "the entry is too long");
}

static void
test_nul_in_an_entry(void **state)
{
	struct mf_list *list = list_create("test");
	const char *error = NULL;

	(void)state;
	assert_false(list_add(list, STR("a\0b"), &error));
	assert_string_equal(error, "the entry has a control character");
	list_destroy(&list);
}

/* The nth of the /22 blocks from 1.0.0.0 on, a /24 in it, and what follows. */
static const char *
ipv4_text(char text[64], unsigned n, unsigned third, const char *rest)
{
	snprintf(text, 64, "%u.%u.%u.%s", 1 + n / 16384, n / 64 % 256, n % 64 * 4 + third, rest);
	return text;
}

/* 100,000 networks of which none touches another: every second /22 of a large block and as many
 * IPv6 ones. */
static void
test_many_networks(void **state)
{
	struct mf_list *list = list_create("many");
	const char *error = NULL;
	char text[64];
	unsigned i;

	(void)state;
	for (i = 0; i < NETWORKS; i++) {
		/* In an order that is not that of the addresses. */
		unsigned n = (unsigned)(i * 7919ull % NETWORKS);

		if (n % 2 == 0)
			ipv4_text(text, n, 0, "0/23");
		else
			snprintf(text, sizeof(text), "2001:%x:%x::/48", n / 1000, n % 1000);
		assert_true(list_add(list, str_of(text), &error));
	}
	list_seal(list);
	assert_int_equal(list_count(list), NETWORKS);
	assert_true(list_memory(list) <= NETWORKS * 32);
	for (i = 0; i < NETWORKS; i += 2) {
		assert_true(has_ip(list, ipv4_text(text, i, 1, "77")));
		assert_false(has_ip(list, ipv4_text(text, i, 2, "0")));
	}
	for (i = 1; i < NETWORKS; i += 2) {
		snprintf(text, sizeof(text), "2001:%x:%x:ffff::1", i / 1000, i % 1000);
		assert_true(list_has(list, str_of(text)));
		snprintf(text, sizeof(text), "2001:%x:%x::1", i / 1000, i % 1000 - 1);
		assert_false(has_ip(list, text));
	}
	list_destroy(&list);
}

static void
test_many_names(void **state)
{
	struct mf_list *list = list_create("many");
	const char *error = NULL;
	size_t bytes = 0;
	char text[64];
	unsigned i;

	(void)state;
	for (i = 0; i < NAMES; i++) {
		int length = snprintf(text, sizeof(text), "%shost%u.example%u.org",
		    i % 2 ? "." : "", i, i % 1000);

		bytes += (size_t)length;
		assert_true(list_add(list, str_of(text), &error));
	}
	list_seal(list);
	assert_int_equal(list_count(list), NAMES);
	assert_true(list_memory(list) <= bytes + NAMES * 24);
	for (i = 0; i < NAMES; i++) {
		snprintf(text, sizeof(text), "HOST%u.example%u.org", i, i % 1000);
		assert_int_equal(list_has(list, str_of(text)), i % 2 == 0);
		snprintf(text, sizeof(text), "a.b.host%u.Example%u.org", i, i % 1000);
		assert_int_equal(list_has(list, str_of(text)), i % 2 == 1);
		snprintf(text, sizeof(text), "host%u.example%u.org", i, i % 1000 + 1);
		assert_false(list_has(list, str_of(text)));
	}
	list_destroy(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_international_domains),
		cmocka_unit_test(test_parents),
		cmocka_unit_test(test_networks),
		cmocka_unit_test(test_families_stay_apart),
		cmocka_unit_test(test_an_empty_list_has_nothing),
		cmocka_unit_test(test_bad_entries),
		cmocka_unit_test(test_nul_in_an_entry),
		cmocka_unit_test(test_many_networks),
		cmocka_unit_test(test_many_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

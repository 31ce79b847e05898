/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of the DNS in both forms, and answers from the data of records, hostile ones too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/service/dns.h"
#include "filterd/util/buffer.h"

/* ---- names ---- */

/* The name as it is printed again; "!" when it is none. */
static const char *
reprint(const char *text)
{
	static char printed[DNS_NAME_TEXT];
	struct dns_name name, again;
	size_t length;

	if (!dns_name_parse(str_of(text), &name))
		return "!";
	length = dns_name_print(&name, printed);
	assert_int_equal(length, strlen(printed));
	assert_int_equal(dns_name_read(name.bytes, name.size, &again), name.size);
	assert_true(dns_name_equal(&name, &again));
	return printed;
}

static void
test_names(void **state)
{
	static const char *const names[][2] = {
		{ "Example.ORG", "example.org" }, { "example.org.", "example.org" }, { ".", "" },
		{ "_dmarc.example", "_dmarc.example" }, { "a\\.b.c", "a\\.b.c" },
		{ "a\\046b.c", "a\\.b.c" }, { "a b", "a\\032b" }, { "a\\255", "a\\255" },
		{ "a@b", "a\\@b" }, { "a\\\\b", "a\\\\b" }, { "bücher.example",
		    "xn--bcher-kva.example" },
		{ "", "!" }, { "..", "!" }, { ".a", "!" }, { "a..b", "!" }, { "a\\", "!" },
		{ "a\\25", "!" }, { "a\\256", "!" }, { "a\\2x5", "!" }, { "\xff.example", "!" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_string_equal(reprint(names[i][0]), names[i][1]);
}

static void
test_name_lengths(void **state)
{
	char label[65], text[300];
	struct dns_name name, more;

	(void)state;
	memset(label, 'a', sizeof(label));
	label[63] = '\0';
	assert_string_equal(reprint(label), label);
	label[63] = 'a';
	label[64] = '\0';
	assert_string_equal(reprint(label), "!");
	/* 63 + 1 three times and 61: 253 characters, 255 bytes */
	snprintf(text, sizeof(text), "%.63s.%.63s.%.63s.%.61s", label, label, label, label);
	assert_string_equal(reprint(text), text);
	assert_true(dns_name_parse(str_of(text), &name));
	assert_int_equal(name.size, DNS_NAME_BYTES);
	assert_true(dns_name_parse(str_of("a"), &more));
	assert_false(dns_name_append(&more, &name));
	snprintf(text, sizeof(text), "%.63s.%.63s.%.63s.%.62s", label, label, label, label);
	assert_string_equal(reprint(text), "!");
}

static void
test_names_read(void **state)
{
	struct dns_name name;

	(void)state;
	assert_int_equal(dns_name_read((const uint8_t *)"\1A\0x", 4, &name), 3);
	assert_int_equal(name.bytes[1], 'a');
	assert_int_equal(dns_name_read((const uint8_t *)"\1a", 2, &name), 0);
	assert_int_equal(dns_name_read((const uint8_t *)"\2a\0", 3, &name), 0);
	assert_int_equal(dns_name_read((const uint8_t *)"\xc0\0", 3, &name), 0);
	assert_int_equal(dns_name_read((const uint8_t *)"", 0, &name), 0);
}

/* ---- answers ---- */

#define DATA(text) { (const uint8_t *)(text), sizeof(text) - 1 }

static struct mf_dns_answer *
make(enum mf_dns_type type, const struct dns_data *data, size_t count)
{
	struct dns_name name;

	assert_true(dns_name_parse(str_of("Example.org"), &name));
	return dns_answer_make(type, data, count, &name);
}

/* What one record of that data is: "PREFERENCE:SIZE:DATA", or the status. */
static const char *
one(enum mf_dns_type type, const char *bytes, size_t size)
{
	const struct dns_data data = { (const uint8_t *)bytes, size };
	struct mf_dns_answer *answer = make(type, &data, 1);
	static char text[2048];

	if (answer->status != MF_DNS_FOUND) {
		assert_int_equal(answer->count, 0);
		assert_null(answer->canonical);
		snprintf(text, sizeof(text), "%s", dns_status_name(answer->status));
	} else {
		assert_int_equal(answer->count, 1);
		assert_string_equal(answer->canonical, "example.org");
		assert_int_equal(
		    ((const char *)answer->records->data)[answer->records->size], '\0');
		snprintf(text, sizeof(text), "%u:%zu:%s", answer->records->preference,
		    answer->records->size, (const char *)answer->records->data);
	}
	free(answer);
	return text;
}

#define ONE(type, bytes) one(type, bytes, sizeof(bytes) - 1)

static void
test_records(void **state)
{
	(void)state;
	assert_string_equal(ONE(MF_DNS_A, "abcd"), "0:4:abcd");
	assert_string_equal(ONE(MF_DNS_AAAA, "0123456789abcdef"), "0:16:0123456789abcdef");
	assert_string_equal(ONE(MF_DNS_TXT, "\3one\0\4 two"), "0:7:one two");
	assert_string_equal(ONE(MF_DNS_TXT, "\3a\0b"), "0:3:a");
	assert_string_equal(ONE(MF_DNS_TXT, "\0"), "0:0:");
	assert_string_equal(ONE(MF_DNS_PTR, "\4MAIL\7example\0"), "0:12:mail.example");
	assert_string_equal(ONE(MF_DNS_MX, "\1\2\1a\0"), "258:1:a");
	assert_string_equal(ONE(MF_DNS_MX, "\0\0\0"), "0:0:");
}

static void
test_malformed_records(void **state)
{
	(void)state;
	assert_string_equal(ONE(MF_DNS_A, "abc"), "servfail");
	assert_string_equal(ONE(MF_DNS_A, "abcde"), "servfail");
	assert_string_equal(ONE(MF_DNS_A, ""), "servfail");
	assert_string_equal(ONE(MF_DNS_AAAA, "abcd"), "servfail");
	assert_string_equal(ONE(MF_DNS_TXT, ""), "servfail");
	assert_string_equal(ONE(MF_DNS_TXT, "\4abc"), "servfail");
	assert_string_equal(ONE(MF_DNS_PTR, ""), "servfail");
	assert_string_equal(ONE(MF_DNS_PTR, "\1a"), "servfail");
	assert_string_equal(ONE(MF_DNS_PTR, "\1a\0x"), "servfail");
	assert_string_equal(ONE(MF_DNS_PTR, "\xc0\x0c"), "servfail");
	assert_string_equal(ONE(MF_DNS_MX, "\0"), "servfail");
	assert_string_equal(ONE(MF_DNS_MX, "\0\1"), "servfail");
}

static void
test_many_records(void **state)
{
	struct dns_data data[DNS_RECORDS_MAXIMUM + 1];
	struct mf_dns_answer *answer;
	size_t i;

	(void)state;
	for (i = 0; i <= DNS_RECORDS_MAXIMUM; i++)
		data[i] = (struct dns_data)DATA("\1a\0");
	answer = make(MF_DNS_PTR, data, DNS_RECORDS_MAXIMUM);
	assert_int_equal(answer->status, MF_DNS_FOUND);
	assert_int_equal(answer->count, DNS_RECORDS_MAXIMUM);
	assert_string_equal(answer->records[DNS_RECORDS_MAXIMUM - 1].data, "a");
	free(answer);
	answer = make(MF_DNS_PTR, data, DNS_RECORDS_MAXIMUM + 1);
	assert_int_equal(answer->status, MF_DNS_SERVFAIL);
	free(answer);
	answer = make(MF_DNS_PTR, data, 0);
	assert_int_equal(answer->status, MF_DNS_NODATA);
	free(answer);
}

static void
test_servers(void **state)
{
	(void)state;
	assert_true(dns_server_valid("192.0.2.1"));
	assert_true(dns_server_valid("192.0.2.1@5353"));
	assert_true(dns_server_valid("2001:db8::1@53"));
	assert_false(dns_server_valid("192.0.2"));
	assert_false(dns_server_valid("192.0.2.1@"));
	assert_false(dns_server_valid("192.0.2.1@0"));
	assert_false(dns_server_valid("192.0.2.1@65536"));
	assert_false(dns_server_valid("192.0.2.1@53x"));
	assert_false(dns_server_valid("192.0.2.1:53"));
	assert_false(dns_server_valid("ns.example.org"));
	assert_false(dns_server_valid("@53"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_name_lengths),
		cmocka_unit_test(test_names_read),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_malformed_records),
		cmocka_unit_test(test_many_records),
		cmocka_unit_test(test_servers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

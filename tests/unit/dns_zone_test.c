/* SPDX-License-Identifier: BSD-2-Clause */
/* Zone files: what is read of them, what is wrong in them and where, and what they answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/service/dns_zone.h"
#include "filterd/util/buffer.h"

/* "LINE:COLUMN+LENGTH: what\n" for each mistake. */
static void
note(void *data, struct dns_zone_place at, const char *what)
{
	buffer_printf(data, "%u:%u+%zu: %s\n", at.line, at.column, at.length, what);
}

static void
assert_mistakes(const char *text, const char *expected)
{
	struct buffer said = { 0 };
	struct dns_zone *zone = dns_zone_parse(str_of(text), note, &said);

	assert_string_equal(buffer_text(&said), expected);
	dns_zone_destroy(&zone);
	buffer_free(&said);
}

static struct dns_zone *
parse(const char *text)
{
	struct buffer said = { 0 };
	struct dns_zone *zone = dns_zone_parse(str_of(text), note, &said);

	assert_string_equal(buffer_text(&said), "");
	buffer_free(&said);
	return zone;
}

/* "STATUS", of one that was found "TTL CANONICAL DATA…", addresses in hexadecimal. */
static const char *
ask(const struct dns_zone *zone, const char *text, enum mf_dns_type type)
{
	static struct buffer said;
	struct mf_dns_answer *answer;
	struct dns_name name;
	size_t i, at;

	said.length = 0;
	assert_true(dns_name_parse(str_of(text), &name));
	answer = dns_zone_answer(zone, &name, type);
	if (answer->status == MF_DNS_FOUND)
		buffer_printf(&said, "%u %s", answer->ttl, answer->canonical);
	else
		buffer_add_text(&said, dns_status_name(answer->status));
	for (i = 0; i < answer->count; i++) {
		const struct mf_dns_record *record = &answer->records[i];
		const uint8_t *bytes = record->data;

		buffer_add_text(&said, " ");
		if (type == MF_DNS_MX)
			buffer_printf(&said, "%u:", record->preference);
		if (type != MF_DNS_A && type != MF_DNS_AAAA)
			buffer_add(&said, bytes, record->size);
		for (at = 0; at < record->size && (type == MF_DNS_A || type == MF_DNS_AAAA); at++)
			buffer_printf(&said, "%02x", bytes[at]);
	}
	free(answer);
	return buffer_text(&said);
}

static void
test_zone(void **state)
{
	struct dns_zone *zone = parse(
	    "; a comment\n"
	    "$TTL 1d\n"
	    "$ORIGIN example.org.\n"
	    "@\tIN\tSOA\tns hostmaster ( 1 ; serial\n"
	    "\t\t2h 3 4 5 )\n"
	    "\tIN 600 MX 10 Mail\n"
	    "\t300 IN\tMX 20 mail.example.net.\r\n"
	    "\tTXT \"v=spf1 \" \"-\\097ll;\" x ; comment\n"
	    "\tSPF whatever stands (\n here )\n"
	    "mail A 192.0.2.1\n"
	    "\n"
	    "     AAAA 2001:db8::1\n"
	    "$ORIGIN in-addr.arpa.\n"
	    "1.2.0.192 PTR mail.example.org.\n"
	    "a.example.net. A 192.0.2.9\n"
	    "mx TXT a");

	(void)state;
	assert_string_equal(ask(zone, "EXAMPLE.org", MF_DNS_MX),
	    "300 example.org 10:mail.example.org 20:mail.example.net");
	assert_string_equal(
	    ask(zone, "example.org", MF_DNS_TXT), "86400 example.org v=spf1 -all;x");
	assert_string_equal(
	    ask(zone, "mail.example.org", MF_DNS_A), "86400 mail.example.org c0000201");
	assert_string_equal(ask(zone, "mail.example.org", MF_DNS_AAAA),
	    "86400 mail.example.org 20010db8000000000000000000000001");
	assert_string_equal(ask(zone, "1.2.0.192.in-addr.arpa", MF_DNS_PTR),
	    "86400 1.2.0.192.in-addr.arpa mail.example.org");
	assert_string_equal(ask(zone, "mx.in-addr.arpa", MF_DNS_TXT), "86400 mx.in-addr.arpa a");
	assert_string_equal(ask(zone, "example.org", MF_DNS_A), "nodata");
	dns_zone_destroy(&zone);
	assert_null(zone);
}

/* RFC 8020: a name exists when one below it does. */
static void
test_existence(void **state)
{
	struct dns_zone *zone = parse("a.b.example A 192.0.2.1\nc.example NS ns.example.\n"
				      "ab.example A 192.0.2.1\n!TIMEOUT t.example\n");

	(void)state;
	assert_string_equal(ask(zone, "b.example", MF_DNS_A), "nodata");
	assert_string_equal(ask(zone, "example", MF_DNS_A), "nodata");
	assert_string_equal(ask(zone, ".", MF_DNS_A), "nodata");
	assert_string_equal(ask(zone, "c.example", MF_DNS_TXT), "nodata");
	assert_string_equal(ask(zone, "x.b.example", MF_DNS_A), "nxdomain");
	assert_string_equal(ask(zone, "a.a.b.example", MF_DNS_A), "nxdomain");
	assert_string_equal(ask(zone, "a.example", MF_DNS_A), "nxdomain");
	assert_string_equal(ask(zone, "org", MF_DNS_A), "nxdomain");
	dns_zone_destroy(&zone);
	zone = parse("");
	assert_string_equal(ask(zone, "example", MF_DNS_A), "nxdomain");
	dns_zone_destroy(&zone);
}

static void
test_aliases(void **state)
{
	struct buffer text = { 0 };
	struct dns_zone *zone;
	int i;

	(void)state;
	for (i = 0; i < 20; i++)
		buffer_printf(&text, "c%d CNAME c%d\n", i, i + 1);
	buffer_add_text(&text, "c20 A 192.0.2.1\nloop CNAME loop\nout CNAME none.example\n"
			       "fails CNAME failing\n!SERVFAIL failing A\n");
	zone = parse(buffer_text(&text));
	assert_string_equal(ask(zone, "c19", MF_DNS_A), "3600 c20 c0000201");
	assert_string_equal(ask(zone, "c9", MF_DNS_A), "3600 c20 c0000201");
	assert_string_equal(ask(zone, "c8", MF_DNS_A), "servfail");
	assert_string_equal(ask(zone, "c19", MF_DNS_TXT), "nodata");
	assert_string_equal(ask(zone, "loop", MF_DNS_A), "servfail");
	assert_string_equal(ask(zone, "out", MF_DNS_A), "nxdomain");
	assert_string_equal(ask(zone, "fails", MF_DNS_A), "servfail");
	assert_string_equal(ask(zone, "fails", MF_DNS_MX), "nodata");
	dns_zone_destroy(&zone);
	buffer_free(&text);
}

static void
test_failures(void **state)
{
	struct dns_zone *zone = parse("$ORIGIN example.\nslow TXT x\n!TIMEOUT slow A\n"
				      "!servfail bad\nbad TXT x\nx!y TXT z\n");

	(void)state;
	assert_string_equal(ask(zone, "slow.example", MF_DNS_A), "timeout");
	assert_string_equal(ask(zone, "slow.example", MF_DNS_TXT), "3600 slow.example x");
	assert_string_equal(ask(zone, "slow.example", MF_DNS_MX), "nodata");
	assert_string_equal(ask(zone, "bad.example", MF_DNS_TXT), "servfail");
	assert_string_equal(ask(zone, "bad.example", MF_DNS_MX), "servfail");
	assert_string_equal(ask(zone, "x!y.example", MF_DNS_TXT), "3600 x!y.example z");
	dns_zone_destroy(&zone);
}

/* RFC 4592 section 2.2.1 */
static void
test_wildcards(void **state)
{
	struct dns_zone *zone = parse("$ORIGIN example.\n* 3600 TXT \"this is a wildcard\"\n"
				      "* 3600 MX 10 host1\nsub.* TXT \"not one\"\n"
				      "host1 A 192.0.2.1\n_ssh._tcp.host1 SRV x\n");

	(void)state;
	assert_string_equal(ask(zone, "host3.example", MF_DNS_MX),
	    "3600 host3.example 10:host1.example");
	assert_string_equal(ask(zone, "foo.bar.example", MF_DNS_TXT),
	    "3600 foo.bar.example this is a wildcard");
	assert_string_equal(ask(zone, "host3.example", MF_DNS_A), "nodata");
	assert_string_equal(ask(zone, "host1.example", MF_DNS_MX), "nodata");
	assert_string_equal(ask(zone, "sub.*.example", MF_DNS_MX), "nodata");
	assert_string_equal(ask(zone, "_telnet._tcp.host1.example", MF_DNS_TXT), "nxdomain");
	assert_string_equal(ask(zone, "ghost.*.example", MF_DNS_MX), "nxdomain");
	dns_zone_destroy(&zone);
}

static void
test_mistakes(void **state)
{
	char long_string[300];

	(void)state;
	assert_mistakes("$ORIGIN\n", "1:8+0: expected a value\n");
	assert_mistakes("$ORIGIN a b\n", "1:11+1: expected the end of the line\n");
	assert_mistakes("$INCLUDE x\n", "1:1+8: expected $ORIGIN or $TTL\n");
	assert_mistakes("$TTL 1y\n", "1:6+2: expected seconds, or 1h and such\n");
	assert_mistakes("$TTL 2147483648\n", "1:6+10: expected seconds, or 1h and such\n");
	assert_mistakes("$TTL 99999w\n", "1:6+6: expected seconds, or 1h and such\n");
	assert_mistakes(" A 192.0.2.1\n",
	    "1:2+1: there is no name before it that this record could belong to\n");
	assert_mistakes("a..b A 192.0.2.1\n", "1:1+4: expected a domain name\n");
	assert_mistakes("a CH A 192.0.2.1\n", "1:3+2: expected a type, A or TXT and such\n");
	assert_mistakes("a IN\n", "1:5+0: expected a type, A or TXT and such\n");
	assert_mistakes("a A\n", "1:4+0: the record ends too early\n");
	assert_mistakes("a A 192.0.2.1 x\n", "1:15+1: expected the end of the record\n");
	assert_mistakes("a A 192.0.2\nb AAAA 1:2\n",
	    "1:5+7: expected an IPv4 address\n2:8+3: expected an IPv6 address\n");
	assert_mistakes("a MX x y\na MX 65536 y\na MX 1\n",
	    "1:6+1: expected a preference, a number up to 65535\n"
	    "2:6+5: expected a preference, a number up to 65535\n"
	    "3:7+0: the record ends too early\n");
	assert_mistakes("a TXT \"x\n", "1:7+2: the quote is not closed on its line\n");
	assert_mistakes("a TXT (x\n y\n", "1:7+1: the parenthesis is not closed\n");
	assert_mistakes("a TXT ((x))\n", "1:8+1: parentheses do not stand in each other\n");
	assert_mistakes("a TXT x)\n", "1:8+1: no parenthesis is open\n");
	assert_mistakes("a TXT \\999\n",
	    "1:7+4: expected \\DDD, a number up to 255, or \\ and a character\n");
	assert_mistakes("!FAIL a\n", "1:1+5: expected !SERVFAIL or !TIMEOUT\n");
	assert_mistakes("!TIMEOUT\n", "1:9+0: expected a domain name\n");
	assert_mistakes("!TIMEOUT a b\n", "1:12+1: expected a type, A or TXT and such\n");
	assert_mistakes("!TIMEOUT a A A\n", "1:14+1: expected the end of the line\n");
	memset(long_string, 'x', sizeof(long_string));
	memcpy(long_string, "a TXT ", 6);
	long_string[6 + 255] = '\0';
	assert_mistakes(long_string, "");
	long_string[6 + 255] = 'x';
	long_string[6 + 256] = '\0';
	assert_mistakes(long_string,
	    "1:7+256: a string has at most 255 bytes: divide it into several\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zone),
		cmocka_unit_test(test_existence),
		cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_wildcards),
		cmocka_unit_test(test_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

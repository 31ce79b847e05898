/* SPDX-License-Identifier: BSD-2-Clause */
/* What DKIM's parsers take and refuse: lists of tags, signatures, key records, base64, domains. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "plugins/dkim/base64.h"
#include "plugins/dkim/key.h"
#include "plugins/dkim/rsa.h"

#define ZEROES "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="	/* 32 of them */
#define GOOD "v=1; a=rsa-sha256; d=example.org; s=one; h=from:to; bh=" ZEROES "; b=AAAA"

static const char *
tags_error(const char *text)
{
	struct dkim_tags tags;

	return dkim_tags_parse(dkim_text_of(text), &tags);
}

static void
assert_text(struct dkim_text text, const char *expected)
{
	assert_int_equal(text.length, strlen(expected));
	assert_memory_equal(text.data, expected, text.length);
}

static void
tags_are_read(void **state)
{
	struct dkim_tags tags;

	(void)state;
	assert_null(dkim_tags_parse(dkim_text_of(" v = 1 ;\n\tlong_name9=a\n b = c;e=;\n"), &tags));
	assert_int_equal(tags.count, 3);
	assert_text(dkim_tags_find(&tags, "v")->value, "1");
	assert_text(dkim_tags_find(&tags, "v")->raw, " 1 ");
	assert_text(dkim_tags_find(&tags, "long_name9")->value, "a\n b = c");
	assert_text(dkim_tags_find(&tags, "e")->value, "");
	assert_null(dkim_tags_find(&tags, "V"));
	assert_null(tags_error("a=1; A=2"));
	assert_null(tags_error("d=b\xc3\xbc" "cher.example"));
}

static void
what_is_no_list_of_tags_is_refused(void **state)
{
	static const char *const wrong[] = {
		"", " ", ";", "a=1;;b=2", "a=1; ;b=2", "a=1; ; ", "a", "a=1; b", "=1", "1=1",
		"_a=1",
		"a b=1", "a=1; a=1", "a=\x01", "a=\x7f", "\xc3\xbc=1", "a-b=1"
	};
	char many[48 * 8 + 16] = "";
	size_t i, length = 0;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (!tags_error(wrong[i]))
			fail_msg("\"%s\" is taken", wrong[i]);
	}
	for (i = 0; i < DKIM_TAGS_MAX; i++)
		length += (size_t)sprintf(many + length, "t%zu=1;", i);
	assert_null(tags_error(many));
	strcpy(many + length, "one=2");
	assert_string_equal(tags_error(many), "too many tags");
}

static void
lists_have_a_largest_size(void **state)
{
	char *text = malloc(DKIM_TAG_LIST_MAX + 2);
	struct dkim_tags tags;

	(void)state;
	memset(text, 'a', DKIM_TAG_LIST_MAX + 1);
	text[1] = '=';
	text[DKIM_TAG_LIST_MAX + 1] = '\0';
	assert_non_null(tags_error(text));
	assert_null(dkim_tags_parse((struct dkim_text){ text, DKIM_TAG_LIST_MAX }, &tags));
	free(text);
}

static void
assert_fault(const char *text, enum dkim_fault expected)
{
	struct dkim_signature s;
	const char *error = NULL;
	enum dkim_fault fault;

	fault = dkim_signature_parse(DKIM_KIND_SIGNATURE, dkim_text_of(text), &s, &error);
	if (fault != expected)
		fail_msg("%s: %s", text, error ? error : "it is taken");
	if (fault)
		assert_non_null(error);
}

static void
a_signature_is_read(void **state)
{
	struct dkim_signature s;
	const char *error;

	(void)state;
	assert_int_equal(dkim_signature_parse(DKIM_KIND_SIGNATURE,
	    dkim_text_of(" v=1; a=RSA-sha256; c=relaxed/simple; d=Example.ORG; s=a.b;\n\t"
	    "i=jo=20e@sub.example.org; h=From : to\n :DATE; bh=" ZEROES "; l=12; t=5; x=6;\n"
	    " q=other:dns/txt; z=From:x|y; b= AAAA\n\tBBBB ;unknown=yes"), &s, &error),
	    DKIM_FAULT_NONE);
	assert_int_equal(s.algorithm, DKIM_RSA_SHA256);
	assert_int_equal(s.header_canon, DKIM_RELAXED);
	assert_int_equal(s.body_canon, DKIM_SIMPLE);
	assert_string_equal(s.domain, "example.org");
	assert_string_equal(s.selector, "a.b");
	assert_text(s.identity, "jo=20e@sub.example.org");
	assert_string_equal(s.identity_domain, "sub.example.org");
	assert_int_equal(s.name_count, 3);
	assert_text(s.names, "From : to\n :DATE");
	assert_true(s.has_length && s.has_time && s.has_expiry);
	assert_int_equal(s.length + s.time + s.expiry, 12 + 5 + 6);
	assert_text(s.signature, "AAAA\n\tBBBB");
	assert_text(s.raw_signature, " AAAA\n\tBBBB ");
	assert_int_equal(s.body_hash_size, 32);
}

static void
faults_of_signatures_are_told_apart(void **state)
{
	(void)state;
	assert_fault(GOOD, DKIM_FAULT_NONE);
	assert_fault(GOOD "; c=relaxed", DKIM_FAULT_NONE);
	assert_fault(GOOD "; l=00012", DKIM_FAULT_NONE);
	assert_fault(GOOD "; l=99999999999999999999999999999999", DKIM_FAULT_NONE);
	assert_fault(GOOD "; i=@a.b.example.org", DKIM_FAULT_NONE);
	assert_fault(GOOD "; i=x@EXAMPLE.org", DKIM_FAULT_NONE);
	assert_fault(GOOD "; i=x=40example=2Eorg", DKIM_FAULT_NONE);
	assert_fault("nonsense", DKIM_FAULT_SYNTAX);
	assert_fault(GOOD "; i=x", DKIM_FAULT_SYNTAX);
	assert_fault(GOOD "; i=x@", DKIM_FAULT_SYNTAX);
	assert_fault(GOOD "; i=x@xample.org", DKIM_FAULT_DOMAIN);
	assert_fault(GOOD "; i=x@org", DKIM_FAULT_DOMAIN);
	assert_fault(GOOD "; i=x@badexample.org", DKIM_FAULT_DOMAIN);
	assert_fault(GOOD "; c=relaxed/", DKIM_FAULT_UNKNOWN);
	assert_fault(GOOD "; c=nowsp", DKIM_FAULT_UNKNOWN);
	assert_fault(GOOD "; q=dns", DKIM_FAULT_UNKNOWN);
	assert_fault(GOOD "; l=-1", DKIM_FAULT_SYNTAX);
	assert_fault(GOOD "; l=", DKIM_FAULT_SYNTAX);
	assert_fault(GOOD "; t=now", DKIM_FAULT_SYNTAX);
	assert_fault(GOOD "; t=7; x=7", DKIM_FAULT_SYNTAX);
	assert_fault(GOOD "; x=12345678901234", DKIM_FAULT_SYNTAX);
	assert_fault("v=2; a=rsa-sha256; d=a.b; s=c; h=from; bh=" ZEROES "; b=A",
	    DKIM_FAULT_VERSION);
	assert_fault("v=1; a=rsa-md5; d=a.b; s=c; h=from; bh=" ZEROES "; b=A", DKIM_FAULT_UNKNOWN);
	assert_fault("v=1; a=rsa-sha1; d=a.b; s=c; h=from; bh=" ZEROES "; b=A", DKIM_FAULT_SYNTAX);
	assert_fault("v=1; a=rsa-sha256; d=a.b; s=c; h=from; bh=" ZEROES "; b=", DKIM_FAULT_SYNTAX);
	assert_fault("v=1; a=rsa-sha256; d=a.b; s=c; h=from:; bh=" ZEROES "; b=A",
	    DKIM_FAULT_SYNTAX);
	assert_fault("v=1; a=rsa-sha256; d=a.b; s=c; h=; bh=" ZEROES "; b=A", DKIM_FAULT_SYNTAX);
	assert_fault("v=1; a=rsa-sha256; d=a b; s=c; h=from; bh=" ZEROES "; b=A",
	    DKIM_FAULT_SYNTAX);
	assert_fault("v=1; a=rsa-sha256; d=a.b; s=; h=from; bh=" ZEROES "; b=A", DKIM_FAULT_SYNTAX);
	assert_fault("v=1; a=rsa-sha256; d=a.b; s=c; h=from; bh=AAAA; b=A", DKIM_FAULT_SYNTAX);
	assert_fault("v=1; a=rsa-sha256; d=a.b; s=c; h=from; bh=" ZEROES, DKIM_FAULT_MISSING);
	assert_fault("a=rsa-sha256; d=a.b; s=c; h=from; bh=" ZEROES "; b=A", DKIM_FAULT_MISSING);
}

static void
names_have_a_largest_number(void **state)
{
	char text[4096] = GOOD;
	struct dkim_signature s;
	const char *error;
	size_t i, length;

	(void)state;
	length = (size_t)sprintf(text,
	    "v=1; a=rsa-sha256; d=a.b; s=c; bh=" ZEROES "; b=A; h=from");
	for (i = 1; i < DKIM_NAMES_MAX; i++)
		length += (size_t)sprintf(text + length, ":x%zu", i);
	assert_fault(text, DKIM_FAULT_NONE);
	strcpy(text + length, ":more");
	assert_int_equal(dkim_signature_parse(DKIM_KIND_SIGNATURE, dkim_text_of(text), &s, &error),
	    DKIM_FAULT_SYNTAX);
	assert_string_equal(error, "h= is no list of up to 256 field names");
}

static void
fields_of_arc_are_read(void **state)
{
	struct dkim_signature s;
	const char *error;

	(void)state;
	assert_int_equal(dkim_signature_parse(DKIM_KIND_ARC_MESSAGE, dkim_text_of(
	    "i=50; a=rsa-sha256; d=example.org; s=one; h=from; bh=" ZEROES "; b=AAAA"), &s, &error),
	    DKIM_FAULT_NONE);
	assert_int_equal(s.instance, 50);
	assert_int_equal(dkim_signature_parse(DKIM_KIND_ARC_SEAL, dkim_text_of(
	    "i=1; a=rsa-sha256; d=example.org; s=one; cv=none; b=AAAA"), &s, &error),
	    DKIM_FAULT_NONE);
	assert_int_equal(s.header_canon, DKIM_RELAXED);
	assert_int_equal(dkim_signature_parse(DKIM_KIND_ARC_SEAL, dkim_text_of(
	    "i=51; a=rsa-sha256; d=example.org; s=one; cv=none; b=AAAA"), &s, &error),
	    DKIM_FAULT_SYNTAX);
	assert_int_equal(dkim_signature_parse(DKIM_KIND_ARC_SEAL, dkim_text_of(
	    "i=1; a=rsa-sha256; d=example.org; s=one; b=AAAA"), &s, &error),
	    DKIM_FAULT_MISSING);
}

static const char *
key_error(const char *record)
{
	struct dkim_key key;

	return dkim_key_parse(dkim_text_of(record), &key);
}

static void
key_records_are_read(void **state)
{
	struct dkim_key key;

	(void)state;
	assert_null(dkim_key_parse(dkim_text_of("p=AAAA"), &key));
	assert_true(key.type == DKIM_KEY_RSA && key.sha1 && key.sha256 && key.for_email);
	assert_true(!key.testing && !key.strict && !key.revoked);
	assert_null(dkim_key_parse(dkim_text_of("v=DKIM1; k=ed25519; h=sha256 : x; s=email:web; "
	    "t = y : s; n=some words; g=nobody; p="), &key));
	assert_true(key.type == DKIM_KEY_ED25519 && !key.sha1 && key.sha256 && key.for_email);
	assert_true(key.testing && key.strict && key.revoked);
	assert_text(key.notes, "some words");
	assert_null(dkim_key_parse(dkim_text_of("s=web; p=A"), &key));
	assert_false(key.for_email);
}

static void
wrong_key_records_are_refused(void **state)
{
	(void)state;
	assert_non_null(key_error(""));
	assert_non_null(key_error("v=DKIM1"));
	assert_non_null(key_error("v=DKIM1.0; p=A"));
	assert_non_null(key_error("v=dkim1; p=A"));
	assert_non_null(key_error("p=A; v=DKIM1"));
	assert_non_null(key_error("k=dsa; p=A"));
	assert_non_null(key_error("v=spf1 -all"));
	assert_non_null(key_error("t; p=A"));
}

static const char *
refusal(const char *record, const char *more)
{
	static char text[1000];
	struct dkim_signature s;
	struct dkim_key key;
	const char *error;

	snprintf(text, sizeof(text), "%s%s", GOOD, more);
	assert_int_equal(dkim_signature_parse(DKIM_KIND_SIGNATURE, dkim_text_of(text), &s, &error),
	    DKIM_FAULT_NONE);
	assert_null(dkim_key_parse(dkim_text_of(record), &key));
	return dkim_key_refusal(&key, &s);
}

static void
keys_are_for_some_signatures(void **state)
{
	(void)state;
	assert_null(refusal("p=A", ""));
	assert_null(refusal("p=A; t=s", "; i=joe@example.org"));
	assert_null(refusal("p=A; h=sha256", ""));
	assert_non_null(refusal("p=", ""));
	assert_non_null(refusal("p=A; h=sha1", ""));
	assert_non_null(refusal("p=A; k=ed25519", ""));
	assert_non_null(refusal("p=A; s=tlsrpt", ""));
	assert_non_null(refusal("p=A; t=s", "; i=@sub.example.org"));
}

static void
base64_is_strict(void **state)
{
	static const char *const wrong[] = {
		"A", "AA", "AAA", "AAAAA", "AA=", "A===", "AAA==", "AAAA=", "AB==", "AAB=", "A-AA",
		"A=AA", "AA=A", "====", "AAAA====", "AA==AA=="
	};
	uint8_t bytes[8];
	char text[DKIM_BASE64_ROOM(5)];
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (dkim_base64_decode(dkim_text_of(wrong[i]), bytes, sizeof(bytes), &size))
			fail_msg("%s is taken", wrong[i]);
	}
	assert_true(dkim_base64_decode(dkim_text_of(" T\n WFu \r\n\tTQ = = "), bytes, 4, &size));
	assert_int_equal(size, 4);
	assert_memory_equal(bytes, "ManM", 4);
	assert_false(dkim_base64_decode(dkim_text_of("TWFuTQ=="), bytes, 3, &size));
	assert_true(dkim_base64_decode(dkim_text_of(""), bytes, 0, &size));
	assert_int_equal(size, 0);
	for (i = 0; i <= 5; i++) {
		dkim_base64_encode((const uint8_t *)"\xff\x00\x80yz", i, text);
		assert_true(dkim_base64_decode(dkim_text_of(text), bytes, sizeof(bytes), &size));
		assert_int_equal(size, i);
		assert_memory_equal(bytes, "\xff\x00\x80yz", i);
	}
}

static void
domains_become_names(void **state)
{
	char name[DKIM_DOMAIN], label[80];

	(void)state;
	assert_true(dkim_domain(dkim_text_of("A_b.Example.ORG."), name));
	assert_string_equal(name, "a_b.example.org");
	assert_true(dkim_domain(dkim_text_of("b\xc3\xbc" "cher.example"), name));
	assert_string_equal(name, "xn--bcher-kva.example");
	assert_false(dkim_domain(dkim_text_of(""), name));
	assert_false(dkim_domain(dkim_text_of("."), name));
	assert_false(dkim_domain(dkim_text_of("a..b"), name));
	assert_false(dkim_domain(dkim_text_of(".a"), name));
	assert_false(dkim_domain(dkim_text_of("a b"), name));
	assert_false(dkim_domain(dkim_text_of("a/b"), name));
	assert_false(dkim_domain(dkim_text_of("\xff.example"), name));
	memset(label, 'a', sizeof(label));
	label[64] = '\0';
	assert_false(dkim_domain(dkim_text_of(label), name));
	label[63] = '\0';
	assert_true(dkim_domain(dkim_text_of(label), name));
}

static void
other_keys_are_no_rsa_keys(void **state)
{
	/* SEQUENCE { INTEGER 0x00c1, INTEGER 3 } */
	static const uint8_t good[] = { 0x30, 7, 2, 2, 0, 0xc1, 2, 1, 3 };
	uint8_t wrong[sizeof(good)];
	struct dkim_rsa rsa;
	size_t i;

	(void)state;
	assert_true(dkim_rsa_parse(good, sizeof(good), &rsa));
	assert_int_equal(rsa.modulus_size, 1);
	assert_int_equal(rsa.modulus[0], 0xc1);
	assert_int_equal(rsa.exponent[0], 3);
	for (i = 0; i < sizeof(good); i++)
		assert_false(dkim_rsa_parse(good, i, &rsa));
	for (i = 0; i < 4; i++) {
		static const struct {
			size_t at;
			uint8_t byte;
		} changes[] = { { 8, 1 }, { 8, 2 }, { 8, 0x83 }, { 4, 0x80 } };

		memcpy(wrong, good, sizeof(good));
		wrong[changes[i].at] = changes[i].byte;
		assert_false(dkim_rsa_parse(wrong, sizeof(wrong), &rsa));
	}
}

static void
quoted_text_is_decoded(void **state)
{
	char bytes[32];

	(void)state;
	assert_int_equal(dkim_unquote(dkim_text_of("a=3Db =zz\n =4"), bytes), 8);
	assert_memory_equal(bytes, "a=b=zz=4", 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags_are_read),
		cmocka_unit_test(what_is_no_list_of_tags_is_refused),
		cmocka_unit_test(lists_have_a_largest_size),
		cmocka_unit_test(a_signature_is_read),
		cmocka_unit_test(faults_of_signatures_are_told_apart),
		cmocka_unit_test(names_have_a_largest_number),
		cmocka_unit_test(fields_of_arc_are_read),
		cmocka_unit_test(key_records_are_read),
		cmocka_unit_test(wrong_key_records_are_refused),
		cmocka_unit_test(keys_are_for_some_signatures),
		cmocka_unit_test(base64_is_strict),
		cmocka_unit_test(domains_become_names),
		cmocka_unit_test(other_keys_are_no_rsa_keys),
		cmocka_unit_test(quoted_text_is_decoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

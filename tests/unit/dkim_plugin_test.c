/* SPDX-License-Identifier: BSD-2-Clause */
/* The plugin dkim with a fake host and DNS: a result for each signature, and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <filterd/plugin_test.h>

#include "tests/unit/dkim_kit.h"

#define NAME "one._domainkey.example.org"
#define TAGS " v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; s=one; t=1699999999; "
#define NOW " v=1; a=rsa-sha256; d=example.org; s=one; "
#define ALL TAGS "h=from:subject:to; bh=; b="
#define MAIL "From: joe@example.org\nSubject: lunch\nTo: jane@example.com\n\nHi.\n\nJoe\n"

static struct mf_fake *f;

static int
set_up(void **state)
{
	(void)state;
	f = mf_fake_create(&filterd_plugin);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	mf_fake_destroy(&f);
	return 0;
}

/* The signature of a message: MAIL, as it was when it was signed. From malloc. */
static char *
signature(const char *tags)
{
	struct dkim_mail mail;
	char *value;

	dkim_mail_split(&mail, dkim_text_of(MAIL));
	value = dkim_mail_sign(&mail, tags);
	dkim_mail_free(&mail);
	return value;
}

/* Sends a message with these signatures; returns the last verdict. `values` ends with NULL. */
static enum mf_verdict
send_signed(const char *const *values, const char *text)
{
	struct dkim_mail mail;
	char *name, *value;
	size_t i;

	mf_fake_mail(f, "joe@example.org", NULL);
	for (; *values; values++)
		mf_fake_header(f, "DKIM-Signature", *values);
	dkim_mail_split(&mail, dkim_text_of(text));
	for (i = 0; i < mail.count; i++) {
		name = strndup(mail.fields[i].name.data, mail.fields[i].name.length);
		value = strndup(mail.fields[i].value.data, mail.fields[i].value.length);
		mf_fake_header(f, name, value);
		free(name);
		free(value);
	}
	mf_fake_eoh(f);
	for (i = 0; i < mail.body_size && f->verdict == MF_CONTINUE; i++)
		mf_fake_body(f, mail.body + i, 1);
	if (f->verdict == MF_CONTINUE)
		mf_fake_message(f);
	dkim_mail_free(&mail);
	return f->verdict;
}

/* One signature, made with `tags`, on the message that is sent. */
static void
send_one(const char *tags, const char *text)
{
	char *value = signature(tags);
	const char *const values[] = { value, NULL };

	send_signed(values, text);
	free(value);
}

static const char *
reason(size_t n)
{
	const char *found = mf_fake_result_at(f, "dkim", n)->reason;

	return found ? found : "";
}

static void
assert_result(const char *value, const char *why)
{
	assert_int_equal(mf_host_result_count(&f->context, "dkim"), 1);
	if (!strstr(reason(0), why) || strcmp(mf_fake_result(f, "dkim", 0), value) != 0)
		fail_msg("%s: %s, not %s: %s", mf_fake_result(f, "dkim", 0), reason(0), value, why);
}

static void
mail_without_signature(void **state)
{
	static const char *const none[] = { NULL };

	(void)state;
	assert_int_equal(send_signed(none, MAIL), MF_DONE);
	assert_result("none", "");
	assert_int_equal(f->dns_queries, 0);
}

static void
a_right_signature(void **state)
{
	(void)state;
	mf_fake_dns(f, NAME, MF_DNS_TXT, dkim_rsa_record);
	send_one(ALL, MAIL);
	assert_result("pass", "");
	assert_string_equal(reason(0), "");
	assert_string_equal(mf_fake_property(f, "dkim", 0, "header.d"), "example.org");
	assert_string_equal(mf_fake_property(f, "dkim", 0, "header.i"), "@example.org");
	assert_string_equal(mf_fake_property(f, "dkim", 0, "header.s"), "one");
	assert_string_equal(mf_fake_property(f, "dkim", 0, "header.a"), "rsa-sha256");
	assert_int_equal(strlen(mf_fake_property(f, "dkim", 0, "header.b")), 8);
	assert_int_equal(f->dns_queries, 1);
	send_one(TAGS "i=jo=3De@sub.Example.org; h=from; bh=; b=", MAIL);
	assert_result("pass", "");
	assert_string_equal(mf_fake_property(f, "dkim", 0, "header.i"), "jo=e@sub.Example.org");
}

static void
what_was_changed_is_told(void **state)
{
	(void)state;
	mf_fake_dns(f, NAME, MF_DNS_TXT, dkim_rsa_record);
	send_one(ALL, MAIL "P.S.\n");
	assert_result("fail", "the body hash differs (simple)");
	send_one(ALL,
	    "From: joe@example.org\nSubject: dinner\nTo: jane@example.com\n\nHi.\n\nJoe\n");
	assert_result("fail", "the signature is not of this key and header (relaxed)");
	send_one(TAGS "h=from:subject:to:date:date; bh=; b=", "Date: now\n" MAIL);
	assert_result("fail", "header");
	send_one(TAGS "h=from:to:subject:subject; bh=; b=", "Subject: sale\n" MAIL);
	assert_result("fail", "header");
}

static void
keys_that_are_not_there(void **state)
{
	(void)state;
	send_one(ALL, MAIL);
	assert_result("permerror", "NXDOMAIN");
	mf_fake_dns(f, NAME, MF_DNS_A, "192.0.2.1");
	send_one(ALL, MAIL);
	assert_result("permerror", "no TXT record");
}

static void
keys_that_cannot_be_had(void **state)
{
	(void)state;
	mf_fake_dns_fail(f, NAME, MF_DNS_TXT, MF_DNS_TIMEOUT);
	mf_fake_dns_fail(f, "two._domainkey.example.org", MF_DNS_TXT, MF_DNS_SERVFAIL);
	mf_fake_dns_fail(f, "three._domainkey.example.org", MF_DNS_TXT, MF_DNS_LIMIT);
	send_one(ALL, MAIL);
	assert_result("temperror", "no answer");
	send_one(" v=1; a=rsa-sha256; d=example.org; s=two; h=from; bh=; b=", MAIL);
	assert_result("temperror", "SERVFAIL");
	send_one(" v=1; a=rsa-sha256; d=example.org; s=three; h=from; bh=; b=", MAIL);
	assert_result("policy", "too many queries");
}

static void
with_record(const char *record, const char *value, const char *why)
{
	mf_fake_destroy(&f);
	f = mf_fake_create(&filterd_plugin);
	mf_fake_dns(f, NAME, MF_DNS_TXT, record);
	send_one(ALL, MAIL);
	assert_result(value, why);
}

static void
key_records_are_judged(void **state)
{
	char record[1000];

	(void)state;
	with_record("v=DKIM1; p=", "permerror", "revoked");
	with_record("v=DKIM2; p=A", "permerror", "another version");
	with_record("v=DKIM1; p=AAAA", "permerror", "p= is no RSA key");
	with_record("v=DKIM1; p=A-A", "permerror", "p= is no base64");
	with_record("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
	    "permerror", "another type");
	snprintf(record, sizeof(record), "%s; s=tlsrpt", dkim_rsa_record);
	with_record(record, "permerror", "not for mail");
	snprintf(record, sizeof(record), "%s; h=sha1", dkim_rsa_record);
	with_record(record, "permerror", "not for this hash");
	snprintf(record, sizeof(record), "%s; t=y", dkim_rsa_record);
	with_record(record, "pass", "for testing");
	send_one(ALL, MAIL "P.S.\n");
	assert_result("neutral", "the body hash differs (simple); the key is for testing");
	snprintf(record, sizeof(record), "%s; t=s", dkim_rsa_record);
	with_record(record, "pass", "");
	send_one(TAGS "i=@sub.example.org; h=from; bh=; b=", MAIL);
	assert_result("permerror", "t=s");
}

static void
several_records_are_tried(void **state)
{
	size_t i;

	(void)state;
	mf_fake_dns(f, NAME, MF_DNS_TXT, "v=spf1 -all");
	mf_fake_dns(f, NAME, MF_DNS_TXT, "v=DKIM1; p=");
	mf_fake_dns(f, NAME, MF_DNS_TXT, dkim_rsa_record);
	send_one(ALL, MAIL);
	assert_result("pass", "");
	for (i = 0; i < 4; i++)
		mf_fake_dns(f, "two._domainkey.example.org", MF_DNS_TXT, "something else");
	mf_fake_dns(f, "two._domainkey.example.org", MF_DNS_TXT, dkim_rsa_record);
	send_one(" v=1; a=rsa-sha256; d=example.org; s=two; h=from; bh=; b=", MAIL);
	assert_result("permerror", "a tag without");
}

static void
key_sizes_are_policy(void **state)
{
	(void)state;
	mf_fake_set(f, "minimum-rsa-bits", "2048");
	mf_fake_dns(f, NAME, MF_DNS_TXT, dkim_rsa_record);
	send_one(ALL, MAIL);
	assert_result("policy", "the key has 1024 bits, fewer than are accepted");
}

static void
times_are_judged(void **state)
{
	(void)state;
	f->now = 1700000000;
	mf_fake_dns(f, NAME, MF_DNS_TXT, dkim_rsa_record);
	send_one(NOW "t=1; x=1699999701; h=from; bh=; b=", MAIL);
	assert_result("pass", "");
	send_one(NOW "t=1; x=1699999699; h=from; bh=; b=", MAIL);
	assert_result("policy", "expired");
	send_one(NOW "t=1700000300; h=from; bh=; b=", MAIL);
	assert_result("pass", "");
	send_one(NOW "t=1700000301; h=from; bh=; b=", MAIL);
	assert_result("policy", "future");
}

static void
texts_that_cannot_be_used(void **state)
{
	static const char *const nonsense[] = { " nonsense", NULL };

	(void)state;
	assert_int_equal(send_signed(nonsense, MAIL), MF_DONE);
	assert_result("neutral", "a tag without \"=\"");
	send_one(TAGS "h=subject; bh=; b=", MAIL);
	assert_result("permerror", "From is not signed");
	send_one(" v=1; a=rsa-sha1; d=example.org; s=one; h=from; bh=; b=", MAIL);
	assert_result("policy", "RFC 8301");
	assert_int_equal(f->dns_queries, 0);
}

static void
added_fields_are_seen(void **state)
{
	(void)state;
	mf_fake_set(f, "required-headers", "Subject Reply-To");
	mf_fake_dns(f, NAME, MF_DNS_TXT, dkim_rsa_record);
	send_one(ALL, MAIL);
	assert_result("pass", "");
	send_one(ALL, "From: ceo@example.org\n" MAIL);
	assert_result("policy", "not every From field is signed");
	send_one(ALL, "Subject: sale\n" MAIL);
	assert_result("policy", "not every Subject field is signed");
	send_one(ALL, "Reply-To: me@example.net\n" MAIL);
	assert_result("policy", "not every Reply-To field is signed");
}

static void
send_longer(const char *option, const char *value, const char *why)
{
	mf_fake_destroy(&f);
	f = mf_fake_create(&filterd_plugin);
	mf_fake_set(f, "body-length", option);
	mf_fake_dns(f, NAME, MF_DNS_TXT, dkim_rsa_record);
	send_one(TAGS "l=9; h=from; bh=; b=", MAIL "P.S.\n");
	assert_result(value, why);
}

static void
body_lengths_are_policy(void **state)
{
	(void)state;
	send_longer("whole", "policy", "9 bytes at the end of the body are not signed");
	send_longer("accept", "pass", "9 bytes at the end of the body are not signed");
	send_longer("refuse", "policy", "a part of the body only");
	mf_fake_destroy(&f);
	f = mf_fake_create(&filterd_plugin);
	mf_fake_dns(f, NAME, MF_DNS_TXT, dkim_rsa_record);
	send_one(TAGS "l=12; h=from; bh=; b=", MAIL);
	assert_result("pass", "");
	send_one(TAGS "l=13; h=from; bh=; b=", MAIL);
	assert_result("fail", "shorter than l=");
}

static void
several_signatures(void **state)
{
	char *one = signature(ALL), *two = signature(TAGS "h=from; bh=; b=");
	const char *const values[] = { one, " nonsense", two, one, NULL };

	(void)state;
	mf_fake_set(f, "maximum-signatures", "3");
	mf_fake_dns(f, NAME, MF_DNS_TXT, dkim_rsa_record);
	send_signed(values, MAIL);
	assert_int_equal(mf_host_result_count(&f->context, "dkim"), 4);
	assert_string_equal(mf_fake_result(f, "dkim", 0), "pass");
	assert_string_equal(mf_fake_result(f, "dkim", 1), "neutral");
	assert_string_equal(mf_fake_result(f, "dkim", 2), "pass");
	assert_string_equal(mf_fake_result(f, "dkim", 3), "policy");
	assert_non_null(strstr(reason(3), "1 more"));
	assert_int_equal(f->dns_queries, 1);
	free(one);
	free(two);
}

static void
signatures_are_told_apart(void **state)
{
	static const char *const values[] = {
		TAGS "h=from; bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; "
		"b=AAAABBBBCC\n CCDD==",
		TAGS "h=from; bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; "
		"b=AAAABBBBCCCDDD==", NULL
	};

	(void)state;
	mf_fake_dns(f, NAME, MF_DNS_TXT, dkim_rsa_record);
	send_signed(values, MAIL);
	assert_string_equal(mf_fake_property(f, "dkim", 0, "header.b"), "AAAABBBBCCCC");
	assert_string_equal(mf_fake_property(f, "dkim", 1, "header.b"), "AAAABBBBCCCD");
}

static void
huge_signatures_are_not_read(void **state)
{
	static char huge[DKIM_TAG_LIST_MAX + 100];
	static const char *const values[] = { huge, NULL };
	char *good = signature(ALL);

	(void)state;
	memset(huge, 'a', sizeof(huge) - 1);
	memcpy(huge, good, strlen(good));
	assert_int_equal(send_signed(values, MAIL), MF_DONE);
	assert_result("neutral", "too long a list of tags");
	free(good);
}

static void
messages_may_end_early(void **state)
{
	char *value = signature(ALL);

	(void)state;
	mf_fake_dns(f, NAME, MF_DNS_TXT, dkim_rsa_record);
	mf_fake_mail(f, "joe@example.org", NULL);
	mf_fake_header(f, "DKIM-Signature", value);
	mf_fake_header(f, "From", " joe@example.org");
	mf_fake_abort(f);
	mf_fake_mail(f, "joe@example.org", NULL);
	mf_fake_header(f, "DKIM-Signature", value);
	mf_fake_header(f, "From", " joe@example.org");
	mf_fake_eoh(f);
	mf_fake_body(f, "Hi", 2);
	mf_fake_abort(f);
	free(value);
}

static void
options_that_contradict(void **state)
{
	(void)state;
	mf_fake_set(f, "minimum-rsa-bits", "4096");
	mf_fake_set(f, "maximum-rsa-bits", "2048");
	assert_false(mf_fake_start(f));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(mail_without_signature),
		TEST(a_right_signature),
		TEST(what_was_changed_is_told),
		TEST(keys_that_are_not_there),
		TEST(keys_that_cannot_be_had),
		TEST(key_records_are_judged),
		TEST(several_records_are_tried),
		TEST(key_sizes_are_policy),
		TEST(times_are_judged),
		TEST(texts_that_cannot_be_used),
		TEST(added_fields_are_seen),
		TEST(body_lengths_are_policy),
		TEST(several_signatures),
		TEST(signatures_are_told_apart),
		TEST(huge_signatures_are_not_read),
		TEST(messages_may_end_early),
		TEST(options_that_contradict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

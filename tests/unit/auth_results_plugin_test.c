/* SPDX-License-Identifier: BSD-2-Clause */
/* The auth-results plugin with the fake host: what it writes, what it removes, and iprev. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <filterd/plugin_test.h>

#include <unistd.h>

#define FIELD	"Authentication-Results"

static struct mf_fake *
begin(void)
{
	struct mf_fake *f = mf_fake_create(&filterd_plugin);

	mf_fake_set(f, "authserv-id", "mx.example.org");
	mf_fake_set(f, "iprev", "off");
	return f;
}

static void
put(struct mf_fake *f, const char *method, const char *value, const char *property,
    const char *property_value)
{
	mf_host_result_property(&f->context, mf_fake_result_set(f, method, value), property,
	    property_value);
}

/* ---- what is written ---- */

static void
the_board_is_written_on_top(void **state)
{
	struct mf_fake *f = begin();

	(void)state;
	mf_fake_mail(f, "<a@b.example>", NULL);
	put(f, "spf", "pass", "smtp.mailfrom", "a@b.example");
	mf_host_result_add(&f->context, "dkim", "fail", "body hash (\"bh\")\r\nX: y");
	put(f, "x-greylist", "none", "policy.text", "h\xc3\xb6re");
	mf_fake_header(f, "Received", " from x");
	mf_fake_header(f, FIELD, " other.example; spf=pass");
	assert_int_equal(mf_fake_message(f), MF_CONTINUE);
	assert_string_equal(((struct mf_header *)f->mail.fields.items[0])->name, FIELD);
	assert_string_equal(mf_fake_value(f, FIELD, 0), " mx.example.org;\n"
	    "\tspf=pass smtp.mailfrom=a@b.example;\n"
	    "\tdkim=fail reason=\"body hash (\\\"bh\\\")  X: y\";\n"
	    "\tx-greylist=none policy.text=\"h?re\"");
	assert_string_equal(mf_fake_value(f, FIELD, 1), " other.example; spf=pass");
	assert_int_equal(f->mail.fields.count, 3);
	mf_fake_destroy(&f);
}

static void
methods_can_be_chosen(void **state)
{
	struct mf_fake *f = begin();

	(void)state;
	mf_fake_set(f, "methods", "SPF dmarc");
	mf_fake_mail(f, "<a@b.example>", NULL);
	put(f, "spf", "pass", "smtp.mailfrom", "b\xc3\xbc" "cher.example");
	put(f, "dkim", "pass", "header.d", "b.example");
	mf_fake_message(f);
	assert_string_equal(mf_fake_value(f, FIELD, 0),
	    " mx.example.org;\n\tspf=pass smtp.mailfrom=xn--bcher-kva.example");
	mf_fake_mail(f, "<a@b.example>", "SMTPUTF8");
	put(f, "spf", "pass", "smtp.mailfrom", "b\xc3\xbc" "cher.example");
	mf_fake_message(f);
	assert_string_equal(mf_fake_value(f, FIELD, 0),
	    " mx.example.org;\n\tspf=pass smtp.mailfrom=\"b\xc3\xbc" "cher.example\"");
	mf_fake_mail(f, "<a@b.example>", NULL);
	mf_fake_message(f);
	assert_string_equal(mf_fake_value(f, FIELD, 0), " mx.example.org; none");
	mf_fake_destroy(&f);
}

static void
the_mta_lends_its_name(void **state)
{
	struct mf_fake *f = mf_fake_create(&filterd_plugin);
	char host[256] = "";

	(void)state;
	mf_fake_set(f, "iprev", "off");
	mf_fake_set(f, "auth", "on");
	mf_fake_mail(f, "<a@b.example>", NULL);
	mf_fake_message(f);
	gethostname(host, sizeof(host) - 1);
	assert_true(strncmp(mf_fake_value(f, FIELD, 0) + 1, host, strlen(host)) == 0);
	mf_fake_macro(f, "j", "mta.example.org");
	mf_fake_macro(f, "{auth_authen}", "alice");
	mf_fake_mail(f, "<a@b.example>", NULL);
	mf_fake_message(f);
	assert_string_equal(mf_fake_value(f, FIELD, 0), " mta.example.org;\n"
	    "\tauth=pass smtp.auth=alice smtp.mailfrom=a@b.example");
	mf_fake_destroy(&f);
}

/* ---- what is removed ---- */

/* How many of five fields stay, ours counted. */
static size_t
left(struct mf_fake *f)
{
	size_t count = 0;

	mf_fake_mail(f, "<a@b.example>", NULL);
	mf_fake_header(f, FIELD, " mx.example.org; spf=pass");
	mf_fake_header(f, "AUTHENTICATION-RESULTS", " (x) MX.Example.Org. 1; spf=pass");
	mf_fake_header(f, FIELD, " other.example; spf=pass");
	mf_fake_header(f, FIELD, "\n ; dkim=pass");
	mf_fake_header(f, FIELD, " old.example.org; dkim=pass");
	mf_fake_header(f, "ARC-" FIELD, " i=1; mx.example.org; dkim=pass");
	assert_int_equal(mf_fake_message(f), MF_CONTINUE);
	while (mf_fake_value(f, FIELD, count))
		count++;
	assert_string_equal(mf_fake_value(f, FIELD, 0), " mx.example.org; none");
	assert_non_null(mf_fake_value(f, "ARC-" FIELD, 0));
	return count;
}

static void
forged_fields_are_removed(void **state)
{
	struct mf_fake *f = begin();

	(void)state;
	assert_int_equal(left(f), 3);
	assert_string_equal(mf_fake_value(f, FIELD, 1), " other.example; spf=pass");
	assert_true(mf_fake_logged(f, "info: removed 3 Authentication-Results fields\n"));
	mf_fake_destroy(&f);
	f = begin();
	mf_fake_set(f, "remove-ids", "OLD.example.org");
	assert_int_equal(left(f), 2);
	mf_fake_destroy(&f);
	f = begin();
	mf_fake_set(f, "remove", "all");
	assert_int_equal(left(f), 1);
	mf_fake_destroy(&f);
	f = begin();
	mf_fake_set(f, "keep", "on");
	assert_int_equal(left(f), 6);
	mf_fake_destroy(&f);
	f = begin();
	mf_fake_set(f, "keep", "off");
	assert_int_equal(left(f), 3);
	mf_fake_destroy(&f);
}

static void
mistakes_of_the_config_are_told(void **state)
{
	struct mf_fake *f = mf_fake_create(&filterd_plugin);

	(void)state;
	mf_fake_set(f, "authserv-id", "");
	assert_false(mf_fake_start(f));
	mf_fake_destroy(&f);
}

/* ---- iprev ---- */

static void
assert_iprev(struct mf_fake *f, const char *address, const char *expected)
{
	mf_fake_connect(f, "x.example", address);
	mf_fake_mail(f, "<a@b.example>", NULL);
	assert_int_equal(mf_fake_message(f), MF_CONTINUE);
	assert_string_equal(mf_fake_value(f, FIELD, 0), expected);
}

static void
addresses_are_looked_up_and_back(void **state)
{
	struct mf_fake *f = mf_fake_create(&filterd_plugin);
	static const char six[] =
	    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";

	(void)state;
	mf_fake_set(f, "authserv-id", "mx");
	mf_fake_dns(f, "1.2.0.192.in-addr.arpa", MF_DNS_PTR, "other.example.");
	mf_fake_dns(f, "1.2.0.192.in-addr.arpa", MF_DNS_PTR, "mail.example.");
	mf_fake_dns(f, "other.example", MF_DNS_A, "192.0.2.9");
	mf_fake_dns(f, "mail.example", MF_DNS_A, "192.0.2.8");
	mf_fake_dns(f, "mail.example", MF_DNS_A, "192.0.2.1");
	mf_fake_dns(f, six, MF_DNS_PTR, "mail.example.");
	mf_fake_dns(f, "mail.example", MF_DNS_AAAA, "2001:db8::1");
	mf_fake_dns(f, "9.2.0.192.in-addr.arpa", MF_DNS_PTR, "mail.example.");
	mf_fake_dns(f, "7.2.0.192.in-addr.arpa", MF_DNS_PTR, "slow.example.");
	mf_fake_dns_fail(f, "slow.example", MF_DNS_A, MF_DNS_TIMEOUT);
	mf_fake_dns_fail(f, "6.2.0.192.in-addr.arpa", MF_DNS_PTR, MF_DNS_SERVFAIL);
	assert_iprev(f, "192.0.2.1", " mx;\n\tiprev=pass policy.iprev=192.0.2.1");
	assert_iprev(f, "2001:db8::1", " mx;\n\tiprev=pass policy.iprev=\"2001:db8::1\"");
	assert_iprev(f, "192.0.2.9", " mx;\n"
	    "\tiprev=fail reason=\"mail.example has another address\"\n\tpolicy.iprev=192.0.2.9");
	assert_iprev(f, "192.0.2.7", " mx;\n"
	    "\tiprev=temperror reason=\"the DNS did not answer\" policy.iprev=192.0.2.7");
	assert_iprev(f, "192.0.2.6", " mx;\n"
	    "\tiprev=temperror reason=\"the DNS did not answer\" policy.iprev=192.0.2.6");
	assert_iprev(f, "192.0.2.5", " mx;\n"
	    "\tiprev=permerror reason=\"the address has no name\"\n\tpolicy.iprev=192.0.2.5");
	assert_iprev(f, "local", " mx; none");
	mf_fake_destroy(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_board_is_written_on_top),
		cmocka_unit_test(methods_can_be_chosen),
		cmocka_unit_test(the_mta_lends_its_name),
		cmocka_unit_test(forged_fields_are_removed),
		cmocka_unit_test(mistakes_of_the_config_are_told),
		cmocka_unit_test(addresses_are_looked_up_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

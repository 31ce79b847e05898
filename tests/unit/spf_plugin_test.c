/* SPDX-License-Identifier: BSD-2-Clause */
/* The spf plugin with a fake host: what it puts on the board, when it decides, its policies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <filterd/plugin_test.h>

static struct mf_fake *
create(void)
{
	struct mf_fake *f = mf_fake_create(&filterd_plugin);

	mf_fake_dns(f, "example.org", MF_DNS_TXT, "v=spf1 ip4:192.0.2.1 -all exp=e.example");
	mf_fake_dns(f, "e.example", MF_DNS_TXT, "%{i} is not ours");
	mf_fake_dns(f, "mail.example.org", MF_DNS_TXT, "v=spf1 ip4:192.0.2.0/24 -all");
	mf_fake_dns(f, "soft.example", MF_DNS_TXT, "v=spf1 ~all");
	mf_fake_dns(f, "bad.example", MF_DNS_TXT, "v=spf1 moo");
	mf_fake_dns_fail(f, "gone.example", MF_DNS_TXT, MF_DNS_TIMEOUT);
	mf_fake_macro(f, "j", "mx.example.com");
	return f;
}

static enum mf_verdict
greet(struct mf_fake *f, const char *client, const char *helo, const char *sender)
{
	mf_fake_connect(f, "mail.example.org", client);
	assert_int_equal(mf_fake_helo(f, helo), MF_CONTINUE);
	return mf_fake_mail(f, sender, NULL);
}

static void
both_identities_are_reported_at_the_end(void **state)
{
	struct mf_fake *f = create();

	(void)state;
	assert_int_equal(greet(f, "192.0.2.9", "mail.example.org", "<user@example.org>"),
	    MF_CONTINUE);
	assert_null(mf_fake_result(f, "spf", 0));
	assert_int_equal(mf_fake_message(f), MF_CONTINUE);
	assert_string_equal(mf_fake_result(f, "spf", 0), "pass");
	assert_string_equal(mf_fake_property(f, "spf", 0, "smtp.helo"), "mail.example.org");
	assert_string_equal(mf_fake_property(f, "spf", 0, "policy.mechanism"), "ip4:192.0.2.0/24");
	assert_string_equal(mf_fake_result(f, "spf", 1), "fail");
	assert_string_equal(mf_fake_property(f, "spf", 1, "smtp.mailfrom"), "user@example.org");
	assert_string_equal(mf_fake_property(f, "spf", 1, "policy.domain"), "example.org");
	assert_null(mf_fake_property(f, "spf", 1, "policy.lookups"));
	assert_null(mf_fake_result(f, "spf", 2));
	assert_int_equal(mf_fake_edits(f), 0);
	mf_fake_destroy(&f);
}

static void
one_identity_may_be_enough(void **state)
{
	struct mf_fake *f = create();

	(void)state;
	mf_fake_set(f, "check", "helo");
	greet(f, "192.0.2.9", "[192.0.2.9]", "<user@example.org>");
	mf_fake_message(f);
	assert_string_equal(mf_fake_result(f, "spf", 0), "none");
	assert_null(mf_fake_result(f, "spf", 1));
	mf_fake_destroy(&f);

	f = create();
	mf_fake_set(f, "check", "mailfrom");
	greet(f, "192.0.2.1", "mail.example.org", "<user@example.org>");
	mf_fake_message(f);
	assert_string_equal(mf_fake_property(f, "spf", 0, "smtp.mailfrom"), "user@example.org");
	assert_null(mf_fake_result(f, "spf", 1));
	mf_fake_destroy(&f);
}

static void
a_null_sender_is_the_postmaster_of_helo(void **state)
{
	struct mf_fake *f = create();

	(void)state;
	mf_fake_set(f, "check", "mailfrom");
	greet(f, "192.0.2.9", "mail.example.org", "<>");
	mf_fake_message(f);
	assert_string_equal(mf_fake_result(f, "spf", 0), "pass");
	assert_string_equal(mf_fake_property(f, "spf", 0, "smtp.mailfrom"),
	    "postmaster@mail.example.org");
	mf_fake_destroy(&f);
}

static void
assert_reply(const char *option, const char *action, const char *sender, const char *enhanced,
    const char *text)
{
	struct mf_fake *f = create();
	bool reject = strcmp(action, "reject") == 0;

	mf_fake_set(f, option, action);
	assert_int_equal(greet(f, "192.0.2.9", "h", sender), reject ? MF_REJECT : MF_TEMPFAIL);
	assert_int_equal(f->reply_code, reject ? 550 : 451);
	assert_string_equal(f->reply_enhanced, enhanced);
	assert_string_equal(f->reply_text, text);
	mf_fake_destroy(&f);
}

static void
results_are_refused_at_mail(void **state)
{
	(void)state;
	assert_reply("fail", "reject", "<a@example.org>", "5.7.23",
	    "SPF MAIL FROM check: fail for a@example.org from 192.0.2.9 (-all in the record of "
	    "example.org)\nThe domain example.org explains:\n192.0.2.9 is not ours");
	assert_reply("softfail", "tempfail", "<a@soft.example>", "4.7.1",
	    "SPF MAIL FROM check: softfail for a@soft.example from 192.0.2.9 (~all in the "
	    "record of "
	    "soft.example)");
	assert_reply("permerror", "reject", "<a@bad.example>", "5.7.24",
	    "SPF MAIL FROM check: permerror for a@bad.example from 192.0.2.9 (unknown mechanism in "
	    "\"moo\" of bad.example)");
	assert_reply("temperror", "tempfail", "<a@gone.example>", "4.7.24",
	    "SPF MAIL FROM check: temperror for a@gone.example from 192.0.2.9 (DNS: no answer "
	    "in time "
	    "for gone.example)");
	assert_reply("none", "reject", "<a@none.example>", "5.7.1",
	    "SPF MAIL FROM check: none for a@none.example from 192.0.2.9 (none.example has no SPF "
	    "record)");
}

static void
results_of_helo_are_refused_where_it_is_all(void **state)
{
	struct mf_fake *f = create();

	(void)state;
	mf_fake_set(f, "check", "helo");
	mf_fake_set(f, "none", "reject");
	assert_int_equal(greet(f, "192.0.2.9", "h", "<a@example.org>"), MF_REJECT);
	assert_string_equal(f->reply_text,
	    "SPF HELO check: none for h from 192.0.2.9 (no domain name to check)");
	mf_fake_destroy(&f);
}

static void
replies_may_be_worded(void **state)
{
	struct mf_fake *f = create();

	(void)state;
	mf_fake_set(f, "fail", "reject");
	mf_fake_set(f, "text", "No ${client.ip}");
	mf_fake_template_field(f, "client.ip", "192.0.2.9");
	greet(f, "192.0.2.9", "h", "<a@example.org>");
	assert_string_equal(f->reply_text,
	    "No 192.0.2.9\nThe domain example.org explains:\n192.0.2.9 is not ours");
	mf_fake_destroy(&f);
}

static void
other_results_are_not_acted_on(void **state)
{
	struct mf_fake *f = create();

	(void)state;
	mf_fake_set(f, "fail", "reject");
	mf_fake_set(f, "temperror", "tempfail");
	assert_int_equal(greet(f, "192.0.2.1", "mail.example.org", "<a@example.org>"), MF_CONTINUE);
	assert_string_equal(mf_fake_result(f, "spf", 1), "pass");
	assert_int_equal(mf_fake_message(f), MF_CONTINUE);
	assert_null(mf_fake_result(f, "spf", 2));
	assert_int_equal(mf_fake_mail(f, "<a@soft.example>", NULL), MF_CONTINUE);
	assert_string_equal(mf_fake_result(f, "spf", 1), "softfail");
	mf_fake_destroy(&f);
}

static void
a_fail_of_helo_ends_the_check(void **state)
{
	struct mf_fake *f = create();

	(void)state;
	mf_fake_set(f, "fail", "reject");
	assert_int_equal(greet(f, "198.51.100.1", "mail.example.org", "<a@soft.example>"),
	    MF_REJECT);
	assert_string_equal(mf_fake_property(f, "spf", 0, "smtp.helo"), "mail.example.org");
	assert_null(mf_fake_result(f, "spf", 1));
	mf_fake_destroy(&f);
}

static void
mail_may_be_held(void **state)
{
	struct mf_fake *f = create();

	(void)state;
	mf_fake_set(f, "softfail", "quarantine");
	assert_int_equal(greet(f, "192.0.2.9", "h", "<a@soft.example>"), MF_CONTINUE);
	assert_int_equal(mf_fake_edits(f), 1);
	assert_int_equal(mf_fake_message(f), MF_CONTINUE);
	mf_fake_destroy(&f);
}

static void
some_clients_are_not_checked(void **state)
{
	struct mf_fake *f = create();

	(void)state;
	mf_fake_set(f, "fail", "reject");
	mf_fake_set(f, "skip", "192.0.2.9");
	assert_int_equal(greet(f, "192.0.2.9", "mail.example.org", "<a@example.org>"), MF_CONTINUE);
	mf_fake_message(f);
	assert_null(mf_fake_result(f, "spf", 0));
	assert_int_equal(greet(f, "local", "mail.example.org", "<a@example.org>"), MF_CONTINUE);
	assert_int_equal(greet(f, "192.0.2.8", "mail.example.org", "<a@example.org>"), MF_REJECT);
	mf_fake_macro(f, "{auth_authen}", "bob");
	assert_int_equal(greet(f, "192.0.2.8", "mail.example.org", "<a@example.org>"), MF_CONTINUE);
	mf_fake_destroy(&f);

	f = create();
	mf_fake_set(f, "fail", "reject");
	mf_fake_set(f, "skip-authenticated", "no");
	mf_fake_macro(f, "{auth_authen}", "bob");
	assert_int_equal(greet(f, "192.0.2.8", "mail.example.org", "<a@example.org>"), MF_REJECT);
	mf_fake_destroy(&f);
}

/* What would be asked too late to be answered is not asked: temperror, and in time. */
static void
time_may_run_out(void **state)
{
	struct mf_fake *f = create();

	(void)state;
	f->timeout = 5;
	mf_fake_set(f, "temperror", "tempfail");
	mf_fake_set(f, "check", "mailfrom");
	assert_int_equal(greet(f, "192.0.2.1", "h", "<a@example.org>"), MF_TEMPFAIL);
	assert_string_equal(f->reply_text, "SPF MAIL FROM check: temperror for a@example.org from "
	    "192.0.2.1 (DNS: no answer in time for example.org)");
	mf_fake_destroy(&f);
}

static void
results_may_be_recorded(void **state)
{
	struct mf_fake *f = create();

	(void)state;
	mf_fake_set(f, "received-spf", "yes");
	mf_fake_set(f, "fail", "tempfail");
	mf_fake_set(f, "hostname", "here.example");
	greet(f, "192.0.2.1", "mail.example.org", "<a@example.org>");
	mf_fake_header(f, "Subject", " x");
	assert_int_equal(mf_fake_message(f), MF_CONTINUE);
	assert_string_equal(mf_fake_value(f, "Received-SPF", 0),
	    " pass (ip4:192.0.2.1 in the record of example.org)\n\treceiver=here.example;\n\t"
	    "identity=mailfrom;\n\tclient-ip=192.0.2.1;\n\tenvelope-from=\"a@example.org\";\n\t"
	    "helo=mail.example.org;\n\tmechanism=\"ip4:192.0.2.1\"");
	assert_string_equal(mf_fake_value(f, "Received-SPF", 1),
	    " pass (ip4:192.0.2.0/24 in the record of "
	    "mail.example.org)\n\treceiver=here.example;\n\t"
	    "identity=helo;\n\tclient-ip=192.0.2.1;\n\thelo=mail.example.org;\n\t"
	    "mechanism=\"ip4:192.0.2.0/24\"");
	assert_null(mf_fake_value(f, "Received-SPF", 2));
	mf_fake_destroy(&f);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_identities_are_reported_at_the_end),
		cmocka_unit_test(one_identity_may_be_enough),
		cmocka_unit_test(a_null_sender_is_the_postmaster_of_helo),
		cmocka_unit_test(results_are_refused_at_mail),
		cmocka_unit_test(results_of_helo_are_refused_where_it_is_all),
		cmocka_unit_test(replies_may_be_worded),
		cmocka_unit_test(other_results_are_not_acted_on),
		cmocka_unit_test(a_fail_of_helo_ends_the_check),
		cmocka_unit_test(mail_may_be_held),
		cmocka_unit_test(some_clients_are_not_checked),
		cmocka_unit_test(time_may_run_out),
		cmocka_unit_test(results_may_be_recorded)
	};

	return cmocka_run_group_tests_name("spf plugin", tests, NULL, NULL);
}

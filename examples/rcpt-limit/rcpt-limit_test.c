/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of rcpt-limit: limits a message and a connection, clients without one, a mistake. */
#include <filterd/plugin_test.h>

#include "rcpt-limit.c"

static struct mf_fake *
begin(const char *client)
{
	struct mf_fake *f = mf_fake_create(&filterd_plugin);

	mf_fake_set(f, "most", "2");
	mf_fake_set(f, "most-connection", "3");
	mf_fake_set(f, "exempt", "192.0.2.1 192.0.2.2");
	mf_fake_connect(f, "client.example", client);
	mf_fake_mail(f, "<alice@example.org>", NULL);
	return f;
}

static void
test_message_limit(void)
{
	struct mf_fake *f = begin("198.51.100.1");

	MF_CHECK(mf_fake_rcpt(f, "<a@example.net>", NULL) == MF_CONTINUE);
	MF_CHECK(mf_fake_rcpt(f, "<b@example.net>", NULL) == MF_CONTINUE);
	MF_CHECK(mf_fake_rcpt(f, "<c@example.net>", NULL) == MF_TEMPFAIL);
	MF_CHECK(f->reply_code == 452);
	MF_CHECK_TEXT(f->reply_text, "Too many recipients: send to 2 at a time");
	MF_CHECK(mf_fake_message(f) == MF_CONTINUE);
	MF_CHECK(!mf_fake_recipient(f, 2));
	MF_CHECK_TEXT(mf_fake_result(f, "rcpt-limit", 0), "fail");
	MF_CHECK_TEXT(mf_fake_property(f, "rcpt-limit", 0, "policy.refused"), "1");
	MF_CHECK(mf_fake_score(f) == 1);
	MF_CHECK(mf_fake_logged(f, "notice: refused 1 of 3 recipients"));
	mf_fake_destroy(&f);
}

static void
test_connection_limit(void)
{
	struct mf_fake *f = begin("198.51.100.1");

	mf_fake_rcpt(f, "<a@example.net>", NULL);
	mf_fake_rcpt(f, "<b@example.net>", NULL);
	mf_fake_abort(f);
	mf_fake_mail(f, "<alice@example.org>", NULL);
	MF_CHECK(mf_fake_rcpt(f, "<a@example.net>", NULL) == MF_CONTINUE);
	MF_CHECK(mf_fake_rcpt(f, "<b@example.net>", NULL) == MF_TEMPFAIL);
	MF_CHECK(f->reply_code == 421);
	mf_fake_quit(f);
	mf_fake_connect(f, "client.example", "198.51.100.1");
	mf_fake_mail(f, "<alice@example.org>", NULL);
	MF_CHECK(mf_fake_rcpt(f, "<a@example.net>", NULL) == MF_CONTINUE);
	MF_CHECK(mf_fake_message(f) == MF_CONTINUE);
	MF_CHECK_TEXT(mf_fake_result(f, "rcpt-limit", 0), "pass");
	mf_fake_destroy(&f);
}

static void
test_exempt(void)
{
	struct mf_fake *f = begin("192.0.2.2");
	int i;

	for (i = 0; i < 9; i++)
		MF_CHECK(mf_fake_rcpt(f, "<a@example.net>", NULL) == MF_CONTINUE);
	mf_fake_destroy(&f);
}

static void
test_mistake(void)
{
	struct mf_fake *f = mf_fake_create(&filterd_plugin);

	mf_fake_set(f, "most", "10");
	mf_fake_set(f, "most-connection", "9");
	MF_CHECK(!mf_fake_start(f));
	MF_CHECK_TEXT(f->error, "expected at least 10, what one message may have");
	mf_fake_destroy(&f);
}

int
main(void)
{
	test_message_limit();
	test_connection_limit();
	test_exempt();
	test_mistake();
	return 0;
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The test of hello: a fake host plays filterd and the MTA. */
#include <filterd/plugin_test.h>

#include "hello.c"

int
main(void)
{
	struct mf_fake *f = mf_fake_create(&filterd_plugin);

	mf_fake_set(f, "greeting", "Hi there");
	mf_fake_mail(f, "<alice@example.org>", NULL);
	mf_fake_header(f, "Subject", " lunch");
	MF_CHECK(mf_fake_message(f) == MF_CONTINUE);
	MF_CHECK_TEXT(mf_fake_value(f, "X-Hello", 0), " Hi there");
	mf_fake_destroy(&f);
	return 0;
}

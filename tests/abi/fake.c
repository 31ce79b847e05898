/* SPDX-License-Identifier: BSD-2-Clause */
/* The plugin of every.c with the fake host, given what tests/abi/run gives it with filterd: prints
 * what it writes down. */
#include <filterd/plugin_test.h>

#include "every.c"

static void
set_options(struct mf_fake *f)
{
	struct block *block;

	mf_fake_set(f, "number", "7");
	mf_fake_set(f, "text", "some text");
	mf_fake_set(f, "list", "one two");
	mf_fake_set(f, "condition", "on");
	mf_fake_set(f, "never", "off");
	block = mf_fake_block(f, "block");
	block->name = "first";
	block = mf_fake_block(f, "block");
	block->name = "second";
	block->second = "other";
	block->score = 2.5;
	((struct inner *)mf_fake_inner_block(f, block_table, block, "inner"))->number = 1;
	mf_fake_inner_block(f, block_table, block, "inner");
}

static void
send_message(struct mf_fake *f)
{
	static const char body[] = "body\r\nend\r\n";

	mf_fake_connect(f, "client.example", "192.0.2.7");
	mf_fake_helo(f, "client.example");
	mf_fake_mail(f, "<alice@example.org>", NULL);
	mf_fake_rcpt(f, "<bob@example.net>", NULL);
	mf_fake_rcpt(f, "<refused@example.net>", NULL);
	mf_fake_rcpt(f, "<later@example.net>", NULL);
	mf_fake_rcpt(f, "<carol@example.net>", NULL);
	mf_fake_data(f);
	mf_fake_header(f, "From", " a@example.org");
	mf_fake_header(f, "Subject", " lunch");
	mf_fake_header(f, "X-Gone", " soon");
	mf_fake_header(f, "X-Folded", " one\n two");
	mf_fake_eoh(f);
	mf_fake_body(f, body, sizeof(body) - 1);
	mf_fake_message(f);
	mf_fake_quit(f);
}

int
main(void)
{
	struct mf_fake *f = mf_fake_create(&filterd_plugin);

	mf_fake_macro(f, "{every}", "value");
	set_options(f);
	send_message(f);
	fputs(f->log, stdout);
	mf_fake_destroy(&f);
	return 0;
}

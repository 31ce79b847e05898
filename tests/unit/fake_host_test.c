/* SPDX-License-Identifier: BSD-2-Clause */
/* The fake host for the tests of plugins: what it shows them, what it undoes, when it ends things,
 * and that it has every service of the table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include <filterd/plugin_test.h>

struct sub {
	const char *name;
	double above;
};

enum colour { RED, GREEN };

struct options {
	bool flag;
	int64_t number;
	double real;
	const char *text;
	struct mf_strings words;
	struct mf_duration time;
	struct mf_size size;
	enum colour colour;
	const struct mf_list *list;
	const struct mf_regex *regex;
	const struct mf_condition *when;
	const struct mf_template *with_fields;
	struct mf_blocks subs;
};

static const struct mf_option sub_table[] = {
	MF_ARGUMENT(struct sub, name, "name"),
	MF_OPTION(struct sub, above, "1.5", "above"),
	MF_OPTION_END
};

static const struct mf_option option_table[] = {
	MF_OPTION(struct options, flag, "on", "flag"),
	MF_RANGE(struct options, number, "3", 1, 9, "number"),
	MF_OPTION(struct options, real, "0.5", "real"),
	MF_REQUIRED(struct options, text, "text"),
	MF_OPTION(struct options, words, "a b", "words"),
	MF_OPTION(struct options, time, "2s", "time"),
	MF_OPTION(struct options, size, "4k", "size"),
	MF_CHOICE(struct options, colour, "red green", "green", "colour"),
	MF_OPTION(struct options, list, NULL, "list"),
	MF_OPTION(struct options, regex, "/(l.)n/i", "regex"),
	MF_OPTION(struct options, when, NULL, "when"),
	MF_OPTION(struct options, with_fields, "${client.name} $1", "template"),
	MF_BLOCK(struct options, subs, "sub", sub_table, struct sub, "sub"),
	MF_OPTION_END
};

/* What a callback is to do next. */
static enum mf_verdict (*next)(struct mf_context *c);
static unsigned released;

static enum mf_verdict
run(struct mf_context *c)
{
	return next ? next(c) : MF_CONTINUE;
}

static enum mf_verdict
on_connect(struct mf_context *c, const struct mf_client *client)
{
	(void)client;
	mf_header_add(c, "X-Connected", " yes");
	return MF_CONTINUE;
}

static enum mf_verdict
on_rcpt(struct mf_context *c, const struct mf_address *recipient)
{
	mf_recipient_add(c, "copy@example.org", NULL);
	if (strcmp(recipient->domain, "refused.example") == 0)
		return mf_reject(c, 0, NULL, "Not %s", recipient->local);
	return MF_CONTINUE;
}

static void
on_end(struct mf_context *c)
{
	(void)c;
}

MF_PLUGIN(.name = "fake", .options = option_table, .options_size = sizeof(struct options),
    .session_size = 4, .message_size = 8, .connect = on_connect, .rcpt = on_rcpt, .eoh = run,
    .message = run, .message_end = on_end, .session_end = on_end);

static struct mf_fake *
begin(enum mf_verdict (*then)(struct mf_context *c))
{
	struct mf_fake *f = mf_fake_create(&filterd_plugin);

	next = NULL;
	mf_fake_set(f, "text", "T");
	mf_fake_mail(f, "<Alice@Example.ORG>", "SIZE=5 BODY=8BITMIME");
	mf_fake_header(f, "Subject", " lunch");
	mf_fake_header(f, "Received", " one");
	mf_fake_header(f, "received", " two\n\tfolded ");
	mf_fake_body(f, "body\r\n", 6);
	next = then;
	return f;
}

/* ---- tests ---- */

static void
test_table(void **state)
{
	const char *byte = (const char *)&mf_fake_host;
	size_t at;

	(void)state;
	assert_int_equal(mf_fake_host.size, sizeof(mf_fake_host));
	for (at = offsetof(struct mf_host, alloc); at < sizeof(mf_fake_host);
	     at += sizeof(void *)) {
		void *service;

		memcpy(&service, byte + at, sizeof(service));
		assert_non_null(service);
	}
}

static enum mf_verdict
use_options(struct mf_context *c)
{
	const struct options *o = c->options;

	assert_true(o->flag && o->number == 7 && o->real == 0.5 && o->colour == GREEN);
	assert_string_equal(o->text, "T");
	assert_true(o->words.count == 2 && strcmp(o->words.items[1], "b") == 0);
	assert_true(o->time.milliseconds == 2000 && o->size.bytes == 4096);
	assert_true(mf_list_has(c, o->list, "ONE") && !mf_list_has(c, o->list, "on"));
	assert_true(mf_test(c, NULL) && !mf_test(c, o->when));
	assert_true(mf_match(c, o->regex, "a LUNCH", 7));
	assert_string_equal(mf_expand(c, o->with_fields), "h<st LU");
	assert_string_equal(mf_expand_shown(c, o->with_fields, MF_FORM_TEXT), "h<st LU");
	assert_string_equal(mf_expand_shown(c, o->with_fields, MF_FORM_HTML), "h&lt;st LU");
	assert_string_equal(mf_replace(c, o->regex, o->with_fields, "lunch lent.", 11, NULL),
	    "h<st luch h<st let.");
	assert_int_equal(o->subs.count, 2);
	assert_true(((const struct sub *)o->subs.items[1].options)->above == 1.5);
	return MF_CONTINUE;
}

static void
test_options(void **state)
{
	struct mf_fake *f = mf_fake_create(&filterd_plugin);

	(void)state;
	next = use_options;
	mf_fake_set(f, "text", "T");
	mf_fake_set(f, "number", "7");
	mf_fake_set(f, "list", "one two");
	mf_fake_set(f, "when", "off");
	mf_fake_template_field(f, "client.name", "h<st");
	((struct sub *)mf_fake_block(f, "sub"))->above = 3;
	mf_fake_block(f, "sub");
	mf_fake_mail(f, "a@b", NULL);
	assert_int_equal(mf_fake_message(f), MF_CONTINUE);
	mf_fake_destroy(&f);
}

static enum mf_verdict
read_all(struct mf_context *c)
{
	struct mf_header field;
	size_t size;

	assert_string_equal(mf_sender(c)->text, "Alice@Example.ORG");
	assert_string_equal(mf_sender(c)->domain, "example.org");
	assert_string_equal(mf_sender(c)->arguments[1], "BODY=8BITMIME");
	assert_null(mf_sender(c)->arguments[2]);
	assert_int_equal(mf_header_count(c, NULL), 3);
	assert_true(mf_header_find(c, "RECEIVED", 1, &field));
	assert_int_equal(field.index, 2);
	assert_string_equal(mf_decoded(c, &field), "two folded");
	assert_false(mf_header_find(c, "Received", 2, &field));
	assert_memory_equal(mf_body(c, &size), "body\r\n", 6);
	assert_int_equal(size, 6);
	assert_string_equal(mf_macro(c, "{auth_authen}"), "alice");
	assert_null(mf_macro(c, "j"));
	return MF_CONTINUE;
}

static void
test_reading(void **state)
{
	struct mf_fake *f = begin(read_all);

	(void)state;
	mf_fake_macro(f, "{auth_authen}", "alice");
	assert_int_equal(mf_fake_message(f), MF_CONTINUE);
	mf_fake_destroy(&f);
}

static enum mf_verdict
edit_all(struct mf_context *c)
{
	assert_false(mf_changed(c, "Received") || mf_changed(c, "First") || mf_changed(c, NULL));
	mf_header_set(c, "RECEIVED", 1, " 2");
	mf_header_insert(c, 0, "First", " 1");
	mf_header_delete(c, "Subject", 0);
	assert_true(mf_changed(c, "Received") && mf_changed(c, "FIRST") &&
	    mf_changed(c, "Subject") && !mf_changed(c, NULL));
	mf_body_append(c, "more\r\n", 6);
	assert_true(mf_changed(c, NULL));
	mf_sender_set(c, "", NULL);
	mf_recipient_delete(c, NULL);
	mf_recipient_add(c, "x@y", NULL);
	mf_quarantine(c, "why");
	assert_int_equal(mf_header_count(c, "Subject"), 0);
	return MF_CONTINUE;
}

static void
test_edits(void **state)
{
	struct mf_fake *f = begin(edit_all);

	(void)state;
	mf_fake_rcpt(f, "b@c", NULL);
	assert_int_equal(mf_fake_message(f), MF_CONTINUE);
	assert_null(mf_fake_value(f, "Subject", 0));
	assert_string_equal(mf_fake_value(f, NULL, 0), " 1");
	assert_string_equal(mf_fake_value(f, "Received", 1), " 2");
	assert_string_equal(f->mail.body, "body\r\nmore\r\n");
	assert_string_equal(f->mail.sender->text, "");
	assert_string_equal(mf_fake_recipient(f, 0), "x@y");
	assert_null(mf_fake_recipient(f, 1));
	assert_string_equal(f->mail.quarantine, "why");
	assert_int_equal(f->messages_ended, 1);
	mf_fake_destroy(&f);
}

static enum mf_verdict
edit_badly(struct mf_context *c)
{
	mf_header_add(c, "Fine", " yes");
	mf_result_add(c, "spf", "pass", NULL);
	mf_symbol_add(c, "S", 2);
	assert_false(mf_header_add(c, "Not fine", " no"));
	return MF_CONTINUE;
}

static void
test_illegal_edit_undoes_all(void **state)
{
	struct mf_fake *f = begin(edit_badly);

	(void)state;
	assert_int_equal(mf_fake_message(f), MF_ERROR);
	assert_non_null(strstr(f->error, "add-header"));
	assert_null(mf_fake_value(f, "Fine", 0));
	assert_null(mf_fake_result(f, "spf", 0));
	assert_true(mf_fake_score(f) == 0 && mf_fake_edits(f) == 0);
	mf_fake_destroy(&f);
}

static enum mf_verdict
edit_undeclared(struct mf_context *c)
{
	return mf_quarantine(c, "x") ? MF_CONTINUE : MF_DONE;
}

static void
test_undeclared_edit(void **state)
{
	struct mf_fake *f = begin(edit_undeclared);

	(void)state;
	f->uses = MF_USE_ADD_HEADER;
	assert_int_equal(mf_fake_message(f), MF_ERROR);
	mf_fake_destroy(&f);
}

static void
test_verdicts(void **state)
{
	struct mf_fake *f = begin(NULL);

	(void)state;
	assert_int_equal(f->verdicts, ~0u);
	mf_only_verdicts(&f->context, MF_AT(MF_STAGE_RCPT));
	assert_int_equal(f->verdicts, MF_AT(MF_STAGE_RCPT));
	mf_fake_destroy(&f);
}

static void
test_recipient_refused(void **state)
{
	struct mf_fake *f = begin(NULL);

	(void)state;
	assert_int_equal(mf_fake_rcpt(f, "<bob@Refused.Example>", NULL), MF_REJECT);
	assert_int_equal(f->reply_code, 550);
	assert_string_equal(f->reply_enhanced, "5.7.1");
	assert_string_equal(f->reply_text, "Not bob");
	assert_int_equal(mf_fake_edits(f), 0);
	assert_int_equal(mf_fake_rcpt(f, "<bob@example.org>", NULL), MF_CONTINUE);
	assert_int_equal(f->reply_code, 0);
	mf_fake_message(f);
	assert_string_equal(mf_fake_recipient(f, 0), "bob@example.org");
	assert_string_equal(mf_fake_recipient(f, 1), "copy@example.org");
	mf_fake_destroy(&f);
}

static void
test_addresses(void **state)
{
	static const struct { const char *text; int version; uint8_t ip[16]; } cases[] = {
		{ "192.0.2.1", 4, { [10] = 0xff, 0xff, 192, 0, 2, 1 } },
		{ "2001:db8::1", 6, { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 } },
		{ "::", 6, { 0 } },
		{ "::1", 6, { [15] = 1 } },
		{ "1::", 6, { [1] = 1 } },
		{ "1:2:3:4:5:6:7:8", 6, { 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8 } },
		{ "::ffff:192.0.2.1", 6, { [10] = 0xff, 0xff, 192, 0, 2, 1 } },
		{ "1:2:3:4:5:6:7:8:9", 0, { 0 } },
		{ "1:2", 0, { 0 } },
		{ "256.0.2.1", 0, { 0 } },
		{ "local", 0, { 0 } },
		{ "/run/socket", 0, { 0 } },
	};
	struct mf_fake *f = mf_fake_create(&filterd_plugin);
	size_t i;

	(void)state;
	mf_fake_set(f, "text", "T");
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		mf_fake_connect(f, "c.example", cases[i].text);
		assert_string_equal(f->who.address, cases[i].text);
		assert_int_equal(f->who.version, cases[i].version);
		assert_memory_equal(f->who.ip, cases[i].ip, 16);
	}
	mf_fake_destroy(&f);
}

static void
test_connection_edits_stay(void **state)
{
	struct mf_fake *f = mf_fake_create(&filterd_plugin);
	int i;

	(void)state;
	next = NULL;
	mf_fake_set(f, "text", "T");
	mf_fake_connect(f, "c.example", "192.0.2.1");
	for (i = 0; i < 2; i++) {
		mf_fake_mail(f, "a@b", NULL);
		assert_null(mf_fake_value(f, "X-Connected", 0));
		mf_fake_message(f);
		assert_string_equal(mf_fake_value(f, "X-Connected", 0), " yes");
		assert_int_equal(mf_fake_edits(f), 1);
	}
	mf_fake_quit(f);
	assert_int_equal(f->messages_ended, 2);
	assert_int_equal(f->sessions_ended, 1);
	mf_fake_destroy(&f);
}

static enum mf_verdict
wait_long(struct mf_context *c)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	assert_int_equal(mf_wait(c, ends[1], MF_WRITABLE, -1), MF_WAITED_READY);
	assert_int_equal(mf_wait(c, ends[0], MF_READABLE, 1), MF_WAITED_TIME);
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(mf_wait(c, -1, 0, 100), MF_WAITED_TIME);
	assert_true(mf_time_left(c) < 10000);
	assert_int_equal(mf_wait(c, -1, 0, -1), MF_WAITED_DEADLINE);
	assert_int_equal(mf_time_left(c), 0);
	return MF_CONTINUE;
}

static void
test_deadline(void **state)
{
	struct mf_fake *f = begin(wait_long);

	(void)state;
	assert_int_equal(mf_fake_message(f), MF_ERROR);
	assert_string_equal(f->error, "timed out");
	mf_fake_destroy(&f);
}

static void
count_release(void *foreign)
{
	assert_ptr_equal(foreign, &released);
	released++;
}

static enum mf_verdict
say(struct mf_context *c)
{
	mf_cleanup(c, count_release, &released);
	mf_log(c, MF_LOG_NOTICE, "size %d\r\n", 5);
	mf_result_property(c, mf_result_add(c, "spf", "fail", "r"), "smtp.mailfrom", "x y");
	mf_symbol_add(c, "S", 2);
	mf_symbol_add(c, "S", -0.5);
	mf_matched(c, "rule", "here:1");
	mf_matched_shadow(c, "tried", "here:2", "reject");
	return MF_ACCEPT;
}

static void
test_board_and_end(void **state)
{
	struct mf_fake *f = begin(say);

	(void)state;
	released = 0;
	assert_int_equal(mf_fake_eoh(f), MF_ACCEPT);
	assert_int_equal(mf_fake_message(f), MF_CONTINUE);	/* it is not asked again */
	assert_int_equal(released, 1);
	assert_true(mf_fake_logged(f, "notice: size 5\\x0d\\x0a\n"));
	assert_string_equal(f->rules, "rule here:1\ntried reject\n");
	assert_string_equal(mf_fake_result(f, "SPF", 0), "fail");
	assert_string_equal(mf_fake_property(f, "spf", 0, "smtp.mailfrom"), "x y");
	assert_true(mf_fake_score(f) == 1.5);
	mf_fake_mail(f, "c@d", NULL);
	assert_null(mf_fake_result(f, "spf", 0));
	mf_fake_abort(f);
	mf_fake_destroy(&f);
}

/* ---- the DNS ---- */

static enum mf_verdict
ask_dns(struct mf_context *c)
{
	struct mf_dns_query *query = mf_dns_start(c, "Mail.example.org.", MF_DNS_A);
	const struct mf_dns_answer *a = mf_dns_await(c, query);

	assert_ptr_equal(mf_dns_start(c, "mail.example.ORG", MF_DNS_A), query);
	assert_int_equal(a->status, MF_DNS_FOUND);
	assert_string_equal(a->canonical, "mail.example.org");
	assert_true(a->count == 2 && a->secure);
	assert_memory_equal(a->records[0].data, "\xc0\x00\x02\x01", 5);
	a = mf_dns(c, "mail.example.org", MF_DNS_AAAA);
	assert_true(a->status == MF_DNS_FOUND && a->count == 1 && a->records[0].size == 16);
	a = mf_dns(c, "mail.example.org", MF_DNS_TXT);
	assert_true(a->status == MF_DNS_NODATA && a->count == 0);
	a = mf_dns(c, "example.org", MF_DNS_MX);
	assert_true(a->status == MF_DNS_FOUND && a->records[0].preference == 10);
	assert_string_equal(a->records[0].data, "mail.example.org");
	a = mf_dns(c, "text.example.org", MF_DNS_TXT);
	assert_string_equal(a->records[0].data, "v=spf1 -all");
	assert_int_equal(mf_dns(c, "none.example.org", MF_DNS_A)->status, MF_DNS_NXDOMAIN);
	assert_int_equal(mf_dns(c, "slow.example.org", MF_DNS_A)->status, MF_DNS_TIMEOUT);
	assert_int_equal(mf_dns(c, "a..b", MF_DNS_A)->status, MF_DNS_INVALID);
	assert_int_equal(mf_dns(c, "", MF_DNS_A)->status, MF_DNS_INVALID);
	assert_int_equal(mf_dns(c, "a.b", (enum mf_dns_type)6)->status, MF_DNS_INVALID);
	return MF_CONTINUE;
}

static void
test_dns(void **state)
{
	struct mf_fake *f = begin(ask_dns);

	(void)state;
	f->dns_secure = true;
	mf_fake_dns(f, "mail.example.org", MF_DNS_A, "192.0.2.1");
	mf_fake_dns(f, "mail.example.org", MF_DNS_A, "192.0.2.2");
	mf_fake_dns(f, "mail.example.org", MF_DNS_AAAA, "2001:db8::1");
	mf_fake_dns(f, "example.org.", MF_DNS_MX, "10 mail.example.org.");
	mf_fake_dns(f, "text.example.org", MF_DNS_TXT, "v=spf1 -all");
	mf_fake_dns_fail(f, "slow.example.org", MF_DNS_A, MF_DNS_TIMEOUT);
	assert_int_equal(mf_fake_eoh(f), MF_CONTINUE);
	assert_int_equal(f->dns_queries, 7);
	assert_int_equal(mf_fake_message(f), MF_CONTINUE);
	assert_int_equal(f->dns_queries, 7);
	mf_fake_mail(f, "c@d", NULL);
	assert_int_equal(mf_fake_eoh(f), MF_CONTINUE);
	assert_int_equal(f->dns_queries, 14);
	mf_fake_destroy(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_edits),
		cmocka_unit_test(test_illegal_edit_undoes_all),
		cmocka_unit_test(test_undeclared_edit),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_recipient_refused),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_connection_edits_stay),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_board_and_end),
		cmocka_unit_test(test_dns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Envelope paths and address lists: the examples of RFC 5322, broken fields, what attackers
 * write, and the list of another parser (address.json), whose other readings are judged one by
 * one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "filterd/message/address.h"
#include "filterd/util/buffer.h"
#include "tests/unit/suites.h"

/* ---- envelope paths, RFC 5321 ---- */

static void
paths_are_divided(void **state)
{
	static const struct {
		const char *path, *text, *local, *domain;
	} examples[] = {
		{ "<a@B.Example>", "a@B.Example", "a", "b.example" },
		{ "a@b", "a@b", "a", "b" },
		{ "<>", "", "", "" },
		{ "", "", "", "" },
		{ " < a@b > ", "a@b", "a", "b" },
		{ "<a@b", "a@b", "a", "b" },
		{ "<a@b> SIZE=1", "a@b", "a", "b" },
		{ "<@x,@y:a@b>", "a@b", "a", "b" },
		{ "<@[IPv6:::1]:a@b>", "a@b", "a", "b" },
		{ "<@x>", "@x", "", "x" },
		{ "<\"a@b\"@c>", "\"a@b\"@c", "\"a@b\"", "c" },
		{ "<\"a>b\"@c>", "\"a>b\"@c", "\"a>b\"", "c" },
		{ "<\"a\\\">b\"@c>", "\"a\\\">b\"@c", "\"a\\\">b\"", "c" },
		{ "<a@[192.0.2.1]>", "a@[192.0.2.1]", "a", "[192.0.2.1]" },
		{ "<Postmaster>", "Postmaster", "Postmaster", "" },
		{ "<a@b@C>", "a@b@C", "a@b", "c" },
		{ "<a@>", "a@", "a", "" },
	};
	struct arena *arena = arena_create(0, 0);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct mf_address *address = address_from_path(arena, examples[i].path, NULL);

		assert_string_equal(address->text, examples[i].text);
		assert_string_equal(address->local, examples[i].local);
		assert_string_equal(address->domain, examples[i].domain);
		assert_null(address->arguments[0]);
	}
	arena_destroy(&arena);
}

static void
mailboxes_compare_by_address(void **state)
{
	static const char *const some[] = { "NOTIFY=NEVER", "ORCPT=rfc822;a@b", NULL };
	static const char *const same[] = { "orcpt=rfc822;a@b", "notify=never", NULL };
	static const char *const fewer[] = { "NOTIFY=NEVER", NULL };
	struct arena *arena = arena_create(0, 0);
	struct mf_address *a = address_from_path(arena, "a@b", some);
	struct mf_address *b = address_from_path(arena, "<a@B>", same);
	struct mf_address *c = address_from_path(arena, "A@b", fewer);

	(void)state;
	assert_true(address_equal(a, b));
	assert_false(address_equal(a, c));
	assert_true(address_arguments_equal(a, b));
	assert_false(address_arguments_equal(a, c));
	assert_false(address_arguments_equal(c, a));
	assert_true(address_arguments_equal(c, c));
	arena_destroy(&arena);
}

/* ---- address lists, RFC 5322 ---- */

struct list {
	struct buffer text;
	size_t count, stop_at;
};

/* local|domain after each address, which is the two with "@" between but for the domain's case. */
static bool
visit(void *argument, struct str address, struct str local, struct str domain)
{
	struct list *list = argument;

	assert_int_equal(address.data[address.length], '\0');
	assert_int_equal(address.length, local.length + domain.length + (domain.length ? 1 : 0));
	assert_memory_equal(address.data, local.data, local.length);
	buffer_printf(&list->text, "%s%.*s@%.*s", list->count ? ", " : "", (int)local.length,
	    local.data, (int)domain.length, domain.data);
	list->count++;
	return list->count == list->stop_at;
}

static const char *
read_list(struct arena *arena, struct str value)
{
	struct list list = { .stop_at = 0 };
	const char *text;

	assert_false(address_list_each(value, arena, visit, &list));
	text = arena_strdup(arena, buffer_text(&list.text));
	buffer_free(&list.text);
	return text;
}

struct example {
	const char *value;
	const char *addresses;
};

static void
check_examples(const struct example *examples, size_t count)
{
	struct arena *arena = arena_create(0, 0);
	size_t i;

	for (i = 0; i < count; i++) {
		assert_string_equal(read_list(arena, str_of(examples[i].value)),
		    examples[i].addresses);
	}
	arena_destroy(&arena);
}

#define CHECK(examples) check_examples(examples, sizeof(examples) / sizeof((examples)[0]))

static void
rfc5322_appendix_a(void **state)
{
	static const struct example examples[] = {
		{ " John Doe <jdoe@machine.example>", "jdoe@machine.example" },
		{ " \"Joe Q. Public\" <john.q.public@example.com>", "john.q.public@example.com" },
		{ " Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
		    "mary@x.test, jdoe@example.org, one@y.test" },
		{ " <boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>",
		    "boss@nil.test, sysservices@example.net" },
		{ " A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
		    "c@a.test, joe@where.test, jdoe@one.test" },
		{ " Undisclosed recipients:;", "" },
		{ " Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
		    "pete@silly.test" },
		{ "A Group(Some people)\n     :Chris Jones <c@(Chris's host.)public.example>,\n"
		    "         joe@example.org,\n  John <jdoe@one.test> (my dear friend);"
		    " (the end of the group)",
		    "c@public.example, joe@example.org, jdoe@one.test" },
		{ "(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", "" },
		{ " Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
		    "mary@example.net, jdoe@test.example" },
		{ " John Doe <jdoe@machine(comment).  example>", "jdoe@machine.example" },
		{ " Joe Q. Public <john . q . public @ example.com>", "john.q.public@example.com" },
	};

	(void)state;
	CHECK(examples);
}

static void
addresses_are_made_plain(void **state)
{
	static const struct example examples[] = {
		{ "A@EXAMPLE.Org", "A@example.org" },
		{ "\"a b\"@x", "\"a b\"@x" },
		{ "\"a\n b\"@x", "\"a b\"@x" },
		{ "a@[IPv6:2001:DB8::1]", "a@[ipv6:2001:db8::1]" },
		{ "j\303\274rgen@b\303\274cher.example", "j\303\274rgen@b\303\274cher.example" },
		{ "root", "root@" },
		{ "<root>", "root@" },
		{ "a@b.", "a@b" },
		{ "a@b.example. ", "a@b.example" },
		{ "<mailto:a@b>", "a@b" },
		{ "<@a,@b:c@d>", "c@d" },
		{ "<@a:c@d>, <@b:e@f>", "c@d, e@f" },
	};

	(void)state;
	CHECK(examples);
}

static void
broken_lists_give_what_they_have(void **state)
{
	static const struct example examples[] = {
		{ "", "" },
		{ " ", "" },
		{ ",,;,", "" },
		{ "John Doe", "" },
		{ "<>", "" },
		{ "a@b <>", "a@b" },
		{ "a@b <c@d>", "c@d" },
		{ "<a@b> <c@d>", "a@b, c@d" },
		{ "a@b c@d", "c@d" },
		{ "John Doe a@b", "a@b" },
		{ "a@b@c", "a@b" },
		{ "@b", "" },
		{ "<@b>", "" },
		{ "a@", "" },
		{ "a@ <", "" },
		{ "<a@b", "a@b" },
		{ "<a@b, c@d", "a@b, c@d" },
		{ "a@b>, c@d", "a@b, c@d" },
		{ "\"John <a@b>", "a@b" },
		{ "(John <a@b>", "a@b" },
		{ "John) <a@b>", "a@b" },
		{ "[x <a@b>", "a@b" },
		{ "[SPAM] a@b", "a@b" },
		{ "a@\"b\"", "" },
		{ "group: a@b", "a@b" },
		{ "a@b;c@d", "a@b, c@d" },
		{ "a b@c", "b@c" },
		{ "a\001b@c", "b@c" },
		{ "a\\ b@c", "b@c" },
		{ "\"a@b\" <c@d>", "c@d" },
		{ "\"<a@b>\" c@d", "c@d" },
	};

	(void)state;
	CHECK(examples);
}

static void
a_visit_can_end_the_list(void **state)
{
	struct arena *arena = arena_create(0, 0);
	struct list list = { .stop_at = 2 };

	(void)state;
	assert_true(address_list_each(STR("a@b, <c@d>, e@f"), arena, visit, &list));
	assert_string_equal(buffer_text(&list.text), "a@b, c@d");
	buffer_free(&list.text);
	list = (struct list){ .stop_at = 1 };
	assert_true(address_list_each(STR("a@b"), arena, visit, &list));
	buffer_free(&list.text);
	arena_destroy(&arena);
}

static struct str
repeated(struct arena *arena, const char *piece, size_t times)
{
	struct buffer text = { 0 };
	struct str copy;

	while (times--)
		buffer_add_text(&text, piece);
	copy = arena_str(arena, (struct str){ text.data, text.length });
	buffer_free(&text);
	return copy;
}

static void
comments_nest_to_a_depth(void **state)
{
	struct arena *arena = arena_create(0, 0);
	const char *opened, *closed;

	(void)state;
	opened = repeated(arena, "(", 50).data;
	closed = repeated(arena, ")", 50).data;
	assert_string_equal(read_list(arena,
	    str_of(arena_printf(arena, "%sx@y%s a@b", opened, closed))), "a@b");
	assert_string_equal(read_list(arena,
	    str_of(arena_printf(arena, "(%s%s) a@b", opened, closed))), "a@b");
	arena_destroy(&arena);
}

/* Nothing may cost more than its length; these took minutes if it did. */
static void
hostile_lists_are_bounded(void **state)
{
	static const char *const pieces[] = {
		"(", "\"", "[", "<", "a@b,", "a@b<", "a.", "@", "\\", "(\"[<", "a@b c@d ", "((a)) "
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct arena *arena = arena_create(0, 0);
		struct list list = { .stop_at = 0 };

		address_list_each(repeated(arena, pieces[i], 200000), arena, visit, &list);
		assert_in_range(list.count, 0, 1000);
		assert_in_range(arena_used(arena), 0, 16 * 200000 * strlen(pieces[i]));
		buffer_free(&list.text);
		arena_destroy(&arena);
	}
}

/* Where our reading differs from the suite's, and why. The suite keeps blanks, routes and
 * comments. */
static const struct difference differences[] = {
	{ "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example\n",
	    "mary@example.net, jdoe@test.example",
	    "routes are ignored, blanks about dots taken out (RFC 5322 section 4.4)" },
	{ "John Doe <jdoe@machine(comment).  example>\n", "jdoe@machine.example", "the same" },
	{ "<http://www.host.com/list/archive/> (Web Archive)\n", "",
	    "the fields of RFC 2369 hold URLs, which are not addresses" },
	{ "<mailto:archive@host.com?subject=index%20list>\n",
	    "archive@host.com?subject=index%20list", "the same" },
	{ "<mailto:moderator@host.com> (Postings are Moderated)\n", "moderator@host.com",
	    "the same" },
	{ "(Use this command to join the list)\n   <mailto:list-manager@host.com?body="
	    "subscribe%20list>\n", "list-manager@host.com?body=subscribe%20list", "the same" },
	{ "<http://www.host.com/list.cgi?cmd=sub&lst=list>,\n   <mailto:list-manager@host.com?body="
	    "subscribe%20list>\n", "list-manager@host.com?body=subscribe%20list", "the same" },
	{ "<ftp://ftp.host.com/list.txt> (FTP),\n   <mailto:list@host.com?subject=help>\n",
	    "list@host.com?subject=help", "the same" },
	{ "<http://www.host.com/list/>, <mailto:list-info@host.com>\n", "list-info@host.com",
	    "the same" },
	{ "(Use this command to get off the list)\n     <mailto:list-manager@host.com?body="
	    "unsubscribe%20list>\n", "list-manager@host.com?body=unsubscribe%20list", "the same" },
	{ "<http://www.host.com/list.cgi?cmd=unsub&lst=list>,\n   <mailto:list-request@host.com?"
	    "subject=unsubscribe>\n", "list-request@host.com?subject=unsubscribe", "the same" },
	{ "<mailto:listmom@host.com> (Contact Person for Help)\n", "listmom@host.com", "the same" },
};

/* Adds the addresses of a list or group, however deep the suite has put them. */
static void
add_expected(json_t *node, struct buffer *text)
{
	json_t *address = json_object_get(node, "address"), *child;
	const char *key, *at;
	size_t i;

	if (json_is_string(address)) {
		buffer_printf(text, "%s%s", text->length ? ", " : "", json_string_value(address));
		at = strchr(json_string_value(address), '@');
		if (!at)
			buffer_add_char(text, '@');
		return;
	}
	json_array_foreach(node, i, child)
		add_expected(child, text);
	if (json_is_object(node)) {
		json_object_foreach(node, key, child)
			add_expected(child, text);
	}
}

static void
another_parsers_list(void **state)
{
	json_t *list = suites_load("mime/stalwart-mail-parser/address.json");
	struct arena *arena = arena_create(0, 0);
	const size_t known = sizeof(differences) / sizeof(differences[0]);
	size_t i, differing = 0;
	json_t *entry;

	(void)state;
	json_array_foreach(list, i, entry) {
		const char *header = json_string_value(json_object_get(entry, "header"));
		const struct difference *difference = suites_difference(differences, known, header);
		const char *ours = read_list(arena, suites_value(arena, header));
		struct buffer expected = { 0 };

		add_expected(json_object_get(entry, "expected"), &expected);
		differing += difference != NULL;
		if (difference) {
			assert_string_equal(ours, difference->ours);
			assert_int_not_equal(strcasecmp(ours, buffer_text(&expected)), 0);
		} else if (strcasecmp(ours, buffer_text(&expected)) != 0) {
			fail_msg("%s: %s, not %s", header, ours, buffer_text(&expected));
		}
		buffer_free(&expected);
	}
	assert_true(i > 50);
	assert_int_equal(differing, known);
	arena_destroy(&arena);
	json_decref(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_divided),
		cmocka_unit_test(mailboxes_compare_by_address),
		cmocka_unit_test(rfc5322_appendix_a),
		cmocka_unit_test(addresses_are_made_plain),
		cmocka_unit_test(broken_lists_give_what_they_have),
		cmocka_unit_test(a_visit_can_end_the_list),
		cmocka_unit_test(comments_nest_to_a_depth),
		cmocka_unit_test(hostile_lists_are_bounded),
		cmocka_unit_test(another_parsers_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

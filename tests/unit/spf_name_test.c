/* SPDX-License-Identifier: BSD-2-Clause */
/* Names as SPF takes them, and the Received-SPF field. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/util/arena.h"
#include "plugins/spf/name.h"
#include "plugins/spf/received.h"

#define LABEL	"a23456789b123456789c123456789d123456789e123456789f123456789g123"
#define NAME	LABEL "." LABEL "." LABEL "."
#define REST	"23456789b123456789c123456789d123456789e123456789f123456789g12"

static void
names_fit(void **state)
{
	(void)state;
	assert_true(spf_name_fits("a"));
	assert_true(spf_name_fits("a b.c:d/e"));
	assert_true(spf_name_fits(LABEL ".example"));
	assert_false(spf_name_fits(LABEL "h.example"));
	assert_true(spf_name_fits(NAME REST));
	assert_false(spf_name_fits(NAME REST "3"));
	assert_false(spf_name_fits(""));
	assert_false(spf_name_fits("."));
	assert_false(spf_name_fits("a."));
	assert_false(spf_name_fits(".a"));
	assert_false(spf_name_fits("a..b"));
	assert_false(spf_name_fits("a.\xc3\xa4"));
	assert_false(spf_name_fits("a\\.b"));
}

static void
names_are_within(void **state)
{
	(void)state;
	assert_true(spf_name_within("a.B.example", "b.Example"));
	assert_true(spf_name_within("b.example", "b.example"));
	assert_false(spf_name_within("ab.example", "b.example"));
	assert_false(spf_name_within("example", "b.example"));
}

static void
assert_identity(const char *said, const char *expected)
{
	char name[SPF_NAME_SIZE];

	if (!expected) {
		assert_false(spf_name_of_identity(said, name));
		return;
	}
	assert_true(spf_name_of_identity(said, name));
	assert_string_equal(name, expected);
}

static void
identities_are_domain_names(void **state)
{
	(void)state;
	assert_identity("mail.example.org", "mail.example.org");
	assert_identity("_x.example-a.org.", "_x.example-a.org");
	assert_identity("a.b\xc3\xbc" "cher.example", "a.xn--bcher-kva.example");
	assert_identity("mail.example.org..", NULL);
	assert_identity("localhost", NULL);
	assert_identity("localhost.", NULL);
	assert_identity("", NULL);
	assert_identity("[192.0.2.1]", NULL);
	assert_identity("192.0.2.1", NULL);
	assert_identity("IPv6:2001:db8::1", NULL);
	assert_identity("a b.example", NULL);
	assert_identity("a@b.example", NULL);
	assert_identity("a.\xff\xfe", NULL);
	assert_identity("A...example.com", NULL);
	assert_identity(NAME NAME "example", NULL);
}

/* ---- Received-SPF ---- */

static void *
take(void *of, size_t size)
{
	return arena_alloc(of, size);
}

static const char *
value(struct arena *arena, const struct spf_outcome *outcome, const char *sender, const char *helo)
{
	const struct spf_memory memory = { take, arena };
	const struct spf_received received = {
		.outcome = outcome,
		.identity = "mailfrom",
		.receiver = "mx.example.com",
		.client_ip = "2001:db8::1",
		.sender = sender,
		.helo = helo
	};

	return spf_received_value(&memory, &received);
}

static void
fields_are_as_the_grammar_has_them(void **state)
{
	struct arena *arena = arena_create(0, 0);
	const struct spf_outcome fail = { .result = SPF_FAIL, .mechanism = "-all",
		.reason = "-all in the record of example.org" };
	const struct spf_outcome error = { .result = SPF_PERMERROR,
		.reason = "unknown mechanism in \"m(o)\\o\" of example.org" };

	(void)state;
	assert_string_equal(value(arena, &fail, "a@example.org", "mail.example.org"),
	    " fail (-all in the record of example.org)\n\treceiver=mx.example.com;"
	    "\n\tidentity=mailfrom;\n\tclient-ip=\"2001:db8::1\";"
	    "\n\tenvelope-from=\"a@example.org\";"
	    "\n\thelo=mail.example.org;\n\tmechanism=-all");
	assert_string_equal(value(arena, &error, "\"a b\"@example.org", "x\r\ny(z"),
	    " permerror (unknown mechanism in \"m\\(o\\)\\\\o\" of example.org)"
	    "\n\treceiver=mx.example.com;\n\tidentity=mailfrom;\n\tclient-ip=\"2001:db8::1\";"
	    "\n\tenvelope-from=\"\\\"a b\\\"@example.org\";\n\thelo=\"x??y(z\";"
	    "\n\tproblem=\"unknown mechanism in \\\"m(o)\\\\o\\\" of example.org\";"
	    "\n\tmechanism=default");
	arena_destroy(&arena);
}

static void
fields_have_no_long_lines(void **state)
{
	struct arena *arena = arena_create(0, 0);
	char text[3000];
	struct spf_outcome outcome = { .result = SPF_TEMPERROR, .mechanism = text, .reason = text };
	const char *line;

	(void)state;
	memset(text, '"', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	for (line = value(arena, &outcome, text, text); line; line = strchr(line + 1, '\n'))
		assert_true(strcspn(line + 1, "\n") < 800);
	memset(text, 'a', sizeof(text) - 1);
	for (line = value(arena, &outcome, text, text); line; line = strchr(line + 1, '\n'))
		assert_true(strcspn(line + 1, "\n") < 400);
	arena_destroy(&arena);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_fit),
		cmocka_unit_test(names_are_within),
		cmocka_unit_test(identities_are_domain_names),
		cmocka_unit_test(fields_are_as_the_grammar_has_them),
		cmocka_unit_test(fields_have_no_long_lines)
	};

	return cmocka_run_group_tests_name("spf names", tests, NULL, NULL);
}

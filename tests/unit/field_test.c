/* SPDX-License-Identifier: BSD-2-Clause */
/* Field names: what each means, when it is known, and what is said of those that are not known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/config/field.h"

static struct arena *arena;

static int
setup(void **state)
{
	(void)state;
	arena = arena_create(0, 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_destroy(&arena);
	return 0;
}

static struct field
parsed(const char *text)
{
	struct field field;
	const char *error = "";

	if (!field_parse(str_of(text), arena, &field, &error))
		fail_msg("%s: %s", text, error);
	assert_string_equal(field.spelled, text);
	return field;
}

static void
assert_refused(const char *text, const char *expected)
{
	struct field field;
	const char *error = NULL;

	assert_false(field_parse(str_of(text), arena, &field, &error));
	assert_string_equal(error, expected);
}

static void
test_every_plain_name_of_the_table_is_known(void **state)
{
	const struct field_entry *entry;

	(void)state;
	for (entry = field_entries; entry->pattern; entry++) {
		struct field field;

		assert_true(strlen(entry->help) > 0);
		if (strpbrk(entry->pattern, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
			continue;
		field = parsed(entry->pattern);
		assert_int_equal(field.id, entry->id);
		assert_int_equal(field.part, entry->part);
		assert_int_equal(field.type, entry->type);
		assert_int_equal(field.stage, entry->stage);
		assert_null(field.name);
	}
}

static void
test_stages(void **state)
{
	static const struct {
		const char *name;
		enum mf_stage stage;
	} known[] = {
		{ "listener", MF_STAGE_CONNECT }, { "client.ip", MF_STAGE_CONNECT },
		{ "client.port", MF_STAGE_CONNECT }, { "env.HOME", MF_STAGE_CONNECT },
		{ "helo", MF_STAGE_HELO }, { "sender.domain", MF_STAGE_MAIL },
		{ "auth.user", MF_STAGE_MAIL }, { "tls.version", MF_STAGE_MAIL },
		{ "recipient.local", MF_STAGE_RCPT }, { "recipients.count", MF_STAGE_DATA },
		{ "header.From", MF_STAGE_EOH }, { "header.From.count", MF_STAGE_EOH },
		{ "headers", MF_STAGE_EOH }, { "subject", MF_STAGE_EOH },
		{ "size", MF_STAGE_MESSAGE }, { "body.raw", MF_STAGE_MESSAGE },
		{ "score", MF_STAGE_MESSAGE }, { "symbol.X", MF_STAGE_MESSAGE },
		{ "result.spf.value", MF_STAGE_MESSAGE }, { "macro.j", MF_STAGE_CONNECT },
		{ "macro.client_addr", MF_STAGE_CONNECT }, { "macro.cipher", MF_STAGE_MAIL },
		{ "macro.{auth_type}", MF_STAGE_MAIL }, { "macro.rcpt_addr", MF_STAGE_RCPT },
		{ "macro.i", MF_STAGE_DATA }, { "macro.msg_id", MF_STAGE_MESSAGE },
		{ "macro.of_our_own", MF_STAGE_MESSAGE },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_int_equal(parsed(known[i].name).stage, known[i].stage);
}

static void
test_headers(void **state)
{
	struct field field = parsed("header.X-Spam.Level");

	(void)state;
	assert_string_equal(field.name, "X-Spam.Level");
	assert_int_equal(field.part, FIELD_WHOLE);
	assert_true(field.several);
	assert_true(field.decoded);
	field = parsed("header.From.domain");
	assert_string_equal(field.name, "From");
	assert_int_equal(field.part, FIELD_DOMAIN);
	assert_true(field.nocase);
	assert_false(field.decoded);
	field = parsed("header.Received.count");
	assert_string_equal(field.name, "Received");
	assert_int_equal(field.type, FIELD_NUMBER);
	field = parsed("header.domain");
	assert_string_equal(field.name, "domain");
	assert_int_equal(field.part, FIELD_WHOLE);
	field = parsed("header.Subject.raw");
	assert_int_equal(field.part, FIELD_RAW);
	assert_false(field.decoded);
}

static void
test_results_and_symbols(void **state)
{
	struct field field = parsed("result.dkim.header.d");

	(void)state;
	assert_string_equal(field.name, "dkim");
	assert_string_equal(field.property, "header.d");
	assert_true(field.several);
	field = parsed("result.dkim.pass.header.d");
	assert_string_equal(field.property, "pass.header.d");
	field = parsed("result.spf.reason");
	assert_string_equal(field.name, "spf");
	assert_string_equal(field.property, "reason");
	field = parsed("symbol.BAYES.99");
	assert_string_equal(field.name, "BAYES.99");
	assert_int_equal(field.type, FIELD_NUMBER);
}

static void
test_macros(void **state)
{
	struct field field = parsed("macro.{auth_type}");

	(void)state;
	assert_string_equal(field.name, "{auth_type}");
	assert_string_equal(field.macros[0], "{auth_type}");
	field = parsed("macro.auth_type");
	assert_string_equal(field.name, "{auth_type}");
	assert_string_equal(parsed("macro.{j}").name, "j");
	assert_string_equal(parsed("macro._").name, "_");
	assert_string_equal(parsed("auth.user").macros[0], "{auth_authen}");
	assert_null(parsed("auth.user").macros[1]);
	assert_null(parsed("sender").macros[0]);
}

static void
test_unknown_names_get_the_nearest(void **state)
{
	(void)state;
	assert_refused("client.addr", "unknown field \"client.addr\"; did you mean \"client.ip\"?");
	assert_refused("recipent", "unknown field \"recipent\"; did you mean \"recipient\"?");
	assert_refused("heder.Subject",
	    "unknown field \"heder.Subject\"; did you mean \"header.Subject\"?");
	assert_refused("marco.j", "unknown field \"marco.j\"; did you mean \"macro.j\"?");
	assert_refused("boddy", "unknown field \"boddy\"; did you mean \"body\"?");
	assert_refused("part", "unknown field \"part\"; did you mean \"part.type\"?");
	assert_refused("client", "unknown field \"client\"; did you mean \"client.ip\"?");
	assert_refused("zzzzzz", "unknown field \"zzzzzz\"");
	assert_refused("", "unknown field \"\"");
	assert_refused("foo.ip", "unknown field \"foo.ip\"");
	assert_refused("attachment.nam",
	    "unknown field \"attachment.nam\"; did you mean \"attachment.name\"?");
	assert_refused("header", "unknown field \"header\"; did you mean \"headers\"?");
}

static void
test_bad_names_behind_a_known_head(void **state)
{
	(void)state;
	assert_refused("header.", "\"\" is not the name of a header field (RFC 5322 section 2.2)");
	assert_refused("header.a:b",
	    "\"a:b\" is not the name of a header field (RFC 5322 section 2.2)");
	assert_refused("header.K\xc3\xa4se",
	    "\"K\xc3\xa4se\" is not the name of a header field (RFC 5322 section 2.2)");
	assert_refused("header.From.domian",
	    "unknown part of a header field in \"header.From.domian\"; did you mean \".domain\"?");
	assert_refused("symbol.", "expected the name of a symbol behind \"symbol.\"");
	assert_refused("result.spf", "expected result.METHOD.value, result.METHOD.reason or a "
	    "property such as result.dkim.header.d");
	assert_refused("result.spf.vaule", "unknown part \"vaule\" of a result; expected value, "
	    "reason or a property with its type, such as header.d");
	assert_refused("macro.{}",
	    "expected the name of a macro behind \"macro.\", such as macro.j or macro.auth_type");
	assert_refused("macro.a-b",
	    "expected the name of a macro behind \"macro.\", such as macro.j or macro.auth_type");
	assert_refused("env.", "expected the name of an environment variable behind \"env.\"");
}

static void
test_equality(void **state)
{
	struct field a = parsed("header.subject"), b = parsed("header.Subject");
	struct field c = parsed("header.Subject.raw");
	struct field d = parsed("macro.{i}"), e = parsed("macro.i");

	(void)state;
	assert_true(field_equal(&a, &b));
	assert_false(field_equal(&b, &c));
	assert_true(field_equal(&d, &e));
	a = parsed("symbol.X");
	b = parsed("symbol.x");
	assert_false(field_equal(&a, &b));
	a = parsed("result.dkim.header.d");
	b = parsed("result.dkim.header.i");
	assert_false(field_equal(&a, &b));
}

/* One row of the table of fields in docs/language.md. */
static const char *
row_of(const struct field_entry *entry)
{
	static const char *const stages[] = { "start", "connect", "helo", "mail", "rcpt", "data",
		"header", "eoh", "body", "message" };
	static const char *const types[] = { "text", "number", "address" };

	return arena_printf(arena, "| `%s` | %s%s | %s | %s |\n", entry->pattern,
	    types[entry->type], entry->several ? "s" : "",
	    entry->id == FIELD_MACRO ? "see below" : stages[entry->stage], entry->help);
}

static void
test_the_docs_have_this_table(void **state)
{
	const char *folder = getenv("SRC_DIR");
	const struct field_entry *entry;
	char *text = NULL;
	size_t room = 0;
	FILE *page;

	(void)state;
	if (!folder)
		skip();
	page = fopen(arena_printf(arena, "%s/docs/language.md", folder), "r");
	assert_non_null(page);
	assert_true(getdelim(&text, &room, '\0', page) > 0);
	fclose(page);
	for (entry = field_entries; entry->pattern; entry++)
		if (!strstr(text, row_of(entry)))
			fail_msg("docs/language.md lacks the row %s", row_of(entry));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_plain_name_of_the_table_is_known),
		cmocka_unit_test(test_stages),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_results_and_symbols),
		cmocka_unit_test(test_macros),
		cmocka_unit_test(test_unknown_names_get_the_nearest),
		cmocka_unit_test(test_bad_names_behind_a_known_head),
		cmocka_unit_test(test_equality),
		cmocka_unit_test(test_the_docs_have_this_table),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decoded header values: the examples of RFC 2047, what real mail does, what attackers do, and
 * the list of another parser (unstructured.json), whose other readings are judged one by one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/message/decode.h"
#include "filterd/util/buffer.h"
#include "tests/unit/suites.h"

struct example {
	const char *value;
	const char *decoded;
};

static void
check_examples(const struct example *examples, size_t count)
{
	struct arena *arena = arena_create(0, 0);
	size_t i;

	for (i = 0; i < count; i++) {
		struct str decoded = header_decode(arena, str_of(examples[i].value));

		assert_string_equal(decoded.data, examples[i].decoded);
		assert_int_equal(decoded.data[decoded.length], '\0');
	}
	arena_destroy(&arena);
}

#define CHECK(examples) check_examples(examples, sizeof(examples) / sizeof((examples)[0]))

static void
plain_values_are_borrowed(void **state)
{
	struct arena *arena = arena_create(0, 0);
	struct str value = STR(" plain text");
	struct str trailing = STR(" text \t");

	(void)state;
	assert_ptr_equal(header_decode(arena, value).data, value.data + 1);
	assert_int_equal(header_decode(arena, value).length, 10);
	assert_int_equal(arena_used(arena), 0);
	assert_string_equal(header_decode(arena, trailing).data, "text");
	assert_string_equal(header_decode(arena, STR("")).data, "");
	assert_string_equal(header_decode(arena, STR(" \t")).data, "");
	arena_destroy(&arena);
}

static void
folds_and_controls_vanish(void **state)
{
	static const struct example examples[] = {
		{ " one\n two", "one two" },
		{ " one\r\n\ttwo", "one two" },
		{ "\n one", "one" },
		{ " a\tb\001c\177d", "a b c d" },
		{ " a\nb\rc", "a b c" },
		{ " \303\274\n \303\244", "\303\274 \303\244" },
		{ " a\302\205b\342\200\250c", "a b c" },
	};

	(void)state;
	CHECK(examples);
}

static void
invalid_utf8_is_replaced(void **state)
{
	static const struct example examples[] = {
		{ " gr\374n", "gr\357\277\275n" },
		{ " \303\050", "\357\277\275(" },
		{ " \300\257", "\357\277\275\357\277\275" },
		{ " \355\240\200", "\357\277\275\357\277\275\357\277\275" },
		{ " \364\220\200\200", "\357\277\275\357\277\275\357\277\275\357\277\275" },
		{ " \342\202", "\357\277\275\357\277\275" },
		{ " \360\237\230\200", "\360\237\230\200" },
	};

	(void)state;
	CHECK(examples);
}

static void
rfc2047_section_8(void **state)
{
	static const struct example examples[] = {
		{ "=?ISO-8859-1?Q?a?=", "a" },
		{ "=?ISO-8859-1?Q?a?= b", "a b" },
		{ "=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab" },
		{ "=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=", "ab" },
		{ "=?ISO-8859-1?Q?a?=\n    =?ISO-8859-1?Q?b?=", "ab" },
		{ "=?ISO-8859-1?Q?a_b?=", "a b" },
		{ "=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=", "a b" },
		{ " =?US-ASCII*EN?Q?Keith_Moore?= <moore@cs.utk.edu>",
		    "Keith Moore <moore@cs.utk.edu>" },
		{ "=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?=", "Keld J\303\270rn Simonsen" },
		{ "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\n"
		    " =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
		    "If you can read this you understand the example." },
		{ "(=?iso-8859-8?b?7eXs+SDv4SDp7Oj08A==?=)",
		    "(\327\235\327\225\327\234\327\251 \327\237\327\221 \327\231\327\234\327\230"
		    "\327\244\327\240)" },
	};

	(void)state;
	CHECK(examples);
}

static void
sloppy_words_are_read(void **state)
{
	static const struct example examples[] = {
		{ "=?utf-8?q?two words?=", "two words" },
		{ "=?utf-8?q?fol\n ded?=", "folded" },
		{ "=?utf-8?b?aGFs\r\n bG8?=", "hallo" },
		{ "=?utf-8?b?aGFsbG8?=", "hallo" },
		{ "=?utf-8?b?aGE=bGxv?=", "hallo" },
		{ "=?utf-8?b?a*G!Fs-bG8=?=", "hallo" },
		{ "Re:=?utf-8?q?a?=b", "Re:ab" },
		{ "\"=?utf-8?q?a?=\"", "\"a\"" },
		{ "=?utf-8?q?=zz=4?=", "=zz=4" },
		{ "=?utf-8?q?=3D?=", "=" },
		{ "=?utf-8?q?a?==?utf-8?q?b?=", "ab" },
		{ "=?utf-8?x?a?=", "=?utf-8?x?a?=" },
		{ "=?utf-8?q?a", "=?utf-8?q?a" },
		{ "=?utf 8?q?a?=", "=?utf 8?q?a?=" },
		{ "=? =?utf-8?q?a?=", "=? a" },
		{ "=?utf-8?q?\?=", "" },
		{ "=?", "=?" },
		{ "?=", "?=" },
		{ "=?=?=?=?=", "=?=?=?=?=" },
	};

	(void)state;
	CHECK(examples);
}

/* A character cut in two by a sender that counts bytes. */
static void
characters_span_words(void **state)
{
	static const struct example examples[] = {
		{ "=?utf-8?q?=C3?= =?UTF-8?q?=BC?=", "\303\274" },
		{ "=?utf-8?b?4oI=?=\n =?utf-8?q?=AC?=", "\342\202\254" },
		{ "=?utf-8?q?=C3?= =?us-ascii?q?a?=", "\357\277\275a" },
		{ "=?utf-8?q?=C3?= x =?utf-8?q?=BC?=", "\357\277\275 x \357\277\275" },
		{ "=?gb2312?b?1g==?= =?gb2312?b?0A==?=", "\344\270\255" },
		{ "=?iso-2022-jp?b?GyRCJCIbKEI=?= =?iso-2022-jp?b?GyRCJCQbKEI=?=",
		    "\343\201\202\343\201\204" },
	};

	(void)state;
	CHECK(examples);
}

static void
charsets_are_converted(void **state)
{
	static const struct example examples[] = {
		{ "=?windows-1252?q?=80?=", "\342\202\254" },
		{ "=?iso-8859-1?q?=80?=", "\342\202\254" },
		{ "=?koi8-r?q?=C1?=", "\320\260" },
		{ "=?shift_jis?b?g2U=?=", "\343\203\206" },
		{ "=?utf-7?q?+AOQ-?=", "\303\244" },
		{ "=?utf-16be?b?AGEA5A==?=", "a\303\244" },
		{ "=?utf-16be?b?AGEA?=", "a\357\277\275" },
		{ "=?us-ascii?q?=FC?=", "\357\277\275" },
		{ "=?cp1255?q?=E0?=", "\327\220" },
		{ "=?utf-8?q?=00=0A=0D?=x", "x" },
		{ "=?utf-8?q?a=00b?=", "a b" },
		{ "=?nonesuch?q?=C3=BC_=FC?=", "\303\274 \357\277\275" },
		{ "=??q?a?=", "a" },
		{ "=?utf-8//IGNORE?q?a=FFb?=", "a\357\277\275b" },
		{ "=?../../../tmp/x?q?a?=", "a" },
	};

	(void)state;
	CHECK(examples);
}

/* The cache of converters holds fewer than are used here. */
static void
many_charsets_take_turns(void **state)
{
	struct arena *arena = arena_create(0, 0);
	int round, part;

	(void)state;
	for (round = 0; round < 3; round++) {
		for (part = 1; part <= 15; part++) {
			const char *value = arena_printf(arena, "=?iso-8859-%d?q?=41?=", part);

			assert_string_equal(header_decode(arena, str_of(value)).data, "A");
			value = arena_printf(arena, "=?none-%d?q?=41?=", part);
			assert_string_equal(header_decode(arena, str_of(value)).data, "A");
		}
	}
	arena_destroy(&arena);
}

static void *
decode_in_thread(void *argument)
{
	many_charsets_take_turns(argument);
	return NULL;
}

static void
threads_have_their_own_converters(void **state)
{
	pthread_t threads[4];
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, decode_in_thread, NULL), 0);
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
}

/* Nothing may cost more than its length; these took minutes if it did. */
static void
hostile_values_cost_their_length(void **state)
{
	static const char *const pieces[] = {
		"=?", "=?a?q?", "=?utf-8?q?x", "=?x?b?\?=", "?=", "=?utf-8*", "\n ",
		"=?utf-8?q?=FF?= "
	};
	struct arena *arena = arena_create(0, 0);
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct buffer value = { 0 };
		struct str decoded;

		for (j = 0; j < 200000; j++)
			buffer_add_text(&value, pieces[i]);
		decoded = header_decode(arena, (struct str){ value.data, value.length });
		assert_in_range(decoded.length, 0, 4 * value.length);
		assert_true(utf8_valid(decoded));
		buffer_free(&value);
	}
	arena_destroy(&arena);
}

static void
utf8_is_judged_by_rfc_3629(void **state)
{
	(void)state;
	assert_true(utf8_valid(STR("")));
	assert_true(utf8_valid(STR("a\303\274\342\202\254\360\237\230\200")));
	assert_true(utf8_valid(STR("\364\217\277\277")));
	assert_false(utf8_valid(STR("\200")));
	assert_false(utf8_valid(STR("\301\277")));
	assert_false(utf8_valid(STR("\340\237\277")));
	assert_false(utf8_valid(STR("\355\240\200")));
	assert_false(utf8_valid(STR("\360\217\277\277")));
	assert_false(utf8_valid(STR("\364\220\200\200")));
	assert_false(utf8_valid(STR("\303")));
	assert_false(utf8_valid(STR("\370\210\200\200\200")));
}

/* Where our reading differs from the suite's, and why. */
static const struct difference differences[] = {
	{ " Fwd: \n\tSaying \n Hello\r\n", "Fwd:  Saying  Hello",
	    "unfolding takes the line end away and leaves all blanks (RFC 5322 section 2.2.3)" },
	{ " FWD: \n Saying Hello \nX-Mailer: 123\r\n", "FWD:  Saying Hello", "the same" },
	{ " from x.y.test\n      by example.net\n      via TCP\n      with ESMTP\n"
	    "      id ABC12345\n      for <mary@example.net>;  21 Nov 1997 10:05:43 -0600\n",
	    "from x.y.test      by example.net      via TCP      with ESMTP      id ABC12345"
	    "      for <mary@example.net>;  21 Nov 1997 10:05:43 -0600", "the same" },
	{ " let's = try =?iso-8859-1? to break\n =? the \n parser\n",
	    "let's = try =?iso-8859-1? to break =? the  parser", "the same" },
	{ "[SUSPECTED SPAM]=?utf-8?B?VGhpcyBpcyB0aGUgb3JpZ2luYWwgc3ViamVjdA==?=\n",
	    "[SUSPECTED SPAM]This is the original subject",
	    "no blank is made up where none was sent" },
	{ "[SUSPECTED SPAM]=?utf-8?B?VGhpcyBpcyB0aGUgb\n 3JpZ2luYWwgc3ViamVjdA==?=\n",
	    "[SUSPECTED SPAM]This is the original subject", "the same" },
	{ "[SUSPECTED SPAM]=?utf-8?B?VGhpcyBpcyB0aGUgb\r\n 3JpZ2luYWwgc3ViamVjdA==?=\r\n",
	    "[SUSPECTED SPAM]This is the original subject", "the same" },
	{ "Some text =?utf-8?Q?\?=here\n", "Some text here", "the same" },
};

static void
another_parsers_list(void **state)
{
	json_t *list = suites_load("mime/stalwart-mail-parser/unstructured.json");
	struct arena *arena = arena_create(0, 0);
	const size_t known = sizeof(differences) / sizeof(differences[0]);
	size_t i, differing = 0;
	json_t *entry;

	(void)state;
	json_array_foreach(list, i, entry) {
		const char *header = json_string_value(json_object_get(entry, "header"));
		const char *expected = json_string_value(json_object_get(entry, "expected"));
		const struct difference *difference = suites_difference(differences, known, header);
		struct str value = suites_value(arena, header);

		differing += difference != NULL;
		assert_string_equal(header_decode(arena, value).data,
		    difference ? difference->ours : expected);
		if (difference)
			assert_string_not_equal(difference->ours, expected);
	}
	assert_true(i > 25);
	assert_int_equal(differing, known);
	arena_destroy(&arena);
	json_decref(list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_values_are_borrowed),
		cmocka_unit_test(folds_and_controls_vanish),
		cmocka_unit_test(invalid_utf8_is_replaced),
		cmocka_unit_test(rfc2047_section_8),
		cmocka_unit_test(sloppy_words_are_read),
		cmocka_unit_test(characters_span_words),
		cmocka_unit_test(charsets_are_converted),
		cmocka_unit_test(many_charsets_take_turns),
		cmocka_unit_test(threads_have_their_own_converters),
		cmocka_unit_test(hostile_values_cost_their_length),
		cmocka_unit_test(utf8_is_judged_by_rfc_3629),
		cmocka_unit_test(another_parsers_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

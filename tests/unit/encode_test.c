/* SPDX-License-Identifier: BSD-2-Clause */
/* Text to header values: what stays, what is encoded, where it folds, and that decoding gives the
 * text back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/message/decode.h"
#include "filterd/message/encode.h"

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

static void
check(const char *text, const char *expected)
{
	assert_string_equal(header_encode(arena, str_of(text), strlen("Subject")).data, expected);
}

static void
ascii_stays(void **state)
{
	(void)state;
	check("plain words", " plain words");
	check("two  blanks\tand a tab", " two  blanks and a tab");
	check("", " ");
	check("line\r\nInjected: yes", " line  Injected: yes");
}

static void
other_words_are_encoded(void **state)
{
	(void)state;
	check("Gr\xc3\xbc\xc3\x9f" "e", " =?UTF-8?B?R3LDvMOfZQ==?=");
	check("an \xc3\xa4rgerlich here", " an =?UTF-8?Q?=C3=A4rgerlich?= here");
	check("=?not?= one", " =?UTF-8?B?PT9ub3Q/PQ==?= one");
	check("bad \xff byte", " bad =?UTF-8?B?77+9?= byte");
}

static void
long_text_folds(void **state)
{
	char text[400];
	const char *line, *value;
	size_t i;

	(void)state;
	for (i = 0; i + 1 < sizeof(text); i++)
		text[i] = i % 9 == 8 ? ' ' : 'x';
	text[sizeof(text) - 1] = '\0';
	value = header_encode(arena, str_of(text), 7).data;
	for (line = value; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		assert_true(strcspn(line, "\n") <= 77);
		assert_int_equal(line[0], ' ');
	}
	assert_string_equal(header_decode(arena, str_of(value)).data, text);
}

/* Whatever characters it is made of, the encoded value decodes to the text, in lines of at most 76
 * columns. */
static void
decoding_gives_it_back(void **state)
{
	static const char *const pieces[] = { "a", " ", "\xc3\xa9", "\xe2\x82\xac",
	    "\xf0\x9f\x98\x80", "=?", "_", "?=", "word" };
	unsigned seed;

	(void)state;
	for (seed = 0; seed < 2000; seed++) {
		unsigned random = seed * 2654435761u + 1;
		char text[600] = "b";
		const char *value;
		size_t i;

		for (i = 0; i < seed % 120; i++) {
			random = random * 1103515245u + 12345;
			strcat(text, pieces[(random >> 16) % (sizeof(pieces) / sizeof(pieces[0]))]);
		}
		strcat(text, "e");
		value = header_encode(arena, str_of(text), 7).data;
		assert_string_equal(header_decode(arena, str_of(value)).data, text);
		for (i = 0; value[i]; i++)
			assert_true((unsigned char)value[i] < 0x80);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ascii_stays),
		cmocka_unit_test(other_words_are_encoded),
		cmocka_unit_test(long_text_folds),
		cmocka_unit_test(decoding_gives_it_back),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Canonicalisation: RFC 6376's examples, the edges that it leaves to the reader, chunks cut
 * anywhere, and which fields h= chooses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "plugins/dkim/hash.h"

static char written[1 << 16];
static size_t written_size;

static void
collect(void *to, const void *bytes, size_t size)
{
	assert_null(to);
	assert_true(size <= sizeof(written) - written_size);
	memcpy(written + written_size, bytes, size);
	written_size += size;
}

static void
assert_written(const char *expected, size_t size)
{
	assert_int_equal(written_size, size);
	assert_memory_equal(written, expected, size);
}

/* ---- body ---- */

/* Canonicalises in chunks; chunk 0: cut at random. Returns the size of the whole. */
static uint64_t
canonicalise(enum dkim_canon canon, const char *bytes, size_t size, size_t chunk, uint64_t limit)
{
	struct dkim_body body;
	size_t at, length;

	written_size = 0;
	dkim_body_start(&body, canon, limit, collect, NULL);
	for (at = 0; at < size; at += length) {
		length = chunk ? chunk : (size_t)(rand() % 100);
		if (length > size - at)
			length = size - at;
		dkim_body_put(&body, bytes + at, length);
	}
	dkim_body_finish(&body);
	return body.size;
}

static void
assert_body(enum dkim_canon canon, const char *bytes, const char *expected)
{
	size_t chunk, size = strlen(expected);

	for (chunk = 1; chunk < 9; chunk++) {
		assert_int_equal(canonicalise(canon, bytes, strlen(bytes), chunk, DKIM_WHOLE_BODY),
		    size);
		assert_written(expected, size);
	}
}

static void
bodies_of_the_rfc(void **state)
{
	(void)state;
	/* section 3.4.5 */
	assert_body(DKIM_RELAXED, " C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n");
	assert_body(DKIM_SIMPLE, " C \r\nD \t E\r\n\r\n\r\n", " C \r\nD \t E\r\n");
}

static void
empty_bodies(void **state)
{
	(void)state;
	assert_body(DKIM_SIMPLE, "", "\r\n");
	assert_body(DKIM_SIMPLE, "\r\n", "\r\n");
	assert_body(DKIM_SIMPLE, "\r\n\r\n\r\n", "\r\n");
	assert_body(DKIM_SIMPLE, " \r\n\r\n", " \r\n");
	assert_body(DKIM_RELAXED, "", "");
	assert_body(DKIM_RELAXED, "\r\n", "");
	assert_body(DKIM_RELAXED, " \t\r\n\r\n \r\n", "");
	assert_body(DKIM_RELAXED, " \t", "");
}

static void
ends_of_bodies(void **state)
{
	(void)state;
	assert_body(DKIM_SIMPLE, "a", "a\r\n");
	assert_body(DKIM_SIMPLE, "a\r", "a\r\r\n");
	assert_body(DKIM_SIMPLE, "a\n", "a\n\r\n");
	assert_body(DKIM_SIMPLE, "a\r\n\r", "a\r\n\r\r\n");
	assert_body(DKIM_SIMPLE, "\r\n\r\na", "\r\n\r\na\r\n");
	assert_body(DKIM_SIMPLE, "a\r\r\n\r\n", "a\r\r\n");
	assert_body(DKIM_RELAXED, "a", "a\r\n");
	assert_body(DKIM_RELAXED, "a \t", "a\r\n");
	assert_body(DKIM_RELAXED, "a \r", "a \r\r\n");
	assert_body(DKIM_RELAXED, "a \rb", "a \rb\r\n");
	assert_body(DKIM_RELAXED, "a \nb", "a \nb\r\n");
	assert_body(DKIM_RELAXED, "a \r\r\nb", "a \r\r\nb\r\n");
	assert_body(DKIM_RELAXED, "a\r\n\r\n \r\nb\r\n", "a\r\n\r\n\r\nb\r\n");
	assert_body(DKIM_RELAXED, "\t\ta\tb  c \t \r\n", " a b c\r\n");
}

static void
length_limits(void **state)
{
	(void)state;
	assert_int_equal(canonicalise(DKIM_RELAXED, "a  b\r\nc\r\n", 9, 2, 3), 8);
	assert_written("a b", 3);
	assert_int_equal(canonicalise(DKIM_SIMPLE, "a  b\r\nc\r\n", 9, 2, 100), 9);
	assert_written("a  b\r\nc\r\n", 9);
	assert_int_equal(canonicalise(DKIM_SIMPLE, "abc", 3, 2, 0), 5);
	assert_written("", 0);
	assert_int_equal(canonicalise(DKIM_SIMPLE, "abc", 3, 2, 4), 5);
	assert_written("abc\r", 4);
}

/* The rules of section 3.4.4 one after the other, on the whole. Returns the size. */
static size_t
slow_relaxed(const char *bytes, size_t size, char *out)
{
	size_t i, used = 0;

	for (i = 0; i < size; i++) {
		size_t blanks = 0;

		while (i + blanks < size &&
		    (bytes[i + blanks] == ' ' || bytes[i + blanks] == '\t'))
			blanks++;
		i += blanks;
		if (i == size)
			break;
		if (blanks && !(bytes[i] == '\r' && i + 1 < size && bytes[i + 1] == '\n'))
			out[used++] = ' ';
		out[used++] = bytes[i];
	}
	while (used > 1 && out[used - 1] == '\n' && out[used - 2] == '\r')
		used -= 2;
	if (used) {
		out[used++] = '\r';
		out[used++] = '\n';
	}
	return used;
}

static void
random_bodies_in_random_chunks(void **state)
{
	static const char *const words[] = {
		" ", "  ", "\t", "\r\n", "\r\n\r\n", "\r", "\n", "word", "",
		"longer words and blanks",
		"0123456789012345678901234567890123456789012345678901234567890123456789"
	};
	static char body[40000], expected[50000];
	size_t round, i, size;

	(void)state;
	srand(1);
	for (round = 0; round < 3000; round++) {
		size_t pieces = (size_t)(rand() % 60);

		for (size = i = 0; i < pieces; i++) {
			const char *word = words[rand() % 11];

			memcpy(body + size, word, strlen(word));
			size += strlen(word);
		}
		i = slow_relaxed(body, size, expected);
		canonicalise(DKIM_RELAXED, body, size, 0, DKIM_WHOLE_BODY);
		assert_written(expected, i);
		canonicalise(DKIM_RELAXED, body, size, size + 1, DKIM_WHOLE_BODY);
		assert_written(expected, i);
	}
}

/* ---- header fields ---- */

static void
assert_field(enum dkim_canon canon, const char *name, const char *value, const char *expected)
{
	struct dkim_field field = { dkim_text_of(name), dkim_text_of(value) };
	struct dkim_output output;

	written_size = 0;
	dkim_output_start(&output, collect, NULL);
	dkim_canon_field(canon, &field, &output);
	dkim_output_flush(&output);
	assert_written(expected, strlen(expected));
}

static void
fields_of_the_rfc(void **state)
{
	(void)state;
	/* section 3.4.5 */
	assert_field(DKIM_RELAXED, "A", " X", "a:X\r\n");
	assert_field(DKIM_RELAXED, "B ", " Y\t\n\tZ  ", "b:Y Z\r\n");
	assert_field(DKIM_SIMPLE, "B ", " Y\t\n\tZ  ", "B : Y\t\r\n\tZ  \r\n");
	assert_field(DKIM_RELAXED, "Empty", "", "empty:\r\n");
	assert_field(DKIM_RELAXED, "Empty", " \n ", "empty:\r\n");
	assert_field(DKIM_SIMPLE, "Empty", "", "Empty:\r\n");
	assert_field(DKIM_RELAXED, "C", "a\rb", "c:a\rb\r\n");
}

static void
the_signature_is_emptied(void **state)
{
	struct dkim_field field = { { "S", 1 }, { " a; b= xy\n z ; c", 16 } };
	struct dkim_text raw = { field.value.data + 6, 7 };
	struct dkim_output output;

	(void)state;
	written_size = 0;
	dkim_output_start(&output, collect, NULL);
	dkim_canon_signature(DKIM_RELAXED, &field, raw, &output);
	dkim_output_flush(&output);
	assert_written("s:a; b=; c", 10);
	written_size = 0;
	dkim_canon_signature(DKIM_SIMPLE, &field, raw, &output);
	dkim_output_flush(&output);
	assert_written("S: a; b=; c", 11);
}

static void
names_choose_from_the_bottom(void **state)
{
	static const struct dkim_field fields[] = {
		{ { "Self", 4 }, { "0", 1 } }, { { "To", 2 }, { "1", 1 } },
		{ { "x", 1 }, { "2", 1 } }, { { "TO", 2 }, { "3", 1 } },
		{ { "self", 4 }, { "4", 1 } }
	};
	struct dkim_output output;

	(void)state;
	written_size = 0;
	dkim_output_start(&output, collect, NULL);
	dkim_hash_fields(DKIM_SIMPLE, fields, 5, 0,
	    dkim_text_of("to : x: X :none:\n\tto: to :self:self"), &output);
	dkim_output_flush(&output);
	assert_written("TO:3\r\nx:2\r\nTo:1\r\nself:4\r\n", 25);
	assert_int_equal(dkim_names_count(dkim_text_of("to:x:TO"), "To"), 2);
	assert_int_equal(dkim_fields_count(fields, 5, dkim_text_of("tO")), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bodies_of_the_rfc),
		cmocka_unit_test(empty_bodies),
		cmocka_unit_test(ends_of_bodies),
		cmocka_unit_test(length_limits),
		cmocka_unit_test(random_bodies_in_random_chunks),
		cmocka_unit_test(fields_of_the_rfc),
		cmocka_unit_test(the_signature_is_emptied),
		cmocka_unit_test(names_choose_from_the_bottom),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* What edits may ask for, kind by kind, and how they are copied. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "filterd/message/model.h"

struct example {
	const char *text;
	size_t length;		/* 0: as strlen says */
	bool legal;
};

static struct str
example_str(const struct example *example)
{
	return (struct str){ example->text,
	    example->length ? example->length : strlen(example->text) };
}

static void
names_are_printable_ascii(void **state)
{
	static const struct example examples[] = {
		{ "Subject", 0, true },
		{ "x", 0, true },
		{ "!\"#$%&'()*+,-./0129;<=>?@AZ[\\]^_`az{|}~", 0, true },
		{ "", 0, false },
		{ "Sub ject", 0, false },
		{ "Subject ", 0, false },
		{ "Subject:", 0, false },
		{ "Sub\tject", 0, false },
		{ "Sub\nject", 0, false },
		{ "S\303\274bject", 0, false },
		{ "Subject\177", 0, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct edit edit = { .kind = EDIT_HEADER_ADD, .name = examples[i].text };
		struct edit delete = { .kind = EDIT_HEADER_DELETE, .name = examples[i].text };

		assert_int_equal(!edit_check(&edit), examples[i].legal);
		assert_int_equal(!edit_check(&delete), examples[i].legal);
	}
	assert_non_null(edit_check(&(struct edit){ .kind = EDIT_HEADER_SET }));
}

static void
values_fold_at_blanks(void **state)
{
	static const struct example examples[] = {
		{ "", 0, true },
		{ " x", 0, true },
		{ " \t", 0, true },
		{ " x\n y\n\tz", 0, true },
		{ " x\r\n y", 0, true },
		{ "\n y", 0, true },
		{ " \303\274 \377", 0, true },
		{ " x\ny", 0, false },
		{ " x\n", 0, false },
		{ " x\r\n", 0, false },
		{ " x\n ", 0, false },
		{ " x\n \t\n y", 0, false },
		{ " x\r\n \r\n y", 0, false },
		{ " x\n\n y", 0, false },
		{ " x\r y", 0, false },
		{ " x\r", 0, false },
		{ " x\r\r\n y", 0, false },
		{ " x\0y", 4, false },
		{ "\0", 1, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct edit edit = { .kind = EDIT_HEADER_SET, .name = "X" };

		edit.value = example_str(&examples[i]);
		if (!edit_check(&edit) != examples[i].legal)
			fail_msg("value %zu: %s", i, edit_check(&edit));
	}
}

static void
fields_are_bounded(void **state)
{
	static char name[1000], value[59001];
	struct edit edit = { .kind = EDIT_HEADER_ADD, .name = name };

	(void)state;
	memset(name, 'n', 998);
	memset(value, 'v', sizeof(value) - 1);
	assert_null(edit_check(&edit));
	edit.value = (struct str){ value, 59000 - 998 };
	assert_null(edit_check(&edit));
	edit.value.length++;
	assert_non_null(edit_check(&edit));
	edit.value.length = 0;
	name[998] = 'n';
	assert_non_null(edit_check(&edit));
}

static void
addresses_fit_between_brackets(void **state)
{
	static const struct example examples[] = {
		{ "a@b", 0, true },
		{ "\"a>b\"@c", 0, true },
		{ "\"a\\\">b\"@c", 0, true },
		{ "root", 0, true },
		{ "\303\274@b", 0, true },
		{ "<a@b>", 0, false },
		{ "a@b>", 0, false },
		{ "a@b\r", 0, false },
		{ "a\n@b", 0, false },
		{ "a\0@b", 4, false },
		{ "a@b\177", 0, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct edit edit = { .kind = EDIT_SENDER, .value = example_str(&examples[i]) };

		assert_int_equal(!edit_check(&edit), examples[i].legal);
		edit.kind = EDIT_RECIPIENT_ADD;
		assert_int_equal(!edit_check(&edit), examples[i].legal);
		edit.kind = EDIT_RECIPIENT_DELETE;
		assert_int_equal(!edit_check(&edit), examples[i].legal);
	}
}

/* One that an MTA has accepted can be deleted, whatever it looks like. */
static void
new_addresses_are_well_formed(void **state)
{
	static const struct example examples[] = {
		{ "\"a b\"@c", 0, true },
		{ "\"a\\\" b\"@c", 0, true },
		{ "a b@c", 0, false },
		{ " a@b", 0, false },
		{ "a@b, c@d", 0, false },
		{ "\"a b@c", 0, false },
		{ "\"a\\\"@c", 0, false },
		{ "\"a> NOTIFY=NEVER", 0, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct edit edit = { .kind = EDIT_SENDER, .value = example_str(&examples[i]) };

		assert_int_equal(!edit_check(&edit), examples[i].legal);
		edit.kind = EDIT_RECIPIENT_ADD;
		assert_int_equal(!edit_check(&edit), examples[i].legal);
		edit.kind = EDIT_RECIPIENT_DELETE;
		assert_null(edit_check(&edit));
	}
}

static void
only_the_sender_may_be_empty(void **state)
{
	struct edit edit = { .kind = EDIT_SENDER, .value = STR("") };
	static char endless[1100];

	(void)state;
	assert_non_null(edit_check(&(struct edit){ .kind = EDIT_SENDER }));
	assert_null(edit_check(&edit));
	edit.kind = EDIT_RECIPIENT_ADD;
	assert_non_null(edit_check(&edit));
	edit.kind = EDIT_RECIPIENT_DELETE;
	assert_non_null(edit_check(&edit));
	edit.value.data = NULL;
	assert_null(edit_check(&edit));
	memset(endless, 'a', sizeof(endless) - 1);
	edit = (struct edit){ .kind = EDIT_SENDER, .value = { endless, 1000 } };
	assert_null(edit_check(&edit));
	edit.value.length = 1001;
	assert_non_null(edit_check(&edit));
	edit = (struct edit){ .kind = EDIT_SENDER, .value = STR("a@b"), .arguments = "RET=HDRS" };
	assert_null(edit_check(&edit));
	edit.arguments = "RET=HDRS\r\n";
	assert_non_null(edit_check(&edit));
	edit.arguments = endless;
	assert_non_null(edit_check(&edit));
}

static void
bodies_and_reasons(void **state)
{
	struct edit edit = { .kind = EDIT_BODY_REPLACE, .value = { "a\0b", 3 } };

	(void)state;
	assert_null(edit_check(&edit));
	edit.kind = EDIT_BODY_APPEND;
	assert_null(edit_check(&edit));
	edit = (struct edit){ .kind = EDIT_QUARANTINE, .value = STR("held for review") };
	assert_null(edit_check(&edit));
	edit.value = STR("");
	assert_non_null(edit_check(&edit));
	edit.value = STR("two\nlines");
	assert_non_null(edit_check(&edit));
}

static void
copies_are_independent(void **state)
{
	struct arena *arena = arena_create(0, 0);
	char name[] = "X", value[] = " a\r\n b", arguments[] = "A=1", body[] = "a\r\n";
	struct edit edit = {
		.kind = EDIT_HEADER_INSERT, .index = 7, .name = name, .value = str_of(value),
		.arguments = arguments, .next = &edit
	};
	struct edit *copy = edit_copy(arena, &edit);

	(void)state;
	memset(name, 0, sizeof(name));
	memset(value, 0, sizeof(value));
	memset(arguments, 0, sizeof(arguments));
	assert_int_equal(copy->kind, EDIT_HEADER_INSERT);
	assert_int_equal(copy->index, 7);
	assert_string_equal(copy->name, "X");
	assert_string_equal(copy->value.data, " a\n b");
	assert_int_equal(copy->value.length, 5);
	assert_string_equal(copy->arguments, "A=1");
	assert_null(copy->next);
	edit = (struct edit){ .kind = EDIT_BODY_REPLACE, .value = str_of(body) };
	copy = edit_copy(arena, &edit);
	assert_string_equal(copy->value.data, "a\r\n");
	arena_destroy(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_printable_ascii),
		cmocka_unit_test(values_fold_at_blanks),
		cmocka_unit_test(fields_are_bounded),
		cmocka_unit_test(addresses_fit_between_brackets),
		cmocka_unit_test(new_addresses_are_well_formed),
		cmocka_unit_test(only_the_sender_may_be_empty),
		cmocka_unit_test(bodies_and_reasons),
		cmocka_unit_test(copies_are_independent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

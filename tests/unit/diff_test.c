/* SPDX-License-Identifier: BSD-2-Clause */
/* What filterd test shows of a message that filters changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "filterd/message/diff.h"

static const struct body_limits limits = { 4096, 0, "/tmp" };

struct change {
	struct edit edit;
	const char *expected;
};

static const struct change changes[] = {
	{ { .kind = EDIT_HEADER_SET, .name = "Subject", .value = { " one", 4 } }, "" },
	{ { .kind = EDIT_HEADER_SET, .name = "Subject", .value = { " a\n b", 5 } },
	    "@@ header, line 1 @@\n-Subject: one\n+Subject: a\n+ b\n" },
	{ { .kind = EDIT_HEADER_DELETE, .name = "Subject" },
	    "@@ header, line 1 @@\n-Subject: one\n" },
	{ { .kind = EDIT_HEADER_ADD, .name = "X", .value = { "\x01", 1 } },
	    "@@ header, line 2 @@\n+X:\\x01\n" },
	{ { .kind = EDIT_BODY_REPLACE, .value = { "", 0 } },
	    "@@ body, line 1 @@\n-first\n-second\n" },
	{ { .kind = EDIT_BODY_REPLACE, .value = { "first\r\nsecond", 13 } }, "" },
	{ { .kind = EDIT_BODY_REPLACE, .value = { "first\r\nnew\r\nsecond\r\n", 20 } },
	    "@@ body, line 2 @@\n+new\n" },
	{ { .kind = EDIT_SENDER, .value = { "", 0 }, .arguments = "SIZE=1" },
	    "@@ envelope, line 1 @@\n-MAIL FROM:<a@x>\n+MAIL FROM:<> SIZE=1\n" },
	{ { .kind = EDIT_RECIPIENT_DELETE }, "@@ envelope, line 2 @@\n-RCPT TO:<b@x>\n" },
	{ { .kind = EDIT_QUARANTINE, .value = { "why", 3 } }, "+quarantine: why\n" },
};

static char *
diff_of(const struct edit *edit, bool body)
{
	struct arena *arena = arena_create(0, 0);
	struct model model;
	struct buffer text = { 0 };

	model_init(&model, arena, &limits, 10, 10);
	model_sender(&model, "<a@x>", NULL);
	assert_true(model_recipient(&model, "<b@x>", NULL));
	assert_true(model_field(&model, STR("Subject"), STR(" one")));
	assert_true(model_body(&model, "first\r\nsecond\r\n", 15));
	assert_true(model_apply(&model, edit));
	model_commit(&model);
	diff_add(&model, &(struct diff_options){ .body = body }, &text);
	buffer_add_text(&text, "");
	arena_destroy(&arena);
	return text.data;
}

static void
each_change_is_shown(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		char *text = diff_of(&changes[i].edit, true);

		assert_string_equal(text, changes[i].expected);
		free(text);
	}
}

static void
of_a_body_that_stays_private_only_sizes(void **state)
{
	const struct edit edit = { .kind = EDIT_BODY_REPLACE, .value = { "new\r\n", 5 } };
	char *text = diff_of(&edit, false);

	(void)state;
	assert_string_equal(text, "@@ body, 5 bytes, was 15 @@\n");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_is_shown),
		cmocka_unit_test(of_a_body_that_stays_private_only_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the memory of what was negotiated on connections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "filterd/mta/reuse.h"

static char places[1000];

static void
remember(size_t place, unsigned silent)
{
	struct mta_request request = { .silent = silent };

	reuse_remember(&places[place], &request);
}

/* 0: forgotten. */
static unsigned
recall(size_t place)
{
	struct mta_request request;

	return reuse_recall(&places[place], &request) ? request.silent : 0;
}

static void
test_a_connection_is_recalled_once(void **state)
{
	(void)state;
	assert_int_equal(recall(1), 0);
	remember(1, 11);
	remember(2, 22);
	assert_int_equal(recall(1), 11);
	assert_int_equal(recall(1), 0);
	assert_int_equal(recall(2), 22);
}

static void
test_the_newest_counts(void **state)
{
	(void)state;
	remember(1, 11);
	remember(1, 12);
	assert_int_equal(recall(1), 12);
	assert_int_equal(recall(1), 0);
}

static void
test_the_oldest_are_forgotten(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		remember(i, (unsigned)i + 1);
	assert_int_equal(recall(0), 0);
	assert_int_equal(recall(999), 1000);
	assert_int_equal(recall(900), 901);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_connection_is_recalled_once),
		cmocka_unit_test(test_the_newest_counts),
		cmocka_unit_test(test_the_oldest_are_forgotten),
	};

	return cmocka_run_group_tests_name("reuse", tests, NULL, NULL);
}

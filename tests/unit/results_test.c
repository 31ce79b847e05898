/* SPDX-License-Identifier: BSD-2-Clause */
/* The results board: entries, score, and what a transaction takes back. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/chain/results.h"

static int
setup(void **state)
{
	*state = arena_create(0, 0);
	return 0;
}

static int
teardown(void **state)
{
	struct arena *arena = *state;

	arena_destroy(&arena);
	return 0;
}

static void
test_entries(void **state)
{
	struct board board;
	struct mf_result *result;
	char text[] = "dkim";

	board_init(&board, *state);
	result = board_add(&board, text, "pass", NULL);
	board_property(result, "header.d", "example.org");
	board_property(result, "header.s", "one");
	board_add(&board, "dkim", "fail", "bad signature");
	board_add(&board, "spf", "none", NULL);
	text[0] = 'x';			/* texts are copied */
	assert_string_equal(board_result(&board, "dkim", 0)->value, "pass");
	assert_null(board_result(&board, "dkim", 0)->reason);
	assert_string_equal(board_result(&board, "dkim", 1)->reason, "bad signature");
	assert_null(board_result(&board, "dkim", 2));
	assert_null(board_result(&board, "arc", 0));
	assert_string_equal(result_property(board_result(&board, "dkim", 0), "header.s"), "one");
	assert_null(result_property(board_result(&board, "dkim", 1), "header.s"));
}

static void
test_score(void **state)
{
	struct board board;
	double points = 7;

	board_init(&board, *state);
	assert_false(board_has_symbol(&board, "a", &points));
	assert_true(points == 0);
	board_symbol(&board, "a", 1.5);
	board_symbol(&board, "b", -4);
	board_symbol(&board, "a", 2);
	board_symbol(&board, "c", NAN);
	board_symbol(&board, "d", INFINITY);
	assert_true(board.score == -0.5);
	assert_true(board_has_symbol(&board, "a", &points));
	assert_true(points == 3.5);
	assert_true(board_has_symbol(&board, "d", NULL));
}

static void
test_rollback(void **state)
{
	struct board board, dropped;
	struct board_mark empty, one;

	board_init(&board, *state);
	board_init(&dropped, *state);
	empty = board_mark(&board);
	assert_false(board_changed(&board, empty));
	board_add(&board, "spf", "pass", NULL);
	board_symbol(&board, "a", 0.1);
	one = board_mark(&board);
	assert_true(board_changed(&board, empty));
	assert_false(board_changed(&board, one));
	board_add(&board, "spf", "fail", NULL);
	board_symbol(&board, "a", 0.2);
	board_rollback(&board, one, &dropped);
	assert_null(board_result(&board, "spf", 1));
	assert_true(board.score == 0.1);
	assert_string_equal(dropped.results->value, "fail");
	assert_true(board_has_symbol(&dropped, "a", NULL));
	/* After a rollback it goes on as if nothing had been. */
	board_add(&board, "arc", "none", NULL);
	assert_string_equal(board_result(&board, "arc", 0)->value, "none");
	board_rollback(&board, empty, NULL);
	assert_null(board.results);
	assert_null(board.symbols);
	assert_true(board.score == 0);
	board_rollback(&board, empty, &dropped);	/* nothing to take back */
	board_add(&board, "arc", "pass", NULL);
	assert_string_equal(board_result(&board, "arc", 0)->value, "pass");
}

static void
test_copy_and_move(void **state)
{
	struct board from, to;
	struct board_mark mark;

	board_init(&from, *state);
	board_init(&to, *state);
	board_property(board_add(&from, "spf", "pass", "why"), "smtp.mailfrom", "a");
	board_symbol(&from, "a", 1);
	board_copy(&to, &from);
	board_copy(&to, &from);
	assert_true(to.score == 2);
	assert_string_equal(result_property(board_result(&to, "spf", 1), "smtp.mailfrom"), "a");
	assert_ptr_not_equal(to.results, from.results);
	mark = board_mark(&to);
	board_move(&to, &from);
	assert_null(from.results);
	assert_true(from.score == 0);
	assert_true(to.score == 3);
	assert_non_null(board_result(&to, "spf", 2));
	assert_ptr_equal(board_result_at(&to, 2), board_result(&to, "spf", 2));
	assert_null(board_result_at(&to, 3));
	board_rollback(&to, mark, &from);
	assert_string_equal(from.results->reason, "why");
	assert_true(from.score == 1);
	assert_null(board_result(&to, "spf", 2));
	board_add(&from, "spf", "fail", NULL);
	assert_string_equal(board_result(&from, "spf", 1)->value, "fail");
}

/* A property lives as long as its result, whichever board is written to now. */
static void
test_property_of_older_result(void **state)
{
	struct arena *message = arena_create(0, 0);
	struct board connection, board;
	struct mf_result *result;

	board_init(&connection, *state);
	result = board_add(&connection, "iprev", "pass", NULL);
	board_init(&board, message);
	board_copy(&board, &connection);
	board_property(result, "policy.iprev", "192.0.2.1");
	arena_destroy(&message);
	assert_string_equal(result_property(result, "policy.iprev"), "192.0.2.1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_score),
		cmocka_unit_test(test_rollback),
		cmocka_unit_test(test_copy_and_move),
		cmocka_unit_test(test_property_of_older_result),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* Arenas: what is given is aligned, zeroed and kept; sizes that no machine has end the process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdalign.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "filterd/util/arena.h"

static void
what_is_given_is_aligned_and_zeroed(void **state)
{
	static const char zeroes[3000];
	struct arena *arena = arena_create(0, 64);
	size_t size;

	(void)state;
	for (size = 0; size < sizeof(zeroes); size += 37) {
		char *bytes = arena_alloc(arena, size);

		assert_int_equal((uintptr_t)bytes % alignof(max_align_t), 0);
		assert_memory_equal(bytes, zeroes, size);
		memset(bytes, 'x', size);
	}
	arena_destroy(&arena);
}

static void
count_down(void *foreign)
{
	--*(int *)foreign;
}

static void
clean_ups_run_once_at_the_reset(void **state)
{
	struct arena *arena = arena_create(0, 0);
	int left = 2;

	(void)state;
	arena_cleanup(arena, count_down, &left);
	arena_cleanup(arena, count_down, &left);
	assert_int_equal(left, 2);
	arena_reset(arena);
	assert_int_equal(left, 0);
	arena_destroy(&arena);
	assert_int_equal(left, 0);
}

/* In a process of its own, which is to abort. */
static void
expect_abort(size_t size)
{
	struct arena *arena;
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		close(STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		arena = arena_create(0, 0);
		arena_alloc(arena, size);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void
sizes_that_overflow_are_out_of_memory(void **state)
{
	size_t less;

	(void)state;
	for (less = 0; less < 64; less++)
		expect_abort(SIZE_MAX - less);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_given_is_aligned_and_zeroed),
		cmocka_unit_test(clean_ups_run_once_at_the_reset),
		cmocka_unit_test(sizes_that_overflow_are_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

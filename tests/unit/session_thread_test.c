/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sessions of one generation in several threads at once, and a session that goes from thread to
 * thread as libmilter's worker pool has it. Of use under ThreadSanitizer above all.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/chain_kit.h"

#define THREADS		4
#define SESSIONS	20	/* a thread */
#define MESSAGES	5	/* a session */

static const char *const no_arguments[] = { NULL };

static const char statements[] =
    "list local { entries example.org; }\n"
    "filter x { plugin script; when client.name != \"nobody\";\n"
    "on connect { symbol 10 early; } on rcpt reject { when recipient.local ~ /^n/; }\n"
    "on eoh { add-header X-A 1; } on message { when subject ~ /h(el+)o/; expand \"$1 ${score}\";\n"
    "set-header 0 Subject new; result demo pass; } }\n"
    "filter y { plugin script; mode shadow; on message error { add-header X-B 1; } }\n"
    "filter z { plugin script; on message { when result.demo.value == \"pass\" and\n"
    "sender.domain in @local; add-header X-Z 1; } }";

static const char *
no_macro(void *front_data, const char *name)
{
	(void)front_data;
	return strcmp(name, "i") == 0 ? "4Q" : NULL;
}

static void
no_progress(void *front_data)
{
	(void)front_data;
}

static int64_t
no_time(void *front_data)
{
	(void)front_data;
	return 0;
}

static const struct front front = { no_macro, no_progress, no_time, no_time, NULL };

static bool
run_message(struct session *session)
{
	struct decision decision;

	session_mail(session, "<a@example.org>", no_arguments);
	session_rcpt(session, "<b@example.org>", no_arguments);
	if (session_rcpt(session, "<n@example.org>", no_arguments).outcome != OUTCOME_REJECT)
		return false;
	session_data(session);
	session_header(session, STR("Subject"), STR(" hello"));
	session_eoh(session);
	session_body(session, "x\r\n", 3);
	decision = session_end_of_message(session);
	return decision.outcome == OUTCOME_CONTINUE && decision.plan && decision.plan->count == 3;
}

static struct session *
open_session(const struct chain *chain)
{
	struct session *session = session_open(chain, &front, NULL);

	session_connect(session, "client.example", "192.0.2.1", NULL, 0, 0);
	session_helo(session, "helo.example");
	return session;
}

/* Returns its argument when all went well. */
static void *
run_sessions(void *argument)
{
	const struct kit *kit = argument;
	bool good = true;
	int i, j;

	for (i = 0; i < SESSIONS; i++) {
		struct session *session = open_session(kit->chain);

		for (j = 0; j < MESSAGES; j++)
			good &= run_message(session);
		session_close(&session);
	}
	return good ? argument : NULL;
}

static void
test_many_sessions(void **state)
{
	struct kit *kit = *state;
	pthread_t threads[THREADS];
	void *result;
	int i;

	kit_start(kit, "x y z", statements);
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run_sessions, kit), 0);
	for (i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_ptr_equal(result, kit);
	}
	kit_stop(kit);
	kit_check_tally(kit);
	assert_int_equal(kit->tally.messages, 3 * THREADS * SESSIONS * MESSAGES);
}

static void *
run_one_message(void *session)
{
	return run_message(session) ? session : NULL;
}

static void
test_wandering_session(void **state)
{
	struct kit *kit = *state;
	struct session *session;
	pthread_t thread;
	void *result;
	int i;

	kit_start(kit, "x y z", statements);
	session = open_session(kit->chain);
	for (i = 0; i < MESSAGES; i++) {
		assert_int_equal(pthread_create(&thread, NULL, run_one_message, session), 0);
		assert_int_equal(pthread_join(thread, &result), 0);
		assert_ptr_equal(result, session);
	}
	session_close(&session);
	kit_stop(kit);
	kit_check_tally(kit);
}

/* No two sessions have one id. */
static void
test_ids(void **state)
{
	struct kit *kit = *state;
	struct session *one, *other;

	kit_start(kit, "x y z", statements);
	one = session_open(kit->chain, &front, NULL);
	other = session_open(kit->chain, &front, NULL);
	assert_string_not_equal(session_id(one), session_id(other));
	assert_int_equal(strlen(session_id(one)), 10);
	assert_int_equal(strspn(session_id(one), "0123456789abcdefghjkmnpqrstvwxyz"), 10);
	session_close(&one);
	session_close(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_many_sessions), TEST(test_wandering_session), TEST(test_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

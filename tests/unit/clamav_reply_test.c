/* SPDX-License-Identifier: BSD-2-Clause */
/* What clamd says, and what it does not say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plugins/clamav/reply.h"

static const struct {
	const char *said;
	enum reply_kind kind;
	const char *text;
} replies[] = {
	{ "stream: OK", REPLY_CLEAN, "stream: OK" },
	{ "stream: OK\n", REPLY_CLEAN, "stream: OK" },
	{ "stream: Eicar-Signature FOUND", REPLY_INFECTED, "Eicar-Signature" },
	{ "stream: Win.Test.EICAR_HDB-1(0123:68) FOUND", REPLY_INFECTED,
	    "Win.Test.EICAR_HDB-1(0123:68)" },
	{ "stream: a\x01 \x80 FOUND", REPLY_INFECTED, "a???" },
	{ "stream: OK FOUND", REPLY_INFECTED, "OK" },
	{ "INSTREAM size limit exceeded. ERROR", REPLY_TOO_LARGE,
	    "INSTREAM size limit exceeded. ERROR" },
	{ "stream: Can't allocate memory ERROR", REPLY_ERROR,
	    "stream: Can't allocate memory ERROR" },
	{ "stream: FOUND", REPLY_UNKNOWN, "stream: FOUND" },
	{ "stream:  FOUND", REPLY_UNKNOWN, "stream:  FOUND" },
	{ "stream: OKAY", REPLY_UNKNOWN, "stream: OKAY" },
	{ "HTTP/1.1 400 Bad Request", REPLY_UNKNOWN, "HTTP/1.1 400 Bad Request" },
	{ "", REPLY_UNKNOWN, "" },
};

static void
replies_are_read(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		struct reply reply = reply_read(replies[i].said, strlen(replies[i].said));

		assert_int_equal(reply.kind, replies[i].kind);
		assert_string_equal(reply.text, replies[i].text);
	}
}

static void
a_long_one_is_cut(void **state)
{
	char said[REPLY_BYTES + 100] = "stream: ";
	struct reply reply;

	(void)state;
	memset(said + 8, 'x', sizeof(said) - 8);
	memcpy(said + 600, " FOUND", 6);
	reply = reply_read(said, 606);
	assert_int_equal(reply.kind, REPLY_INFECTED);
	assert_int_equal(strlen(reply.text), REPLY_SIGNATURE - 1);
	memcpy(said + sizeof(said) - 6, " FOUND", 6);
	assert_int_equal(reply_read(said, sizeof(said)).kind, REPLY_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_read),
		cmocka_unit_test(a_long_one_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-2-Clause */
/* The signed messages that RFC 6376 and RFC 8463 print, and what may not be changed in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "tests/unit/dkim_kit.h"

/* RFC 6376 appendix A.2, as it was signed: with six blanks where the print has five, and one blank
 * between the sentences of its body. */
#define SIGNED_6376 \
	"DKIM-Signature: v=1; a=rsa-sha256; s=brisbane; d=example.com;\n" \
	"      c=simple/simple; q=dns/txt; i=joe@football.example.com;\n" \
	"      h=Received : From : To : Subject : Date : Message-ID;\n" \
	"      bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\n" \
	"      b=AuUoFEfDxTDkHlLXSZEpZj79LICEps6eda7W3deTVFOk4yAUoqOB\n" \
	"      4nujc7YopdG5dWLSdNg6xNAZpOPr+kHxt1IrE+NahM6L/LbvaHut\n" \
	"      KVdkLLkpVaVVQPzeRDI009SO2Il5Lu7rDNH6mZckBdrIx0orEtZV\n" \
	"      4bmp/YzhwvcubU4=;\n"
#define FIELDS \
	"From: Joe SixPack <joe@football.example.com>\n" \
	"To: Suzie Q <suzie@shopping.example.net>\n" \
	"Subject: Is dinner ready?\n" \
	"Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\n" \
	"Message-ID: <20030712040037.46341.5F8J@football.example.com>\n"
#define BODY \
	"\n" \
	"Hi.\n" \
	"\n" \
	"We lost the game. Are you hungry yet?\n" \
	"\n" \
	"Joe.\n"

static const char mail_6376[] = SIGNED_6376
	"Received: from client1.football.example.com  [192.0.2.1]\n"
	"      by submitserver.example.com with SUBMISSION;\n"
	"      Fri, 11 Jul 2003 21:01:54 -0700 (PDT)\n"
	FIELDS BODY;

/* RFC 8463 appendix A.3 */
#define SIGNED_8463 \
	"DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\n" \
	" d=football.example.com; i=@football.example.com;\n" \
	" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\n" \
	" subject : date : message-id : from : subject : date;\n" \
	" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\n" \
	" b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\n" \
	" Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\n" \
	"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\n" \
	" d=football.example.com; i=@football.example.com;\n" \
	" q=dns/txt; s=test; t=1528637909; h=from : to : subject :\n" \
	" date : message-id : from : subject : date;\n" \
	" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\n" \
	" b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\n" \
	" DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\n" \
	" dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\n"
static const char mail_8463[] = SIGNED_8463 FIELDS BODY "\n";
static const char key_ed25519[] =
	"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
static const char key_rsa[] =
	"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR"
	"iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC"
	"DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"
	"Ip3G+2kryOTIKT+l/K4w3QIDAQAB";

static void
assert_outcome(const char *text, size_t n, const char *record, const char *expected)
{
	static const size_t chunks[] = { 1, 2, 3, 7, 64, 100000 };
	struct dkim_mail mail;
	size_t i;

	dkim_mail_split(&mail, dkim_text_of(text));
	for (i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++)
		assert_string_equal(dkim_mail_verify(&mail, n, record, chunks[i]), expected);
	dkim_mail_free(&mail);
}

static void
printed_examples_verify(void **state)
{
	(void)state;
	assert_outcome(mail_6376, 0, dkim_rsa_record, "pass");
	assert_outcome(mail_8463, 0, key_ed25519, "pass");
	assert_outcome(mail_8463, 1, key_rsa, "pass");
}

static void
relaxed_bears_white_space(void **state)
{
	(void)state;
	assert_outcome(SIGNED_8463
	    "froM\t:   Joe \t SixPack \n\t<joe@football.example.com> \t \n"
	    "To:Suzie Q <suzie@shopping.example.net>\n"
	    "Subject:\n Is\n dinner\tready?\n"
	    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\n"
	    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\n"
	    "\n"
	    "Hi. \t\n"
	    "\n"
	    "We lost\tthe   game.  Are you hungry yet? \n"
	    "\t \n"
	    "Joe.\n"
	    " \n\t\n\n", 1, key_rsa, "pass");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printed_examples_verify),
		cmocka_unit_test(relaxed_bears_white_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

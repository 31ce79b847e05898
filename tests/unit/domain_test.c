/* SPDX-License-Identifier: BSD-2-Clause */
/* Domains with U-labels and A-labels: the examples of RFC 3492 and RFC 5890's rules, and what is no
 * domain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "filterd/util/domain.h"

static void
assert_form(const char *text, const char *expected)
{
	char buffer[DOMAIN_TEXT];
	struct str found = domain_ascii_in(str_of(text), buffer);

	assert_int_equal(found.length, strlen(expected));
	assert_memory_equal(found.data, expected, found.length);
}

static void
labels_become_a_labels(void **state)
{
	(void)state;
	assert_form("bücher.example", "xn--bcher-kva.example");
	assert_form("BÜCHER.Example", "xn--bcher-kva.example");
	assert_form("bu\xcc\x88" "cher.example", "xn--bcher-kva.example");
	assert_form("faß.example", "xn--fa-hia.example");
	assert_form("他们为什么不说中文.example", "xn--ihqwcrb4cv8a8dqg056pqjye.example");
	assert_form("i@пример。рф", "i@xn--e1afmkfd.xn--p1ai");
	assert_form(".рф", ".xn--p1ai");
	assert_form("a.bücher.example.", "a.xn--bcher-kva.example.");
}

static void
local_parts_stay(void **state)
{
	(void)state;
	assert_form("Jürgen@bücher.example", "Jürgen@xn--bcher-kva.example");
	assert_form("\"ü@ö\"@bücher.example", "\"ü@ö\"@xn--bcher-kva.example");
	assert_form("Jürgen@example.org", "Jürgen@example.org");
	assert_form("jürgen@", "jürgen@");
}

static void
what_is_no_such_domain_stays(void **state)
{
	char label[200], longest[1200], nul[] = "ü\0.example", buffer[DOMAIN_TEXT];
	struct str text = { nul, sizeof(nul) - 1 };

	(void)state;
	assert_form("", "");
	assert_form(".", ".");
	assert_form("Example.ORG", "Example.ORG");
	assert_form("Grüße", "Grüße");
	assert_form("Schöne Grüße. Bis bald", "Schöne Grüße. Bis bald");
	assert_form("\xff\xfe.example", "\xff\xfe.example");
	assert_form("xn--ü.example", "xn--ü.example");
	memset(label, 'a', sizeof(label));
	strcpy(label + 100, "ü.example");
	assert_form(label, label);
	memset(longest, 'a', sizeof(longest));
	strcpy(longest + sizeof(longest) - 20, "ü.example");
	assert_form(longest, longest);
	assert_ptr_equal(domain_ascii_in(text, buffer).data, nul);
}

static void
mailboxes_are_compared_by_their_parts(void **state)
{
	(void)state;
	assert_true(domain_mailbox_equal(STR("a@bücher.example"), STR("a@XN--bcher-kva.example")));
	assert_true(domain_mailbox_equal(STR("a@B.example"), STR("a@b.EXAMPLE")));
	assert_true(domain_mailbox_equal(STR(""), STR("")));
	assert_false(domain_mailbox_equal(STR("A@b.example"), STR("a@b.example")));
	assert_false(domain_mailbox_equal(STR("a@b.example"), STR("a.b.example")));
	assert_false(domain_mailbox_equal(STR("postmaster"), STR("Postmaster")));
	assert_false(domain_mailbox_equal(STR(""), STR("@b.example")));
	assert_false(domain_mailbox_equal(STR("a@bücher.example"), STR("a@bucher.example")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_become_a_labels),
		cmocka_unit_test(local_parts_stay),
		cmocka_unit_test(what_is_no_such_domain_stays),
		cmocka_unit_test(mailboxes_are_compared_by_their_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

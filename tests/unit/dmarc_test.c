/* SPDX-License-Identifier: BSD-2-Clause */
/* The check of DMARC without filterd: records, tree walks with the examples of RFC 9989, alignment,
 * policies, and the domains of From fields. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "plugins/dmarc/author.h"
#include "tests/unit/dmarc_kit.h"

/* ---- records, section 4.7 ---- */

static struct dmarc_record
parsed(const char *text)
{
	struct dmarc_record record;

	if (!dmarc_record_parse(str_of(text), &record))
		fail_msg("%s", text);
	return record;
}

static void
a_record_begins_with_its_version(void **state)
{
	static const char *const none[] = {
		"", "v=DMARC1.1; p=reject", "v=dmarc1; p=reject", "p=reject; v=DMARC1",
		"v=DMARC1x", "v DMARC1", " v=DMARC1; p=reject", "v=spf1 -all", "v=DMARC1=; p=none",
		"vv=DMARC1"
	};
	static const char *const records[] = {
		"v=DMARC1", "v=DMARC1;", "V = DMARC1 ; p=none", "v=DMARC1;;;p=none",
		"v\t=\tDMARC1\t;"
	};
	struct dmarc_record record;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (dmarc_record_parse(str_of(none[i]), &record))
			fail_msg("%s", none[i]);
	for (i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		parsed(records[i]);
}

static void
all_tags_are_read(void **state)
{
	struct dmarc_record record = parsed("v=DMARC1; p=Reject; sp=quarantine;np=none; adkim=s; "
	    "aspf=S; t=y; psd=n; fo=1:d:s; rua=mailto:a@x.example; ruf=mailto:b@x.example");

	(void)state;
	assert_int_equal(record.p, DMARC_REJECT);
	assert_int_equal(record.sp, DMARC_QUARANTINE);
	assert_int_equal(record.np, DMARC_NONE);
	assert_int_equal(record.psd, DMARC_PSD_NO);
	assert_true(record.strict_dkim && record.strict_spf && record.testing);
	assert_int_equal(record.fo, DMARC_FO_ANY | DMARC_FO_DKIM | DMARC_FO_SPF);
	assert_true(str_equal(record.rua, STR("mailto:a@x.example")));
	assert_true(str_equal(record.ruf, STR("mailto:b@x.example")));
}

static void
what_does_not_fit_is_passed_over(void **state)
{
	struct dmarc_record record = parsed("v=DMARC1; p=reject; p=none; pct=0; rf=afrf; ri=1; x; "
	    "=; psd=x; adkim=strict; t=1; fo=0:1; sp=block");

	(void)state;
	assert_int_equal(record.p, DMARC_REJECT);
	assert_int_equal(record.sp, DMARC_INVALID);
	assert_int_equal(record.np, DMARC_ABSENT);
	assert_int_equal(record.psd, DMARC_PSD_UNKNOWN);
	assert_false(record.strict_dkim || record.strict_spf || record.testing);
	assert_int_equal(record.fo, DMARC_FO_ALL);
	assert_int_equal(parsed("v=DMARC1; fo=d:d").fo, DMARC_FO_ALL);
	assert_int_equal(parsed("v=DMARC1; fo=").fo, DMARC_FO_ALL);
	assert_int_equal(parsed("v=DMARC1; fo=d:x").fo, DMARC_FO_ALL);
	assert_int_equal(parsed("v=DMARC1; psd=y").psd, DMARC_PSD_YES);
}

static void
uris_are_taken_apart(void **state)
{
	struct str list = STR(" mailto:a@x.example!10m , nonsense,,https://x.example/?a=b ,"
	    "mailto:b c@x.example, 1a:b, c:");
	struct str uri;

	(void)state;
	assert_true(dmarc_record_uri(&list, &uri));
	assert_true(str_equal(uri, STR("mailto:a@x.example")));
	assert_true(dmarc_record_uri(&list, &uri));
	assert_true(str_equal(uri, STR("https://x.example/?a=b")));
	assert_false(dmarc_record_uri(&list, &uri));
}

static void
a_record_needs_a_policy_or_an_address(void **state)
{
	static const struct { const char *text; bool usable, none; } cases[] = {
		{ "v=DMARC1; p=reject", true, false },
		{ "v=DMARC1", false, false },
		{ "v=DMARC1; p=block", false, false },
		{ "v=DMARC1; p=reject; sp=x", false, false },
		{ "v=DMARC1; p=reject; np=x; rua=mailto:a@x.example", true, true },
		{ "v=DMARC1; rua=mailto:a@x.example", true, true },
		{ "v=DMARC1; rua=nonsense", false, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dmarc_record record = parsed(cases[i].text);
		bool none;

		assert_int_equal(dmarc_record_usable(&record, &none), cases[i].usable);
		assert_int_equal(none, cases[i].none);
	}
}

/* ---- walks, section 4.10 ---- */

static struct dmarc_outcome
checked(struct kit *kit, const char *author, enum dmarc_mechanism mechanism, const char *domain)
{
	struct dmarc_dns dns = kit_dns(kit);
	struct dmarc_identifier identifier = { mechanism, domain, true };
	struct dmarc_outcome outcome;

	kit->asked[0] = '\0';
	dmarc_evaluate(&dns, author, &identifier, domain ? 1 : 0, &outcome);
	return outcome;
}

static void
a_walk_has_eight_queries(void **state)
{
	static const struct kit_record nothing[] = { { NULL, NULL } };
	struct kit kit = { .records = nothing };

	(void)state;
	checked(&kit, "a.mail.example.com", DMARC_SPF, NULL);
	assert_string_equal(kit.asked, "a.mail.example.com mail.example.com example.com com ");
	checked(&kit, "a.b.c.d.e.f.g.h.i.j.mail.example.com", DMARC_SPF, NULL);
	assert_string_equal(kit.asked, "a.b.c.d.e.f.g.h.i.j.mail.example.com "
	    "g.h.i.j.mail.example.com h.i.j.mail.example.com i.j.mail.example.com "
	    "j.mail.example.com mail.example.com example.com com ");
	checked(&kit, "a.b.c.d.e.f.example.com", DMARC_SPF, NULL);
	assert_string_equal(kit.asked, "a.b.c.d.e.f.example.com b.c.d.e.f.example.com "
	    "c.d.e.f.example.com d.e.f.example.com e.f.example.com f.example.com example.com "
	    "com ");
	checked(&kit, "a.b.c.d.e.f.g.example.com", DMARC_SPF, NULL);
	assert_string_equal(kit.asked, "a.b.c.d.e.f.g.example.com c.d.e.f.g.example.com "
	    "d.e.f.g.example.com e.f.g.example.com f.g.example.com g.example.com example.com com ");
	checked(&kit, "com", DMARC_SPF, NULL);
	assert_string_equal(kit.asked, "com ");
}

/* Author, identifier, records; and what is expected. */
struct walk_case {
	const char *author, *identifier;
	struct kit_record records[5];
	enum dmarc_result result;
	const char *record_domain, *tag;
};

static const struct walk_case walk_cases[] = {
	/* B.4.1 */
	{ "example.com", "example.com", { { "example.com", "v=DMARC1; p=none" } },
	    DMARC_PASS, "example.com", "p" },
	/* B.4.2: deep names, and an organization above both */
	{ "a.b.c.d.e.f.g.h.i.j.k.example.com", "signing.example.com",
	    { { "example.com", "v=DMARC1; p=reject" },
		{ "signing.example.com", "v=DMARC1; p=none" } },
	    DMARC_PASS, "example.com", "p" },
	/* B.4.3: the record of a public suffix */
	{ "example.bank.example", "mail.example.bank.example",
	    { { "bank.example", "v=DMARC1; p=reject; psd=y; sp=quarantine" } },
	    DMARC_PASS, "bank.example", "sp" },
	{ "one.bank.example", "two.bank.example",
	    { { "bank.example", "v=DMARC1; p=reject; psd=y" } }, DMARC_FAIL, "bank.example", "p" },
	/* the public suffix itself is an author */
	{ "bank.example", "x.bank.example", { { "bank.example", "v=DMARC1; p=reject; psd=y" } },
	    DMARC_FAIL, "bank.example", "p" },
	/* psd=n makes an organization of its own */
	{ "a.mail.example.com", "b.example.com",
	    { { "mail.example.com", "v=DMARC1; p=reject; psd=n" },
		{ "example.com", "v=DMARC1; p=none" } },
	    DMARC_FAIL, "mail.example.com", "p" },
	{ "a.example.com", "b.mail.example.com",
	    { { "mail.example.com", "v=DMARC1; p=reject; psd=n" },
		{ "example.com", "v=DMARC1; p=none" } },
	    DMARC_FAIL, "example.com", "p" },
	/* the author's own record applies, the organization's aligns */
	{ "news.example.com", "foo.example.com",
	    { { "news.example.com", "v=DMARC1; p=reject; sp=none" },
		{ "example.com", "v=DMARC1; p=none" } },
	    DMARC_PASS, "news.example.com", "p" },
	{ "news.example.com", "example.net", { { "example.com", "v=DMARC1; p=none; sp=reject" } },
	    DMARC_FAIL, "example.com", "sp" },
	/* strict */
	{ "news.example.com", "example.com",
	    { { "example.com", "v=DMARC1; p=reject; adkim=s; aspf=s" } },
	    DMARC_FAIL, "example.com", "p" },
	{ "news.example.com", "news.example.com",
	    { { "example.com", "v=DMARC1; p=reject; adkim=s; aspf=s" } },
	    DMARC_PASS, "example.com", "p" },
	/* two records are none */
	{ "example.com", "example.com",
	    { { "example.com", "v=DMARC1; p=none" }, { "example.com", "v=DMARC1; p=reject" } },
	    DMARC_NO_RESULT, NULL, NULL },
	{ "example.com", "example.com",
	    { { "example.com", "v=spf1 -all" }, { "example.com", "v=DMARC1; p=reject" } },
	    DMARC_PASS, "example.com", "p" },
	{ "example.com", "example.com", { { "example.net", "v=DMARC1; p=none" } },
	    DMARC_NO_RESULT, NULL, NULL },
	/* similar, and not the same */
	{ "example.com", "notexample.com", { { "example.com", "v=DMARC1; p=none" } },
	    DMARC_FAIL, "example.com", "p" },
	/* errors */
	{ "example.com", "example.com", { { "example.com", NULL } }, DMARC_TEMPERROR, NULL, NULL },
	{ "example.com", "example.com", { { "example.com", "v=DMARC1; p=x" } },
	    DMARC_PERMERROR, NULL, NULL },
	{ "a.example.com", "a.example.com", { { "com", NULL } }, DMARC_TEMPERROR, NULL, NULL },
	/* the author's record is there, and what else would be needed is not */
	{ "a.example.com", "a.example.com",
	    { { "a.example.com", "v=DMARC1; p=reject" }, { "com", NULL } },
	    DMARC_PASS, "a.example.com", "p" },
	{ "a.example.com", "b.example.com",
	    { { "a.example.com", "v=DMARC1; p=reject" }, { "com", NULL } },
	    DMARC_TEMPERROR, "a.example.com", "p" },
	{ "example.com", "b.example.com",
	    { { "example.com", "v=DMARC1; p=reject" }, { "b.example.com", NULL } },
	    DMARC_TEMPERROR, "example.com", "p" },
};

static void
examples_of_walks_come_out(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(walk_cases) / sizeof(walk_cases[0]); i++) {
		const struct walk_case *one = &walk_cases[i];
		enum dmarc_mechanism mechanism;

		for (mechanism = DMARC_SPF; mechanism <= DMARC_DKIM; mechanism++) {
			struct kit kit = { .records = one->records };
			struct dmarc_outcome outcome = checked(&kit, one->author, mechanism,
			    one->identifier);

			print_message("%zu: %s, %s\n", i, one->author, one->identifier);
			assert_int_equal(outcome.result, one->result);
			if (!one->record_domain) {
				assert_null(outcome.record_domain);
				continue;
			}
			assert_string_equal(outcome.record_domain, one->record_domain);
			assert_string_equal(outcome.policy_tag, one->tag);
			assert_int_equal(outcome.aligned_spf != NULL,
			    one->result == DMARC_PASS && mechanism == DMARC_SPF);
		}
	}
}

/* ---- policies ---- */

static void
assert_policy(const char *record, const char *author, const char *missing,
    enum dmarc_policy expected, const char *tag)
{
	const struct kit_record records[] = { { "example.com", record }, { NULL, NULL } };
	struct kit kit = { .records = records, .missing = missing };
	struct dmarc_outcome outcome = checked(&kit, author, DMARC_SPF, NULL);

	print_message("%s for %s\n", record, author);
	assert_int_equal(outcome.result, DMARC_FAIL);
	assert_int_equal(outcome.policy, expected);
	assert_string_equal(outcome.policy_tag, tag);
}

static void
the_right_policy_is_chosen(void **state)
{
	static const char all[] = "v=DMARC1; p=none; sp=quarantine; np=reject";
	static const char np[] = "v=DMARC1; p=quarantine; np=reject";

	(void)state;
	assert_policy(all, "example.com", "example.com", DMARC_NONE, "p");
	assert_policy(all, "a.example.com", NULL, DMARC_QUARANTINE, "sp");
	assert_policy(all, "a.example.com", "a.example.com", DMARC_REJECT, "np");
	assert_policy(np, "a.example.com", NULL, DMARC_QUARANTINE, "p");
	assert_policy(np, "a.example.com", "a.example.com", DMARC_REJECT, "np");
	assert_policy("v=DMARC1; p=none; sp=reject", "a.example.com", "a.example.com",
	    DMARC_REJECT, "sp");
	assert_policy("v=DMARC1; p=reject; t=y", "example.com", NULL, DMARC_QUARANTINE, "p");
	assert_policy("v=DMARC1; p=quarantine; t=y", "example.com", NULL, DMARC_NONE, "p");
	assert_policy("v=DMARC1; p=none; t=y", "example.com", NULL, DMARC_NONE, "p");
	assert_policy("v=DMARC1; p=none; sp=reject; t=y", "a.example.com", NULL, DMARC_QUARANTINE,
	    "sp");
	assert_policy("v=DMARC1; p=x; sp=reject; rua=mailto:a@b.example", "a.example.com", NULL,
	    DMARC_NONE, "p");
	assert_policy("v=DMARC1; p=reject; pct=0", "example.com", NULL, DMARC_REJECT, "p");
}

static void
unknown_existence_is_an_error(void **state)
{
	static const struct kit_record records[] = {
		{ "example.com", "v=DMARC1; p=none; np=reject" }, { NULL, NULL }
	};
	struct kit kit = { .records = records, .silent = "a.example.com" };

	(void)state;
	assert_int_equal(checked(&kit, "a.example.com", DMARC_SPF, NULL).result, DMARC_TEMPERROR);
	assert_int_equal(checked(&kit, "a.example.com", DMARC_SPF, "example.com").result,
	    DMARC_PASS);
}

/* A check of DKIM that the DNS kept from ending might have passed. */
static void
an_identifier_in_doubt_is_no_failure(void **state)
{
	static const struct kit_record records[] = {
		{ "example.com", "v=DMARC1; p=reject" }, { NULL, NULL }
	};
	struct kit kit = { .records = records };
	struct dmarc_dns dns = kit_dns(&kit);
	struct dmarc_identifier both[] = {
		{ DMARC_DKIM, "example.com", false }, { DMARC_SPF, "example.com", true }
	};
	struct dmarc_outcome outcome;

	(void)state;
	dmarc_evaluate(&dns, "example.com", both, 1, &outcome);
	assert_int_equal(outcome.result, DMARC_TEMPERROR);
	dmarc_evaluate(&dns, "example.com", both, 2, &outcome);
	assert_int_equal(outcome.result, DMARC_PASS);
	assert_null(outcome.aligned_dkim);
	both[0].domain = "example.net";
	dmarc_evaluate(&dns, "example.com", both, 1, &outcome);
	assert_int_equal(outcome.result, DMARC_FAIL);
}

/* ---- From, section 5.3.1 ---- */

static void
assert_authors(const char *from, const char *expected, bool unusable)
{
	struct dmarc_authors authors = { 0 };
	char found[2560] = "";
	size_t i;

	dmarc_authors_add(&authors, str_of(from));
	for (i = 0; i < authors.count; i++)
		strcat(strcat(found, i ? " " : ""), authors.domains[i]);
	print_message("%s\n", from);
	assert_string_equal(found, expected);
	assert_int_equal(authors.unusable, unusable);
}

static void
domains_of_from_are_found(void **state)
{
	(void)state;
	assert_authors(" Alice <alice@Example.ORG>", "example.org", false);
	assert_authors(" alice@example.org (not bob@example.net)", "example.org", false);
	assert_authors(" \"bob@example.net\" <alice@example.org>", "example.org", false);
	assert_authors(" bob@example.net <alice@example.org>", "example.org", false);
	assert_authors(" a@example.org, b@example.net", "example.org example.net", false);
	assert_authors(" a@example.org, b@EXAMPLE.org", "example.org", false);
	assert_authors(" <a@example.org> <b@example.net>", "example.org example.net", false);
	assert_authors(" group: a@example.org, b@example.net;", "example.org example.net", false);
	assert_authors(" undisclosed:;", "", false);
	assert_authors("", "", false);
	assert_authors(" nobody", "", true);
	assert_authors(" a@[192.0.2.1]", "", true);
	assert_authors(" a@example..org", "", true);
	assert_authors(" a@exa$mple.org", "", true);
	assert_authors(" J\xc3\xbcrgen <j@b\xc3\xbc" "cher.example>", "xn--bcher-kva.example",
	    false);
	assert_authors(" a@b.example@c.example", "b.example", false);
	assert_authors(" <@relay.example:a@example.org>", "example.org", false);
	assert_authors(" a@\n example.org", "example.org", false);
	assert_authors(" a @ example . org", "example.org", false);
}

static void
domains_have_one_form(void **state)
{
	char domain[DMARC_DOMAIN_MAXIMUM + 1], label[80], name[300] = "";
	size_t i;

	(void)state;
	assert_true(dmarc_domain(STR("Example.ORG."), domain));
	assert_string_equal(domain, "example.org");
	assert_true(dmarc_domain(STR("_x.example"), domain));
	assert_false(dmarc_domain(STR(""), domain));
	assert_false(dmarc_domain(STR("."), domain));
	assert_false(dmarc_domain(STR("a..b"), domain));
	assert_false(dmarc_domain(STR(".a"), domain));
	assert_false(dmarc_domain(STR("a.."), domain));
	assert_false(dmarc_domain(STR("a b"), domain));
	memset(label, 'a', 64);
	label[64] = '\0';
	assert_false(dmarc_domain(str_of(label), domain));
	assert_true(dmarc_domain(str_of(label + 1), domain));
	for (i = 0; i < 127; i++)
		strcat(name, "a.");
	assert_true(dmarc_domain((struct str){ name, 253 }, domain));
	assert_true(dmarc_domain((struct str){ name, 254 }, domain));
	strcat(name, "a");
	assert_false(dmarc_domain((struct str){ name, 255 }, domain));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_begins_with_its_version),
		cmocka_unit_test(all_tags_are_read),
		cmocka_unit_test(what_does_not_fit_is_passed_over),
		cmocka_unit_test(uris_are_taken_apart),
		cmocka_unit_test(a_record_needs_a_policy_or_an_address),
		cmocka_unit_test(a_walk_has_eight_queries),
		cmocka_unit_test(examples_of_walks_come_out),
		cmocka_unit_test(the_right_policy_is_chosen),
		cmocka_unit_test(unknown_existence_is_an_error),
		cmocka_unit_test(an_identifier_in_doubt_is_no_failure),
		cmocka_unit_test(domains_of_from_are_found),
		cmocka_unit_test(domains_have_one_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

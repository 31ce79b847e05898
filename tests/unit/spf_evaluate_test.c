/* SPDX-License-Identifier: BSD-2-Clause */
/* check_host(): each mechanism and modifier, the limits, what is told, and what is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/spf_kit.h"

/* Evaluates in that zone, for a client. */
static struct spf_outcome
evaluate(struct spf_kit *kit, const char *zone, const char *client)
{
	kit->zone = zone;
	kit->asked = kit->expected = 0;
	spf_kit_client(kit, client);
	return spf_kit_evaluate(kit);
}

static void
assert_outcome(struct spf_kit *kit, const char *zone, const char *client, const char *result,
    const char *reason)
{
	struct spf_outcome outcome = evaluate(kit, zone, client);

	if (strcmp(spf_result_name(outcome.result), result) != 0 ||
	    strcmp(outcome.reason, reason) != 0)
		fail_msg("%s: %s (%s), not %s (%s)", zone, spf_result_name(outcome.result),
		    outcome.reason, result, reason);
}

static int
setup(void **state)
{
	struct spf_kit *kit = malloc(sizeof(*kit));

	assert_non_null(kit);
	spf_kit_create(kit, "");
	*state = kit;
	return 0;
}

static int
teardown(void **state)
{
	spf_kit_destroy(*state);
	free(*state);
	return 0;
}

static void
records_are_found(void **state)
{
	static const char no_record[] = "example.org has no SPF record";

	assert_outcome(*state, "", "192.0.2.1", "none", no_record);
	assert_outcome(*state, "example.org A 192.0.2.1", "192.0.2.1", "none", no_record);
	assert_outcome(*state, "example.org TXT v=spf10 -all\nexample.org TXT other", "192.0.2.1",
	    "none", no_record);
	assert_outcome(*state, "example.org TXT v=spf1 -all\nexample.org TXT V=SPF1 +all",
	    "192.0.2.1", "permerror", "example.org has 2 SPF records");
	assert_outcome(*state, "example.org SERVFAIL", "192.0.2.1", "temperror",
	    "DNS: server failure for example.org");
	assert_outcome(*state, "example.org TIMEOUT", "192.0.2.1", "temperror",
	    "DNS: no answer in time for example.org");
	assert_outcome(*state, "example.org LIMIT", "192.0.2.1", "temperror",
	    "DNS: too many queries for example.org");
	assert_outcome(*state, "example.org TXT v=spf1 -all mo\\200o", "192.0.2.1", "permerror",
	    "character that is not allowed in \"mo?o\" of example.org");
	assert_outcome(*state, "example.org TXT v=spf1", "192.0.2.1", "neutral",
	    "nothing matches in the record of example.org");
}

static void
networks_match(void **state)
{
	static const char zone[] = "example.org TXT v=spf1 ?ip4:192.0.2.128/25 ip4:192.0.2.0/24 "
	    "ip6:2001:db8::/33 ~ip6:2001:db8::/32 -ip6:::/0";

	assert_outcome(*state, zone, "192.0.2.128", "neutral",
	    "?ip4:192.0.2.128/25 in the record of example.org");
	assert_outcome(*state, zone, "192.0.2.127", "pass",
	    "ip4:192.0.2.0/24 in the record of example.org");
	assert_outcome(*state, zone, "192.0.3.0", "neutral",
	    "nothing matches in the record of example.org");
	assert_outcome(*state, zone, "2001:db8:7fff::", "pass",
	    "ip6:2001:db8::/33 in the record of example.org");
	assert_outcome(*state, zone, "2001:db8:8000::", "softfail",
	    "~ip6:2001:db8::/32 in the record of example.org");
	assert_outcome(*state, zone, "2001:db9::", "fail",
	    "-ip6:::/0 in the record of example.org");
}

static void
addresses_match(void **state)
{
	static const char zone[] = "example.org TXT v=spf1 a/24//64 mx:b.example ~all\n"
	    "example.org A 198.51.100.1\nexample.org AAAA 2001:db8::1\n"
	    "b.example MX \nb.example MX m1.b.example\nb.example MX m2.b.example\n"
	    "m1.b.example AAAA 2001:db8:1::1\nm2.b.example A 192.0.2.1";

	assert_outcome(*state, zone, "198.51.100.77", "pass",
	    "a/24//64 in the record of example.org");
	assert_outcome(*state, zone, "2001:db8::77", "pass",
	    "a/24//64 in the record of example.org");
	assert_outcome(*state, zone, "192.0.2.1", "pass",
	    "mx:b.example in the record of example.org");
	assert_outcome(*state, zone, "2001:db8:1::1", "pass",
	    "mx:b.example in the record of example.org");
	assert_outcome(*state, zone, "192.0.2.2", "softfail", "~all in the record of example.org");
	assert_outcome(*state, "example.org TXT v=spf1 mx -all\nexample.org MX m.example\n"
	    "m.example SERVFAIL", "192.0.2.1", "temperror", "DNS: server failure for m.example");
	assert_outcome(*state, "example.org TXT v=spf1 a:x..example a:%{h}.example -all",
	    "192.0.2.1", "fail", "-all in the record of example.org");
}

static void
names_that_exist_match(void **state)
{
	static const char zone[] = "example.org TXT v=spf1 exists:%{ir}.%{v}.%{l}.x.example -all\n"
	    "1.2.0.192.in-addr.user.x.example A 127.0.0.2";

	assert_outcome(*state, zone, "192.0.2.1", "pass",
	    "exists:%{ir}.%{v}.%{l}.x.example in the record of example.org");
	assert_outcome(*state, zone, "192.0.2.2", "fail", "-all in the record of example.org");
	assert_outcome(*state, "example.org TXT v=spf1 exists:e.example -all\ne.example TIMEOUT",
	    "192.0.2.1", "temperror", "DNS: no answer in time for e.example");
}

static void
includes_are_evaluated(void **state)
{
	static const char zone[] = "example.org TXT v=spf1 include:a.example ?include:b.example "
	    "-all\n"
	    "a.example TXT v=spf1 ip4:192.0.2.1 -all exp=e.example\n"
	    "b.example TXT v=spf1 include:c.example\nc.example TXT v=spf1 a:d.example -all\n"
	    "d.example A 192.0.2.2\ne.example TXT from an included record";
	struct spf_outcome outcome;

	assert_outcome(*state, zone, "192.0.2.1", "pass", "include:a.example in the record of "
	    "example.org: ip4:192.0.2.1 in the record of a.example");
	outcome = evaluate(*state, zone, "192.0.2.2");
	assert_int_equal(outcome.result, SPF_NEUTRAL);
	assert_string_equal(outcome.mechanism, "?include:b.example");
	assert_string_equal(outcome.domain, "example.org");
	assert_int_equal(outcome.lookups, 4);
	outcome = evaluate(*state, zone, "192.0.2.3");
	assert_int_equal(outcome.result, SPF_FAIL);
	assert_string_equal(outcome.mechanism, "-all");
	assert_null(outcome.explanation);
}

static void
errors_of_includes_are_errors(void **state)
{
	assert_outcome(*state, "example.org TXT v=spf1 include:a.example +all", "192.0.2.1",
	    "permerror", "include: a.example has no SPF record");
	assert_outcome(*state, "example.org TXT v=spf1 include:a.example +all\n"
	    "a.example TXT v=spf1 moo", "192.0.2.1", "permerror",
	    "unknown mechanism in \"moo\" of a.example");
	assert_outcome(*state, "example.org TXT v=spf1 include:a.example +all\na.example TIMEOUT",
	    "192.0.2.1", "temperror", "DNS: no answer in time for a.example");
	assert_outcome(*state, "example.org TXT v=spf1 include:a..example +all", "192.0.2.1",
	    "permerror", "include: no domain name in \"include:a..example\"");
}

static void
redirects_are_followed(void **state)
{
	static const char zone[] =
	    "example.org TXT v=spf1 exp=no.example redirect=%{d}.a.example\n"
	    "example.org.a.example TXT v=spf1 ~ip4:192.0.2.9 -a exp=%{d1}.example\n"
	    "example.org.a.example A 192.0.2.1\nexample.example TXT %{d} of %{o}\n"
	    "no.example TXT wrong";
	struct spf_outcome outcome = evaluate(*state, zone, "192.0.2.1");

	assert_int_equal(outcome.result, SPF_FAIL);
	assert_string_equal(outcome.domain, "example.org.a.example");
	assert_string_equal(outcome.mechanism, "-a");
	assert_string_equal(outcome.explanation, "example.org.a.example of example.org");
	assert_int_equal(outcome.lookups, 2);
	assert_outcome(*state, "example.org TXT v=spf1 redirect=a.example", "192.0.2.1",
	    "permerror", "redirect: a.example has no SPF record");
	assert_outcome(*state, "example.org TXT v=spf1 redirect=a..example", "192.0.2.1",
	    "permerror", "redirect: no domain name in the record of example.org");
	assert_outcome(*state, "example.org TXT v=spf1 redirect=a.example ?all", "192.0.2.1",
	    "neutral", "?all in the record of example.org");
}

static void
names_of_the_client_are_validated(void **state)
{
	static const char zone[] = "example.org TXT v=spf1 ptr:b.example -all\n"
	    "1.2.0.192.in-addr.arpa PTR x.bb.example\n1.2.0.192.in-addr.arpa PTR y.b.example\n"
	    "1.2.0.192.in-addr.arpa PTR z.B.example\ny.b.example A 192.0.2.9\n"
	    "x.bb.example A 192.0.2.1\nz.b.example A 192.0.2.9\nz.b.example A 192.0.2.1\n"
	    "2.2.0.192.in-addr.arpa SERVFAIL\n3.2.0.192.in-addr.arpa PTR y.b.example\n"
	    "4.2.0.192.in-addr.arpa PTR y.b.example\ny.b.example A 192.0.2.3";
	struct spf_kit *kit = *state;

	assert_outcome(kit, zone, "192.0.2.1", "pass",
	    "ptr:b.example in the record of example.org");
	assert_int_equal(kit->asked, 4);	/* names elsewhere are not asked for */
	assert_outcome(kit, zone, "192.0.2.2", "fail", "-all in the record of example.org");
	assert_int_equal(evaluate(kit, zone, "192.0.2.2").voids, 0);
	assert_outcome(kit, zone, "192.0.2.3", "pass",
	    "ptr:b.example in the record of example.org");
	assert_outcome(kit, zone, "192.0.2.4", "fail", "-all in the record of example.org");
	assert_int_equal(evaluate(kit, zone, "192.0.2.5").voids, 1);
}

static void
the_validated_name_is_chosen(void **state)
{
	static const char names[] =
	    "1.2.0.192.in-addr.arpa PTR other.example\n1.2.0.192.in-addr.arpa PTR a.example.org\n"
	    "other.example A 192.0.2.1\na.example.org A 192.0.2.1\nexample.org A 192.0.2.1\n"
	    "3.2.0.192.in-addr.arpa PTR a.example.org\n"
	    "example.org TXT v=spf1 exists:%{p}.x.example exists:%{p}.x.example -all "
	    "exp=e.example\n"
	    "e.example TXT %{p}";
	struct spf_kit *kit = *state;
	struct spf_outcome outcome = evaluate(kit, names, "192.0.2.1");

	assert_string_equal(outcome.explanation, "a.example.org");
	assert_int_equal(outcome.lookups, 3);	/* the PTR query counts once */
	outcome = evaluate(kit, arena_printf(kit->arena,
	    "1.2.0.192.in-addr.arpa PTR example.org\n%s", names), "192.0.2.1");
	assert_string_equal(outcome.explanation, "example.org");
	outcome = evaluate(kit, names, "192.0.2.2");
	assert_string_equal(outcome.explanation, "unknown");
	outcome = evaluate(kit, names, "192.0.2.3");
	assert_string_equal(outcome.explanation, "unknown");
}

static const char *
explanation(struct spf_kit *kit, const char *records)
{
	return evaluate(kit, arena_printf(kit->arena, "example.org TXT v=spf1 a:x.example "
	    "a:y.example "
	    "-all exp=e.example\n%s", records), "192.0.2.1").explanation;
}

static void
explanations_are_fetched(void **state)
{
	struct spf_kit *kit = *state;

	assert_string_equal(explanation(kit, "e.example TXT %{i} is not %{d}'s: "
	    "http://%{r}/%{t}?s=%{S}"), "192.0.2.1 is not example.org's: "
	    "http://mx.example.com/1700000000?s=user%40example.org");
	assert_null(explanation(kit, ""));	/* and is no void look-up too many */
	assert_null(explanation(kit, "e.example SERVFAIL"));
	assert_null(explanation(kit, "e.example TXT one\ne.example TXT two"));
	assert_null(explanation(kit, "e.example TXT The %{x}-files"));
	assert_null(explanation(kit, "e.example TXT Erkl\\195\\164rung"));
	assert_null(explanation(kit, "e.example TXT line\\010break"));
	kit->query.local = "\xc3\xa4";
	assert_null(explanation(kit, "e.example TXT %{l}"));
	assert_string_equal(explanation(kit, "e.example TXT %{L}"), "%C3%A4");
	kit->query.explain = false;
	assert_null(explanation(kit, "e.example TXT unwanted"));
}

/* RFC 8616: such a name cannot be asked for, so the term does not match. */
static void
local_parts_beyond_ascii_match_nothing(void **state)
{
	struct spf_kit *kit = *state;

	kit->query.local = "\xc3\xa4";
	assert_outcome(kit, "example.org TXT v=spf1 exists:%{l}.x.example exists:%{L}.x.example "
	    "-all\n%C3%A4.x.example A 127.0.0.1", "192.0.2.1", "fail",
	    "-all in the record of example.org");
}

static void
a_missing_local_part_is_the_postmaster(void **state)
{
	struct spf_kit *kit = *state;

	kit->query.local = "";
	assert_outcome(kit, "example.org TXT v=spf1 exists:%{l}.%{o} -all\n"
	    "postmaster.example.org A 127.0.0.1", "192.0.2.1", "pass",
	    "exists:%{l}.%{o} in the record of example.org");
}

static void
lookups_are_limited(void **state)
{
	static const char found[] = "a.example A 192.0.2.9\nexample.org A 192.0.2.9\n";
	static const char reason[] = "more than 10 terms that ask the DNS, the last in the "
	    "record of ";
	struct spf_kit *kit = *state;
	struct spf_outcome outcome;

	outcome = evaluate(kit, arena_printf(kit->arena, "%sexample.org TXT v=spf1 a a a a a a "
	    "a a a "
	    "a ip4:192.0.2.1 a", found), "192.0.2.1");
	assert_int_equal(outcome.result, SPF_PASS);
	assert_int_equal(outcome.lookups, 10);
	outcome = evaluate(kit, arena_printf(kit->arena, "%sexample.org TXT v=spf1 a a a a a a "
	    "a a a "
	    "a a ip4:192.0.2.1", found), "192.0.2.1");
	assert_int_equal(outcome.result, SPF_PERMERROR);
	assert_int_equal(kit->asked, 11);
	assert_outcome(kit, "example.org TXT v=spf1 redirect=example.org", "192.0.2.1", "permerror",
	    arena_printf(kit->arena, "%sexample.org", reason));
	assert_outcome(kit, "example.org TXT v=spf1 include:a.example\n"
	    "a.example TXT v=spf1 include:example.org", "192.0.2.1", "permerror",
	    arena_printf(kit->arena, "%sexample.org", reason));
	assert_outcome(kit, "example.org TXT v=spf1 a a a a a a a a a exists:%{p}.x.example\n"
	    "example.org A 192.0.2.9", "192.0.2.1", "permerror",
	    arena_printf(kit->arena, "%sexample.org", reason));
}

static void
voids_are_limited(void **state)
{
	static const char zone[] = "example.org TXT v=spf1 a:x.example mx:y.example "
	    "exists:z.example ip4:192.0.2.1 -all\nz.example AAAA 2001:db8::1";
	static const char reason[] =
	    "more than 2 terms whose names have no data, the last in the record of example.org";
	struct spf_kit *kit = *state;

	assert_outcome(kit, zone, "192.0.2.1", "permerror", reason);
	kit->query.voids_maximum = 3;
	assert_outcome(kit, zone, "192.0.2.1", "pass",
	    "ip4:192.0.2.1 in the record of example.org");
	kit->query.voids_maximum = 0;
	assert_int_equal(evaluate(kit, zone, "192.0.2.1").result, SPF_PERMERROR);
	assert_int_equal(kit->asked, 2);
}

/* Lines for N hosts behind a name, none of them the client's unless it is the last. */
static const char *
hosts(struct spf_kit *kit, const char *record, const char *type, unsigned count)
{
	const char *zone = record;
	unsigned i;

	for (i = 1; i <= count; i++)
		zone = arena_printf(kit->arena, "%s\n%s h%u.b.example\nh%u.b.example A 192.0.2.%u",
		    zone,
		    type, i, i, i == count ? 1 : 100 + i);
	return zone;
}

static void
hosts_are_limited(void **state)
{
	struct spf_kit *kit = *state;

	assert_outcome(kit, hosts(kit, "example.org TXT v=spf1 mx -all", "example.org MX", 10),
	    "192.0.2.1", "pass", "mx in the record of example.org");
	assert_int_equal(kit->asked, 12);
	assert_outcome(kit, hosts(kit, "example.org TXT v=spf1 mx -all", "example.org MX", 11),
	    "192.0.2.1", "permerror", "mx: more than 10 hosts, in the record of example.org");
	assert_int_equal(kit->asked, 2);
	assert_outcome(kit, hosts(kit, "example.org TXT v=spf1 ptr:b.example -all",
	    "1.2.0.192.in-addr.arpa PTR", 10), "192.0.2.1", "pass",
	    "ptr:b.example in the record of example.org");
	assert_outcome(kit, hosts(kit, "example.org TXT v=spf1 ptr:b.example -all",
	    "1.2.0.192.in-addr.arpa PTR", 11), "192.0.2.1", "fail",
	    "-all in the record of example.org");
}

static void
queries_are_started_ahead(void **state)
{
	struct spf_kit *kit = *state;

	evaluate(kit, "example.org TXT v=spf1 a:a.example mx:b.example include:c.example "
	    "exists:%{p}.example ptr exists:d.example -all a:e.example", "192.0.2.1");
	assert_int_equal(kit->expected, 4);
	evaluate(kit, "example.org TXT v=spf1 ip4:192.0.2.0/24 a:a.example", "192.0.2.1");
	assert_int_equal(kit->expected, 0);
	evaluate(kit, "example.org TXT v=spf1 a:1.a a:2.a a:3.a a:4.a a:5.a a:6.a a:7.a a:8.a "
	    "a:9.a "
	    "a:10.a a:11.a a:12.a", "192.0.2.1");
	assert_int_equal(kit->expected, 10);
}

/* Includes that each ask for as much as they can: the work stays within the limits. */
static void
bombs_end_soon(void **state)
{
	struct spf_kit *kit = *state;
	const char *zone = "example.org TXT v=spf1 include:1.example include:1.example "
	    "include:1.example include:1.example";
	struct spf_outcome outcome;
	unsigned i;

	for (i = 1; i < 20; i++)
		zone = arena_printf(kit->arena, "%s\n%u.example TXT v=spf1 mx mx "
		    "include:%u.example "
		    "include:%u.example mx mx mx mx\n%u.example MX h%u.example", zone, i, i + 1,
		    i + 1, i, i);
	outcome = evaluate(kit, zone, "192.0.2.1");
	assert_int_equal(outcome.result, SPF_PERMERROR);
	assert_int_equal(outcome.lookups, 10);
	assert_true(kit->asked <= 121);
	assert_true(kit->expected <= 10 + 100);
}

#define EACH(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		EACH(records_are_found),
		EACH(networks_match),
		EACH(addresses_match),
		EACH(names_that_exist_match),
		EACH(includes_are_evaluated),
		EACH(errors_of_includes_are_errors),
		EACH(redirects_are_followed),
		EACH(names_of_the_client_are_validated),
		EACH(the_validated_name_is_chosen),
		EACH(explanations_are_fetched),
		EACH(local_parts_beyond_ascii_match_nothing),
		EACH(a_missing_local_part_is_the_postmaster),
		EACH(lookups_are_limited),
		EACH(voids_are_limited),
		EACH(hosts_are_limited),
		EACH(queries_are_started_ahead),
		EACH(bombs_end_soon)
	};

	return cmocka_run_group_tests_name("spf evaluation", tests, NULL, NULL);
}

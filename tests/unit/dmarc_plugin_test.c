/* SPDX-License-Identifier: BSD-2-Clause */
/* The dmarc plugin with the fake host: what it makes of results, records and options, and the file
 * for reports, which several processes write to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <filterd/plugin_test.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugins/dmarc/dmarc.h"
#include "plugins/dmarc/report_file.h"

static struct mf_fake *
begin(const char *policy)
{
	struct mf_fake *f = mf_fake_create(&filterd_plugin);

	mf_fake_set(f, "policy", policy);
	mf_fake_dns(f, "_dmarc.reject.example", MF_DNS_TXT, "v=DMARC1; p=reject");
	mf_fake_dns(f, "_dmarc.quarantine.example", MF_DNS_TXT, "v=DMARC1; p=quarantine; sp=none");
	mf_fake_dns(f, "_dmarc.testing.example", MF_DNS_TXT,
	    "v=DMARC1; p=reject; t=y; rua=mailto:a@testing.example!5m,mailto:b@x.example");
	mf_fake_dns_fail(f, "_dmarc.slow.example", MF_DNS_TXT, MF_DNS_TIMEOUT);
	return f;
}

static void
put(struct mf_fake *f, const char *method, const char *value, const char *property,
    const char *property_value)
{
	mf_host_result_property(&f->context, mf_fake_result_set(f, method, value), property,
	    property_value);
}

/* A message with this From, whose DKIM signature of a domain passes. */
static enum mf_verdict
judge(struct mf_fake *f, const char *from, const char *signer)
{
	mf_fake_mail(f, "<a@envelope.example>", NULL);
	if (signer)
		put(f, "dkim", "pass", "header.d", signer);
	mf_fake_header(f, "From", from);
	return mf_fake_message(f);
}

static void
assert_result(struct mf_fake *f, size_t n, const char *value, const char *from)
{
	assert_string_equal(mf_fake_result(f, "dmarc", n), value);
	if (from)
		assert_string_equal(mf_fake_property(f, "dmarc", n, "header.from"), from);
	else
		assert_null(mf_fake_property(f, "dmarc", n, "header.from"));
}

/* ---- results ---- */

static void
an_aligned_signature_passes(void **state)
{
	struct mf_fake *f = begin("honour");

	(void)state;
	assert_int_equal(judge(f, " x@a.reject.example", "b.reject.example"), MF_CONTINUE);
	assert_result(f, 0, "pass", "a.reject.example");
	assert_string_equal(mf_fake_property(f, "dmarc", 0, "policy.dmarc"), "reject");
	assert_string_equal(mf_fake_property(f, "dmarc", 0, "policy.record-domain"),
	    "reject.example");
	assert_string_equal(mf_fake_property(f, "dmarc", 0, "policy.aligned-dkim"),
	    "b.reject.example");
	assert_null(mf_fake_property(f, "dmarc", 0, "policy.applied-disposition"));
	assert_int_equal(judge(f, " x@none.example", "none.example"), MF_CONTINUE);
	assert_result(f, 0, "none", "none.example");
	mf_fake_destroy(&f);
}

/* SPF of an address, of a domain, and of HELO where there is no sender. */
static void
an_aligned_sender_passes(void **state)
{
	struct mf_fake *f = begin("honour");

	(void)state;
	mf_fake_mail(f, "<a@Reject.example>", NULL);
	put(f, "spf", "pass", "smtp.mailfrom", "a@Reject.example");
	mf_fake_header(f, "from", " x@reject.example");
	assert_int_equal(mf_fake_message(f), MF_CONTINUE);
	assert_result(f, 0, "pass", "reject.example");
	assert_string_equal(mf_fake_property(f, "dmarc", 0, "policy.aligned-spf"),
	    "reject.example");
	mf_fake_mail(f, "<a@reject.example>", NULL);
	put(f, "spf", "pass", "smtp.helo", "reject.example");
	put(f, "spf", "fail", "smtp.mailfrom", "reject.example");
	mf_fake_header(f, "From ", " x@reject.example");
	assert_int_equal(mf_fake_message(f), MF_REJECT);
	mf_fake_mail(f, "<>", NULL);
	put(f, "spf", "pass", "smtp.helo", "reject.example");
	mf_fake_header(f, "From", " x@reject.example");
	assert_int_equal(mf_fake_message(f), MF_CONTINUE);
	assert_result(f, 0, "pass", "reject.example");
	mf_fake_destroy(&f);
}

static void
policies_are_applied_as_configured(void **state)
{
	static const struct {
		const char *policy, *from;
		enum mf_verdict verdict;
		bool held;
		const char *disposition, *override;
	} cases[] = {
		{ "report", " x@reject.example", MF_CONTINUE, false, "none", "local_policy" },
		{ "quarantine", " x@reject.example", MF_CONTINUE, true, "quarantine",
		    "local_policy" },
		{ "honour", " x@reject.example", MF_REJECT, false, "reject", NULL },
		{ "honour", " x@quarantine.example", MF_CONTINUE, true, "quarantine", NULL },
		{ "honour", " x@a.quarantine.example", MF_CONTINUE, false, "none", NULL },
		{ "honour", " x@testing.example", MF_CONTINUE, true, "quarantine",
		    "policy_test_mode" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mf_fake *f = begin(cases[i].policy);
		const char *override;

		assert_int_equal(judge(f, cases[i].from, "other.example"), cases[i].verdict);
		assert_string_equal(mf_fake_result(f, "dmarc", 0), "fail");
		assert_int_equal(f->mail.quarantine != NULL, cases[i].held);
		assert_string_equal(mf_fake_property(f, "dmarc", 0, "policy.applied-disposition"),
		    cases[i].disposition);
		override = mf_fake_property(f, "dmarc", 0, "policy.override-reason");
		assert_string_equal(override ? override : "",
		    cases[i].override ? cases[i].override : "");
		mf_fake_destroy(&f);
	}
}

static void
a_refusal_names_the_domain(void **state)
{
	struct mf_fake *f = begin("honour");

	(void)state;
	judge(f, " x@reject.example", NULL);
	assert_int_equal(f->reply_code, 550);
	assert_string_equal(f->reply_enhanced, "5.7.1");
	assert_string_equal(f->reply_text, "Email rejected per DMARC policy for reject.example");
	mf_fake_destroy(&f);
}

static void
a_quarantine_may_be_a_mark(void **state)
{
	struct mf_fake *f = begin("honour");

	(void)state;
	mf_fake_set(f, "quarantine", "mark");
	assert_int_equal(judge(f, " x@quarantine.example", NULL), MF_CONTINUE);
	assert_null(f->mail.quarantine);
	assert_int_equal(f->uses, 0);
	assert_string_equal(mf_fake_property(f, "dmarc", 0, "policy.applied-disposition"),
	    "quarantine");
	mf_fake_destroy(&f);
}

static void
overrides_are_looked_at_in_order(void **state)
{
	struct mf_fake *f = begin("honour");
	struct override *first = mf_fake_block(f, "override");
	struct override *second = mf_fake_block(f, "override");

	(void)state;
	*first = (struct override){ .name = "never", .when = mf_fake_condition(f, false) };
	*second = (struct override){ .name = "lists", .when = mf_fake_condition(f, true),
		.type = 1, .disposition = 1 };
	assert_int_equal(judge(f, " x@reject.example", NULL), MF_CONTINUE);
	assert_string_equal(f->mail.quarantine, "DMARC policy of reject.example");
	assert_string_equal(mf_fake_property(f, "dmarc", 0, "policy.override-reason"),
	    "mailing_list");
	assert_string_equal(f->rules, "lists test:1\n");
	second->disposition = 0;
	assert_int_equal(judge(f, " x@reject.example", NULL), MF_CONTINUE);
	assert_null(f->mail.quarantine);
	mf_fake_destroy(&f);
}

/* ---- From ---- */

static void
several_domains_are_each_checked(void **state)
{
	struct mf_fake *f = begin("honour");

	(void)state;
	assert_int_equal(judge(f, " a@none.example, b@reject.example, c@quarantine.example",
	    "none.example"), MF_REJECT);
	assert_result(f, 0, "none", "none.example");
	assert_result(f, 1, "fail", "reject.example");
	assert_result(f, 2, "fail", "quarantine.example");
	assert_string_equal(f->reply_text, "Email rejected per DMARC policy for reject.example");
	mf_fake_destroy(&f);
}

static enum mf_verdict
judge_two_fields(struct mf_fake *f)
{
	mf_fake_mail(f, "<a@envelope.example>", NULL);
	put(f, "dkim", "pass", "header.d", "none.example");
	mf_fake_header(f, "From", " a@none.example");
	mf_fake_header(f, "FROM", " b@reject.example");
	return mf_fake_message(f);
}

static void
several_fields_are_each_checked(void **state)
{
	struct mf_fake *f = begin("honour");

	(void)state;
	assert_int_equal(judge_two_fields(f), MF_REJECT);
	assert_result(f, 0, "permerror", NULL);
	assert_result(f, 2, "fail", "reject.example");
	mf_fake_destroy(&f);
	f = begin("report");
	assert_int_equal(judge_two_fields(f), MF_CONTINUE);
	mf_fake_destroy(&f);
	f = begin("report");
	mf_fake_set(f, "bad-from", "reject");
	assert_int_equal(judge_two_fields(f), MF_REJECT);
	assert_string_equal(f->reply_text,
	    "Email rejected for DMARC: there are several From fields");
	mf_fake_destroy(&f);
	f = begin("report");
	mf_fake_set(f, "bad-from", "quarantine");
	assert_int_equal(judge_two_fields(f), MF_CONTINUE);
	assert_string_equal(f->mail.quarantine, "DMARC: there are several From fields");
	mf_fake_destroy(&f);
}

static void
assert_bad_from(const char *from, const char *expected)
{
	struct mf_fake *f = begin("honour");

	mf_fake_set(f, "bad-from", "reject");
	mf_fake_mail(f, "<a@envelope.example>", NULL);
	if (from)
		mf_fake_header(f, "From", from);
	assert_int_equal(mf_fake_message(f), MF_REJECT);
	assert_string_equal(mf_fake_result(f, "dmarc", 0), "permerror");
	assert_string_equal(((struct mf_result *)f->results.items[0])->reason, expected);
	mf_fake_destroy(&f);
}

static void
bad_from_fields_are_told(void **state)
{
	(void)state;
	assert_bad_from(NULL, "there is no From field");
	assert_bad_from(" nobody", "From has no domain");
	assert_bad_from(" undisclosed:;", "From has no domain");
	assert_bad_from(" a@a.example,a@b.example,a@c.example,a@d.example",
	    "From has too many domains");
}

/* The filter is scoped by what is known late: then the fields are read at the end. */
static void
fields_are_found_late_too(void **state)
{
	struct mf_fake *f = begin("honour");

	(void)state;
	f->first_stage = MF_STAGE_EOH;
	assert_int_equal(judge(f, " x@reject.example", NULL), MF_REJECT);
	assert_int_equal(f->stages, MF_AT(MF_STAGE_MESSAGE));
	mf_fake_destroy(&f);
}

static void
a_dns_that_is_silent_is_a_temporary_error(void **state)
{
	struct mf_fake *f = begin("honour");

	(void)state;
	assert_int_equal(judge(f, " x@slow.example", "slow.example"), MF_CONTINUE);
	assert_result(f, 0, "temperror", "slow.example");
	mf_fake_destroy(&f);
	f = begin("honour");
	mf_fake_set(f, "temperror", "tempfail");
	assert_int_equal(judge(f, " x@slow.example", NULL), MF_TEMPFAIL);
	assert_int_equal(f->reply_code, 451);
	mf_fake_destroy(&f);
}

static void
a_signature_in_doubt_is_no_failure(void **state)
{
	struct mf_fake *f = begin("honour");

	(void)state;
	mf_fake_mail(f, "<a@envelope.example>", NULL);
	put(f, "dkim", "temperror", "header.d", "reject.example");
	mf_fake_header(f, "From", " x@reject.example");
	assert_int_equal(mf_fake_message(f), MF_CONTINUE);
	assert_result(f, 0, "temperror", "reject.example");
	mf_fake_destroy(&f);
}

/* ---- the file for reports ---- */

static char folder[] = "/tmp/dmarc_plugin_test.XXXXXX";

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int
remove_folder(void **state)
{
	char command[sizeof(folder) + 16];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	return system(command);
}

static const char *
in_folder(const char *name)
{
	static char path[sizeof(folder) + 64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static size_t
read_file(const char *path, char *text, size_t size)
{
	FILE *file = fopen(path, "r");
	size_t length = file ? fread(text, 1, size - 1, file) : 0;

	text[length] = '\0';
	if (file)
		fclose(file);
	return length;
}

static void
a_check_is_a_line(void **state)
{
	struct mf_fake *f = begin("honour");
	char text[4096];

	(void)state;
	mf_fake_set(f, "report-file", in_folder("line"));
	mf_fake_connect(f, "x.example", "192.0.2.1");
	mf_fake_mail(f, "<a@envelope.example>", NULL);
	mf_fake_rcpt(f, "<b@here.example>", NULL);
	put(f, "spf", "pass", "smtp.mailfrom", "envelope.example");
	put(f, "dkim", "fail", "header.d", "other.example");
	mf_fake_header(f, "From", " x@a.testing.example");
	mf_fake_message(f);
	read_file(in_folder("line"), text, sizeof(text));
	assert_string_equal(text, "{\"version\":1,\"time\":1700000000,\"session\":\"fake-1\","
	    "\"queue_id\":\"4FAKE00001\",\"source_ip\":\"192.0.2.1\","
	    "\"envelope_from\":\"envelope.example\",\"envelope_to\":\"here.example\","
	    "\"header_from\":\"a.testing.example\",\"record\":{\"domain\":\"testing.example\","
	    "\"p\":\"reject\",\"adkim\":\"r\",\"aspf\":\"r\",\"t\":\"y\",\"psd\":\"u\","
	    "\"fo\":\"0\",\"rua\":[\"mailto:a@testing.example\",\"mailto:b@x.example\"]},"
	    "\"result\":\"fail\",\"policy_tag\":\"p\",\"policy\":\"quarantine\","
	    "\"disposition\":\"quarantine\",\"dkim\":\"fail\",\"spf\":\"fail\","
	    "\"reasons\":[{\"type\":\"policy_test_mode\"}],"
	    "\"auth_dkim\":[{\"domain\":\"other.example\",\"result\":\"fail\"}],"
	    "\"auth_spf\":[{\"domain\":\"envelope.example\",\"scope\":\"mfrom\","
	    "\"result\":\"pass\"}]}\n");
	judge(f, " x@none.example", NULL);
	assert_int_equal(read_file(in_folder("line"), text, sizeof(text)), strlen(text));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	mf_fake_destroy(&f);
}

static void
paths_are_checked(void **state)
{
	(void)state;
	assert_string_equal(report_file_wrong("x"), "expected an absolute path");
	assert_string_equal(report_file_wrong("/tmp/"), "expected the path of a file");
	assert_string_equal(report_file_wrong("/nonexistent/x"), "its folder does not exist");
	assert_null(report_file_wrong(in_folder("x")));
}

static void
a_failure_is_told_once(void **state)
{
	const struct report_file_limits limits = { 1 << 20, 3600, 2 };
	struct report_file *file = report_file_create("/proc/self/mem/x", &limits);

	(void)state;
	assert_non_null(report_file_write(file, "a\n", 2));
	assert_null(report_file_write(file, "a\n", 2));
	report_file_destroy(&file);
	assert_null(file);
}

static void
old_files_are_renamed(void **state)
{
	const struct report_file_limits limits = { 10, 3600, 2 };
	struct report_file *file = report_file_create(in_folder("old"), &limits);
	char text[64];
	size_t i;
	static const char *const lines[] = { "first\n", "second\n", "third\n", "fourth\n" };

	(void)state;
	for (i = 0; i < 4; i++)
		assert_null(report_file_write(file, lines[i], strlen(lines[i])));
	read_file(in_folder("old"), text, sizeof(text));
	assert_string_equal(text, "fourth\n");
	read_file(in_folder("old.1"), text, sizeof(text));
	assert_string_equal(text, "third\n");
	read_file(in_folder("old.2"), text, sizeof(text));
	assert_string_equal(text, "second\n");
	assert_int_not_equal(access(in_folder("old.3"), F_OK), 0);
	report_file_destroy(&file);
}

/* The lock's time is that of the last renaming. */
static void
files_are_renamed_by_age(void **state)
{
	const struct report_file_limits limits = { 1 << 20, 3600, 2 };
	struct report_file *file = report_file_create(in_folder("age"), &limits);
	const struct timespec long_ago[2] = { { 1000000, 0 }, { 1000000, 0 } };
	char text[64];

	(void)state;
	assert_null(report_file_write(file, "a\n", 2));
	assert_null(report_file_write(file, "b\n", 2));
	assert_int_equal(utimensat(AT_FDCWD, in_folder("age.lock"), long_ago, 0), 0);
	assert_null(report_file_write(file, "c\n", 2));
	assert_null(report_file_write(file, "d\n", 2));
	read_file(in_folder("age"), text, sizeof(text));
	assert_string_equal(text, "c\nd\n");
	read_file(in_folder("age.1"), text, sizeof(text));
	assert_string_equal(text, "a\nb\n");
	report_file_destroy(&file);
}

#define WRITERS	6
#define LINES	400

static void
write_many(const struct report_file_limits *limits, int writer)
{
	struct report_file *file = report_file_create(in_folder("many"), limits);
	char line[200];
	int i;

	for (i = 0; i < LINES; i++) {
		int length = snprintf(line, sizeof(line), "%d %d %0150d\n", writer, i, i);

		if (report_file_write(file, line, (size_t)length))
			_exit(1);
	}
	report_file_destroy(&file);
	_exit(0);
}

/* Counts the lines of a file, all of which are whole. */
static size_t
count_whole(const char *path, bool seen[WRITERS][LINES])
{
	FILE *file = fopen(path, "r");
	char line[400];
	size_t count = 0;
	int writer, i, again;

	while (file && fgets(line, sizeof(line), file)) {
		assert_int_equal(sscanf(line, "%d %d %d\n", &writer, &i, &again), 3);
		assert_int_equal(i, again);
		assert_false(seen[writer][i]);
		seen[writer][i] = true;
		count++;
	}
	if (file)
		fclose(file);
	return count;
}

static void
processes_write_beside_each_other(void **state)
{
	const struct report_file_limits limits = { 8192, 3600, 500 };
	static bool seen[WRITERS][LINES];
	size_t count, i;
	int writer, status;
	char name[32];

	(void)state;
	for (writer = 0; writer < WRITERS; writer++)
		if (fork() == 0)
			write_many(&limits, writer);
	for (writer = 0; writer < WRITERS; writer++) {
		wait(&status);
		assert_int_equal(status, 0);
	}
	count = count_whole(in_folder("many"), seen);
	for (i = 1; i < 500; i++) {
		snprintf(name, sizeof(name), "many.%zu", i);
		count += count_whole(in_folder(name), seen);
	}
	assert_int_equal(count, WRITERS * LINES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_aligned_signature_passes),
		cmocka_unit_test(an_aligned_sender_passes),
		cmocka_unit_test(policies_are_applied_as_configured),
		cmocka_unit_test(a_refusal_names_the_domain),
		cmocka_unit_test(a_quarantine_may_be_a_mark),
		cmocka_unit_test(overrides_are_looked_at_in_order),
		cmocka_unit_test(several_domains_are_each_checked),
		cmocka_unit_test(several_fields_are_each_checked),
		cmocka_unit_test(bad_from_fields_are_told),
		cmocka_unit_test(fields_are_found_late_too),
		cmocka_unit_test(a_dns_that_is_silent_is_a_temporary_error),
		cmocka_unit_test(a_signature_in_doubt_is_no_failure),
		cmocka_unit_test(a_check_is_a_line),
		cmocka_unit_test(paths_are_checked),
		cmocka_unit_test(a_failure_is_told_once),
		cmocka_unit_test(old_files_are_renamed),
		cmocka_unit_test(files_are_renamed_by_age),
		cmocka_unit_test(processes_write_beside_each_other),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

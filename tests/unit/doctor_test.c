/* SPDX-License-Identifier: BSD-2-Clause */
/* What filterd doctor reads of MTAs and prints; tests/doctor has what it makes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "filterd/doctor/finding.h"
#include "filterd/doctor/postconf.h"
#include "filterd/doctor/program.h"
#include "filterd/doctor/reach.h"
#include "filterd/doctor/sendmail_cf.h"
#include "filterd/doctor/site.h"

static int
make_arena(void **state)
{
	*state = arena_create(0, 0);
	return 0;
}

static int
drop_arena(void **state)
{
	struct arena *arena = *state;

	arena_destroy(&arena);
	return 0;
}

/* ---- sockets ---- */

struct socket_case {
	const char *text, *path, *host, *port;	/* all NULL: a problem */
};

static const struct socket_case postfix_sockets[] = {
	{ "unix:a/b", "a/b", NULL, NULL },
	{ "local:/a", "/a", NULL, NULL },
	{ "inet:localhost:25", NULL, "localhost", "25" },
	{ "inet:[::1]:smtp", NULL, "::1", "smtp" },
	{ "unix:", NULL, NULL, NULL },
	{ "inet:25@localhost", NULL, NULL, NULL },
	{ "inet:localhost", NULL, NULL, NULL },
	{ "inet::25", NULL, NULL, NULL },
	{ "inet6:::1:25", NULL, NULL, NULL },
	{ "/a", NULL, NULL, NULL },
	{ "", NULL, NULL, NULL },
};

static const struct socket_case sendmail_sockets[] = {
	{ "unix:/a", "/a", NULL, NULL },
	{ "local:/a", "/a", NULL, NULL },
	{ "/a", "/a", NULL, NULL },
	{ "inet:25@localhost", NULL, "localhost", "25" },
	{ "inet6:25@[::1]", NULL, "::1", "25" },
	{ "inet6:25@::1", NULL, "::1", "25" },
	{ "inet:localhost:25", NULL, NULL, NULL },
	{ "inet:@localhost", NULL, NULL, NULL },
	{ "inet:25@", NULL, NULL, NULL },
	{ "tcp:25@localhost", NULL, NULL, NULL },
	{ "", NULL, NULL, NULL },
};

static void
assert_text(const char *found, const char *expected)
{
	if (expected)
		assert_string_equal(found, expected);
	else
		assert_null(found);
}

static void
assert_socket(const struct endpoint *found, const struct socket_case *expected)
{
	bool good = expected->path || expected->host;

	assert_string_equal(found->text, expected->text);
	assert_text(found->path, expected->path);
	assert_text(found->host, expected->host);
	assert_text(found->port, expected->port);
	assert_int_equal(found->problem == NULL, good);
}

static void
sockets_are_read(void **state)
{
	struct endpoint endpoint;
	size_t i;

	for (i = 0; i < sizeof(postfix_sockets) / sizeof(postfix_sockets[0]); i++) {
		endpoint_of_postfix(&endpoint, postfix_sockets[i].text, *state);
		assert_socket(&endpoint, &postfix_sockets[i]);
	}
	for (i = 0; i < sizeof(sendmail_sockets) / sizeof(sendmail_sockets[0]); i++) {
		endpoint_of_sendmail(&endpoint, sendmail_sockets[i].text, *state);
		assert_socket(&endpoint, &sendmail_sockets[i]);
	}
}

static void
lists_are_read_and_written(void **state)
{
	static const char text[] = "unix:a, { inet:h:1, connect_timeout = 2s,protocol=6 "
	    "{ default_action = accept } x=y},,inet:h:2";
	struct milter_entry *entries;
	size_t count;

	entries = milter_list_parse(text, &count, *state);
	assert_int_equal(count, 3);
	assert_string_equal(entries[0].endpoint.path, "a");
	assert_null(entries[0].own[MILTER_PROTOCOL]);
	assert_string_equal(entries[1].endpoint.port, "1");
	assert_string_equal(entries[1].own[MILTER_PROTOCOL], "6");
	assert_string_equal(entries[1].own[MILTER_DEFAULT_ACTION], "accept");
	assert_null(entries[1].own[MILTER_COMMAND_TIMEOUT]);
	assert_string_equal(entries[2].endpoint.port, "2");
	assert_string_equal(milter_list_write(entries, count, 0, NULL, MILTER_PROTOCOL, "6",
	    *state),
	    "{ unix:a, protocol=6 }, { inet:h:1, connect_timeout = 2s,protocol=6 "
	    "{ default_action = accept } x=y}, inet:h:2");
	assert_string_equal(
	    milter_list_write(entries, count, 1, "unix:b", MILTER_PROTOCOL, "4", *state),
	    "unix:a, { unix:b, default_action=accept, protocol=4 }, inet:h:2");
	assert_string_equal(
	    milter_list_write(entries, count, 2, "unix:b", MILTER_SETTINGS, NULL, *state) +
	    strlen("unix:a, ") + strlen(entries[1].source), ", unix:b");
	milter_list_parse(" ,\t", &count, *state);
	assert_int_equal(count, 0);
}

static void
times_are_read(void **state)
{
	int64_t time;

	(void)state;
	assert_true(mta_time_parse("30", &time) && time == 30000);
	assert_true(mta_time_parse("5m", &time) && time == 300000);
	assert_true(mta_time_parse("1H30m2s", &time) && time == 5402000);
	assert_true(mta_time_parse("1d", &time) && time == 86400000);
	assert_true(mta_time_parse("2w", &time) && time == 2 * 7 * 86400000ll);
	assert_false(mta_time_parse("", &time));
	assert_false(mta_time_parse("s", &time));
	assert_false(mta_time_parse("5x", &time));
	assert_false(mta_time_parse("-5", &time));
	assert_false(mta_time_parse("10001w", &time));
	assert_false(mta_time_parse("10000w1s", &time));
	assert_false(mta_time_parse("9999999999", &time));
}

/* ---- MTAs ---- */

static void
postconf_is_read(void **state)
{
	struct postfix postfix;

	postfix_read(&postfix,
	    STR("compatibility_level = 3.6\nname = a = b\nempty =\nnonsense\nlast = 1"),
	    STR("smtp inet n - y - - smtpd -v\n127.0.0.1:25 inet n - - - - /x/smtpd\ntoo few\n"),
	    STR("smtp/inet/name = own\n127.0.0.1:25/inet/empty = x\n"), *state);
	assert_int_equal(postfix.service_count, 2);
	assert_string_equal(postfix.services[0].label, "smtp/inet");
	assert_string_equal(postfix.services[0].command, "smtpd");
	assert_true(postfix.services[0].chroot);
	assert_false(postfix.services[1].chroot);
	assert_string_equal(postfix_value(&postfix, NULL, "name"), "a = b");
	assert_string_equal(postfix_value(&postfix, NULL, "last"), "1");
	assert_string_equal(postfix_value(&postfix, NULL, "nonsense"), "");
	assert_string_equal(postfix_value(&postfix, &postfix.services[0], "name"), "own");
	assert_string_equal(postfix_value(&postfix, &postfix.services[0], "last"), "1");
	assert_string_equal(postfix_value(&postfix, &postfix.services[1], "empty"), "x");
	assert_true(postfix_overrides(&postfix, &postfix.services[0], "name"));
	assert_false(postfix_overrides(&postfix, &postfix.services[1], "name"));
	postfix_read(&postfix, STR(""), STR("smtp inet n - - - - smtpd\n"), STR(""), *state);
	assert_true(postfix.services[0].chroot);
}

static void
sendmail_cf_is_read(void **state)
{
	struct sendmail sendmail;

	sendmail_read(&sendmail, STR("# X is a comment\nDZ8.17.1.9/Debian\n"
	    "O InputMailFilters=one,\n\ttwo\nO DaemonPortOptions=Name=MTA, I=two;three\r\n"
	    "O DaemonPortOptions=Port=25\nO inputmailfilters = last\nOQ/old\n"
	    "Xone, S=unix:/a, F=T,\n T=C:5m;S:1s;R:2s;E:3s\nX\nXtwo\n"), *state);
	assert_int_equal(sendmail.major, 8);
	assert_int_equal(sendmail.minor, 17);
	assert_string_equal(sendmail_option(&sendmail, "InputMailFilters"), "last");
	assert_string_equal(sendmail.options[0].value, "one,\n\ttwo");
	assert_string_equal(sendmail_option(&sendmail, "none"), "");
	assert_int_equal(sendmail.daemon_count, 2);
	assert_string_equal(sendmail.daemons[0].name, "MTA");
	assert_string_equal(sendmail.daemons[0].filters, "two;three");
	assert_string_equal(sendmail.daemons[1].name, "daemon 2");
	assert_null(sendmail.daemons[1].filters);
	assert_int_equal(sendmail.filter_count, 2);
	assert_string_equal(sendmail.filters[0].name, "one");
	assert_string_equal(sendmail.filters[0].endpoint.path, "/a");
	assert_int_equal(sendmail.filters[0].action, 'T');
	assert_string_equal(sendmail.filters[0].connect, "5m");
	assert_string_equal(sendmail.filters[0].reply, "2s");
	assert_string_equal(sendmail.filters[0].end, "3s");
	assert_non_null(sendmail.filters[1].endpoint.problem);
	assert_int_equal(sendmail.filters[1].action, 0);
	assert_true(sendmail_list_has("a, b;c", "b", false));
	assert_true(sendmail_list_has("a,B", "b", true));
	assert_false(sendmail_list_has("a,B", "b", false));
	assert_false(sendmail_list_has("ab", "a", false));
}

static void
chains_are_read(void **state)
{
	struct listener_settings settings[2] = { { .name = "one" }, { .name = "two" } };
	struct site_listener listeners[2] = { { .settings = &settings[0] },
		{ .settings = &settings[1] } };
	struct site site = { .listeners = listeners, .count = 2 };

	site_read_chains(&site, STR("two 1 10000 20000 slow i {if_addr}\nthree 1 1 1 x\n\none 0\n"
	    "one 0 5 5 -"), *state);
	assert_true(listeners[1].live);
	assert_int_equal(listeners[1].longest, 10000);
	assert_int_equal(listeners[1].total, 20000);
	assert_string_equal(listeners[1].slowest, "slow");
	assert_string_equal(listeners[1].macros[0], "i");
	assert_string_equal(listeners[1].macros[1], "{if_addr}");
	assert_null(listeners[1].macros[2]);
	assert_false(listeners[0].live);
	assert_string_equal(listeners[0].slowest, "");
	assert_null(listeners[0].macros[0]);
}

/* ---- findings ---- */

static void
findings_are_printed_worst_first(void **state)
{
	struct findings findings = { .arena = *state };
	const struct finding note = { .severity = SEVERITY_NOTE, .name = "b", .what = "w\033[2J" };
	struct buffer text = { 0 };

	finding_add(&findings, &note);
	finding_add(&findings, &(struct finding){ .severity = SEVERITY_ERROR, .name = "a",
		.what = "it \"is\"", .why = "so", .file = "f", .put = "one\ntwo" });
	finding_add(&findings, &note);
	findings_text(&findings, &text);
	assert_string_equal(text.data, "error a: it \"is\"\n  so\n  in f\n      one\n      two\n\n"
	    "note b: w?[2J\n\nerrors: 1, warnings: 0, notes: 1\n");
	text.length = 0;
	findings_json(&findings, &text);
	assert_string_equal(text.data, "[{\"severity\":\"error\",\"name\":\"a\",\"what\":"
	    "\"it \\\"is\\\"\",\"why\":\"so\",\"file\":\"f\",\"put\":\"one\\ntwo\"},"
	    "{\"severity\":\"note\",\"name\":\"b\",\"what\":\"w\\u001b[2J\",\"why\":null,"
	    "\"file\":null,\"put\":null}]");
	buffer_free(&text);
}

/* ---- ways to sockets ---- */

static void
bits_are_those_of_owner_group_or_others(void **state)
{
	const struct who who = { .user = 5, .group = 6, .groups = { 6, 7 }, .group_count = 2 };
	const struct who root = { .user = 0 };

	(void)state;
	assert_true(who_may(&who, 5, 1, 0200, 2));
	assert_false(who_may(&who, 5, 7, 0077, 2));	/* the owner's bits alone count for it */
	assert_true(who_may(&who, 1, 7, 0020, 2));
	assert_false(who_may(&who, 1, 7, 0702, 2));
	assert_true(who_may(&who, 1, 1, 0002, 2));
	assert_false(who_may(&who, 1, 1, 0770, 2));
	assert_true(who_may(&root, 1, 1, 0, 7));
}

static void
make_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(strlen(path) < sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
}

static void
obstacles_are_found(void **state)
{
	/* nobody's numbers: neither owner nor group of anything here */
	const struct who who = { .user = 54321, .group = 54321, .groups = { 54321 },
		.group_count = 1 };
	char folder[] = "/tmp/filterd-doctor-XXXXXX", path[PATH_MAX], found[PATH_MAX];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	make_socket(path);
	chmod(folder, 0711);
	chmod(path, 0666);
	assert_int_equal(reach_socket(&who, "", path, found), REACH_GOOD);
	assert_int_equal(reach_socket(&who, folder, "socket", found), REACH_GOOD);
	assert_int_equal(reach_socket(&who, folder, "/socket", found), REACH_GOOD);
	chmod(path, 0660);
	assert_int_equal(reach_socket(&who, "", path, found), REACH_REFUSED);
	assert_string_equal(found, path);
	assert_int_equal(reach_socket(&who, folder, "none", found), REACH_NO_SOCKET);
	assert_int_equal(reach_socket(&who, folder, "none/socket", found), REACH_NO_FOLDER);
	assert_int_equal(reach_socket(&who, folder, "socket/x", found), REACH_NO_FOLDER);
	chmod(folder, 0700);
	assert_int_equal(reach_socket(&who, "", path, found), REACH_CLOSED);
	assert_string_equal(found, folder);
	unlink(path);
	assert_int_equal(close(open(path, O_CREAT | O_WRONLY, 0600)), 0);
	chmod(folder, 0711);
	assert_int_equal(reach_socket(&who, "", path, found), REACH_NOT_A_SOCKET);
	unlink(path);
	rmdir(folder);
}

static void
a_path_too_long_leads_nowhere(void **state)
{
	const struct who root = { .user = 0 };
	char path[2 * PATH_MAX], found[PATH_MAX];

	(void)state;
	memset(path, 'a', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(reach_socket(&root, "/tmp", path, found), REACH_NO_FOLDER);
	assert_int_equal(strlen(found), PATH_MAX - 1);
}

/* ---- programs ---- */

static void
programs_are_run(void **state)
{
	struct buffer output = { 0 }, problem = { 0 };

	(void)state;
	assert_true(program_exists("sh"));
	assert_false(program_exists("no-such-program-anywhere"));
	assert_true(program_run((const char *[]){ "sh", "-c", "echo out; echo err >&2; cat", NULL },
	    &output, &problem));
	assert_string_equal(buffer_text(&output), "out\n");
	assert_int_equal(problem.length, 0);
	assert_false(program_run((const char *[]){ "sh", "-c", "echo why >&2; exit 3", NULL },
	    &output,
	    &problem));
	assert_string_equal(problem.data, "sh failed: why\n");
	problem.length = 0;
	assert_false(program_run((const char *[]){ "no-such-program-anywhere", NULL }, &output,
	    &problem));
	assert_non_null(strstr(problem.data, "no-such-program-anywhere cannot be run"));
	buffer_free(&output);
	buffer_free(&problem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(sockets_are_read, make_arena, drop_arena),
		cmocka_unit_test_setup_teardown(lists_are_read_and_written, make_arena, drop_arena),
		cmocka_unit_test(times_are_read),
		cmocka_unit_test_setup_teardown(postconf_is_read, make_arena, drop_arena),
		cmocka_unit_test_setup_teardown(sendmail_cf_is_read, make_arena, drop_arena),
		cmocka_unit_test_setup_teardown(chains_are_read, make_arena, drop_arena),
		cmocka_unit_test_setup_teardown(findings_are_printed_worst_first, make_arena,
		    drop_arena),
		cmocka_unit_test(bits_are_those_of_owner_group_or_others),
		cmocka_unit_test(obstacles_are_found),
		cmocka_unit_test(a_path_too_long_leads_nowhere),
		cmocka_unit_test(programs_are_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
